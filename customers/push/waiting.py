"""Events that wait, and whose turn it is. One worker at a time works for a CRM, under a lease that ends by itself."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import SystemRandom

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from customers.models import CrmEvent, CrmPush

LEASE = timedelta(seconds=120)
"""Longer than the one question that is asked between two renewals."""

DELAYS = (2.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0)
"""Seconds after each try that the CRM did not answer; then the nightly sync is left to find it."""

KEPT_FOR = timedelta(days=7)
"""How long what is done is remembered: a CRM does not repeat an event after days."""

PRUNED_AT_ONCE = 5000

_random = SystemRandom()


class LeaseLost(Exception):
    """Somebody else works for this CRM now: what was being written must not be."""


def due(now: datetime) -> list[int]:
    """The CRMs that have events waiting, are not held, and have nobody working for them."""
    free = Q(busy_until__isnull=True) | Q(busy_until__lte=now)
    waiting = CrmEvent.objects.filter(state=CrmEvent.State.WAITING, due_at__lte=now).values("push")
    is_open = CrmPush.objects.filter(free, held_since__isnull=True, is_enabled=True, connection__is_enabled=True)
    return list(is_open.filter(pk__in=waiting).values_list("pk", flat=True))


def claim(push_id: int) -> CrmPush | None:
    """The CRM, ours for the length of a lease; None when somebody else has it."""
    now = timezone.now()
    free = CrmPush.objects.filter(Q(busy_until__isnull=True) | Q(busy_until__lte=now), pk=push_id)
    until = now + LEASE
    if not free.update(busy_until=until):
        return None
    return CrmPush.objects.select_related("connection").filter(pk=push_id, busy_until=until).first()


def renew(push: CrmPush) -> None:
    """Hold the CRM for another lease. Raises LeaseLost."""
    until = timezone.now() + LEASE
    if not _ours(push).update(busy_until=until):
        raise LeaseLost
    push.busy_until = until


def fence(push: CrmPush) -> None:
    """First of all in a transaction: nobody else may have taken over before it ends. Raises LeaseLost."""
    if not _ours(push).update(busy_until=push.busy_until):
        raise LeaseLost


def release(push: CrmPush) -> None:
    """Let somebody else go on."""
    _ours(push).update(busy_until=None)


def _ours(push: CrmPush) -> QuerySet[CrmPush]:
    return CrmPush.objects.filter(pk=push.pk, busy_until=push.busy_until)


def next_events(push: CrmPush, limit: int) -> list[CrmEvent]:
    """The events that are due, the one that happened first first."""
    waiting = push.events.filter(state=CrmEvent.State.WAITING, due_at__lte=timezone.now())
    events = list(waiting.order_by("due_at", "pk")[:limit])
    # What has failed before comes alone: it takes no others with it.
    return [event for event in events if event.attempts == 0] or events[:1]


def finish(events: Iterable[CrmEvent], state: str, error: str = "") -> None:
    """End these events."""
    ids = [event.pk for event in events]
    waiting = CrmEvent.objects.filter(pk__in=ids, state=CrmEvent.State.WAITING)
    waiting.update(state=state, error=error[:200], attempts=F("attempts") + 1, finished_at=timezone.now())


def put_off(push: CrmPush, event: CrmEvent, error: str, asked_for: float | None) -> None:
    """The CRM could not be asked: leave it in peace for a while, with everything that waits for it."""
    if event.attempts >= len(DELAYS):
        finish([event], CrmEvent.State.FAILED, error)
        return
    longest = DELAYS[event.attempts]
    # Jitter: several connections to one CRM should not come back at the same moment.
    wait = timedelta(seconds=max(_random.uniform(longest * 0.75, longest * 1.25), asked_for or 0.0))
    until = timezone.now() + wait
    push.events.filter(state=CrmEvent.State.WAITING, due_at__lt=until).update(due_at=until)
    CrmEvent.objects.filter(pk=event.pk).update(attempts=F("attempts") + 1, error=error[:200])


def put_aside(events: Iterable[CrmEvent], error: str) -> None:
    """Something of ours broke down over these: each is tried again, alone, and given up in the end."""
    for event in events:
        if event.attempts >= len(DELAYS):
            finish([event], CrmEvent.State.FAILED, error)
            continue
        until = timezone.now() + timedelta(seconds=DELAYS[event.attempts])
        CrmEvent.objects.filter(pk=event.pk).update(attempts=F("attempts") + 1, due_at=until, error=error[:200])


def prune(now: datetime) -> int:
    """Forget what was done long ago; how many."""
    old = CrmEvent.objects.filter(finished_at__lt=now - KEPT_FOR).order_by().values_list("pk", flat=True)
    keys = list(old[:PRUNED_AT_ONCE])
    CrmEvent.objects.filter(pk__in=keys).delete()
    return len(keys)
