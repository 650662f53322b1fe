"""Reads the records that a CRM's events are about, and applies them by the sync's own means.

All that is pushed within an hour is one run of its own kind, so that what moved a customer can be looked
up. Each batch is one transaction; no transaction is open while the CRM is asked.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from time import monotonic

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.foundation.logs import logger
from customers import applying, identity, judging, staging, tiering
from customers.crm.mapping import BadMapping, Mappings
from customers.models import CrmEvent, CrmPush, ExternalIdentity, StagedRecord, SyncRun, TierChange
from customers.push import waiting
from customers.push.reading import Batch, read
from customers.reading import mappings_of

MOST_MOVES = 500
"""Customers who may change tier within a minute because a CRM says so; beyond it a person has to look."""

WINDOW = timedelta(seconds=60)
FREE_FOR = timedelta(hours=1)
"""How long a person's word that this many are right holds."""

RECORDS_AT_ONCE = 20
State = CrmEvent.State

log = logger(__name__)


class TooManyMoves(Exception):
    """More customers would change tier within a minute than a CRM may move unasked."""


def sweep(seconds: float) -> int:
    """Work for every CRM that has events waiting, for at most so many seconds; how many events were ended."""
    ends_at, ended = monotonic() + seconds, 0
    for push_id in waiting.due(timezone.now()):
        push = waiting.claim(push_id)
        if push is not None:
            ended += _work(push, ends_at)
    return ended


def _work(push: CrmPush, ends_at: float) -> int:
    ended = 0
    try:
        mappings = mappings_of(push.connection)
        while monotonic() < ends_at and (events := waiting.next_events(push, RECORDS_AT_ONCE)):
            batch = read(push, events)
            ended += _apply_or_put_aside(push, batch, mappings)
    except waiting.LeaseLost:
        log.warning("crm_push_fenced_out", push=push.pk)
        return ended
    except TooManyMoves:
        log.warning("crm_push_held", push=push.pk)
        CrmPush.objects.filter(pk=push.pk).update(held_since=timezone.now())
    except BadMapping as error:
        log.warning("crm_push_failed", push=push.pk, reason="mapping")
        waiting.finish(events_of(push), State.FAILED, str(error))
    waiting.release(push)
    return ended


def _apply_or_put_aside(push: CrmPush, batch: Batch, mappings: Mappings) -> int:
    """How many events were ended."""
    try:
        _apply(push, batch, mappings)
    except (waiting.LeaseLost, TooManyMoves):
        raise
    except Exception as error:  # noqa: BLE001 - whatever a record breaks, those of the other customers must go on
        log.error("crm_push_broke_down", push=push.pk, reason=type(error).__name__)
        waiting.put_aside(
            batch.events, _("We could not apply the record. Ask your administrator for the worker's log.")
        )
        return 0
    return len(batch.events)


def events_of(push: CrmPush) -> list[CrmEvent]:
    """Everything that waits for this CRM."""
    return list(push.events.filter(state=State.WAITING))


def _apply(push: CrmPush, batch: Batch, mappings: Mappings) -> None:
    """Apply what was read, all or nothing. Raises LeaseLost, TooManyMoves."""
    if not batch.events:
        return
    with transaction.atomic():
        waiting.fence(push)
        run = _run_of_the_hour(push)
        tally = staging.stage(run, batch.records, mappings, batch.gone)
        tiering.assign_those_read(run)
        _hold_back(push, run)
        rows = list(run.staged.filter(operation__in=StagedRecord.APPLIED).order_by("pk"))
        counters = {**tally.counters(), **applying.apply(run, rows)}
        counters["unchanged"] += tally.unchanged
        SyncRun.objects.filter(pk=run.pk).update(**{name: F(name) + number for name, number in counters.items()})
        _overtake(run)
        refused = run.staged.filter(operation=StagedRecord.Operation.REJECT)
        rejected = set(refused.values_list("external_id", flat=True))
        run.staged.all().delete()
        _merge(push, batch.merges)
        waiting.finish([one for one in batch.events if one.external_id not in rejected], State.APPLIED)
        set_aside = _("The record was set aside: see the rows set aside.")
        waiting.finish([one for one in batch.events if one.external_id in rejected], State.FAILED, set_aside)


def _run_of_the_hour(push: CrmPush) -> SyncRun:
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    defaults = {
        "state": SyncRun.State.PUSHED,
        "trigger": SyncRun.Trigger.PUSH,
        "since": hour,
        "upper_bound": hour + timedelta(hours=1),
        "finished_at": now,
    }
    slot = f"push {hour:%Y-%m-%dT%H}"
    run, _made = SyncRun.objects.get_or_create(connection=push.connection, slot=slot, defaults=defaults)
    return run


def _hold_back(push: CrmPush, run: SyncRun) -> None:
    """Raises TooManyMoves when this batch would move more customers than a CRM may within a minute."""
    now = timezone.now()
    if push.free_until is not None and push.free_until > now:
        return
    moves = run.staged.filter(judging.MOVES, customer__isnull=False).count()
    runs = SyncRun.objects.filter(connection=push.connection, state=SyncRun.State.PUSHED, finished_at__isnull=False)
    recent = runs.filter(upper_bound__gt=now - WINDOW).order_by().values("pk")
    moved = TierChange.objects.filter(run__in=recent, changed_at__gt=now - WINDOW)[: MOST_MOVES + 1].count()
    if moves and moved + moves > MOST_MOVES:
        raise TooManyMoves


def _overtake(run: SyncRun) -> None:
    """What another run has staged of these customers is older than what has just been read."""
    ids = list(run.staged.values_list("external_id", flat=True))
    others = SyncRun.objects.filter(connection_id=run.connection_id, state__in=(*SyncRun.UNFINISHED, "held"))
    older = StagedRecord.objects.filter(run__in=others, external_id__in=ids, operation__in=StagedRecord.APPLIED)
    older.update(operation=StagedRecord.Operation.UNCHANGED)


def _merge(push: CrmPush, merges: Iterable[CrmEvent]) -> None:
    """Let the customers be one that the CRM has made one, if we know both."""
    for event in merges:
        wanted = (event.external_id, event.into)
        known = ExternalIdentity.objects.filter(connection_id=push.connection_id, external_id__in=wanted)
        customers = {each.external_id: each.customer for each in known.select_related("customer")}
        if len(customers) == 2:
            with suppress(identity.CannotMerge):  # they are one already, the other way round
                identity.merge(customers[event.into], customers[event.external_id], "crm", "")


def let_go(pushes: Iterable[CrmPush]) -> None:
    """A person has looked: apply what is held, for a while without the limit."""
    for push in pushes:
        CrmPush.objects.filter(pk=push.pk).update(held_since=None, free_until=timezone.now() + FREE_FOR)


def drop(pushes: Iterable[CrmPush]) -> int:
    """A person has looked: forget what is held, the nightly sync brings what is true; how many events."""
    dropped = 0
    for push in pushes:
        waiting = push.events.filter(state=State.WAITING)
        dropped += waiting.update(state=State.IGNORED, finished_at=timezone.now())
        CrmPush.objects.filter(pk=push.pk).update(held_since=None)
    return dropped
