"""What is old is forgotten: each night, in small transactions, until the time is up; the rest when asked again.

Tables that only grow at one end are read from the other, by primary key, until a batch has nothing old in it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Max, QuerySet
from django.utils import timezone

from contactcenter.accounts.models import AccessLink
from contactcenter.audit.followed import FOLLOWED
from contactcenter.foundation.logs import logger
from customers.models import (
    Erasure,
    RejectedRow,
    RetentionMark,
    StagedRecord,
    SyncRun,
    TierChange,
    TierOverride,
)
from queues.models import Switch
from routing import blocking, pilots
from routing.models import BlockedCaller, ContactEvent, Conversation, Decision, InboundMessage, Notification, Pilot
from routing.privacy.retention import forget_callers

log = logger(__name__)

BATCH = 1000
ERASURES_KNOWN_FOR = timedelta(days=30)
"""So long it is known whom an erasure was about: a decide host that was away for longer begins anew."""

CALLERS, CALLERS_DAYS = "callers", "CALLERS_KEPT_DAYS"


@dataclass(frozen=True)
class Old:
    """Rows of one table that go when `moment` is more than `days` ago; 0 days: never."""

    rows: Callable[[], "QuerySet[Any]"]
    moment: str
    days: str


BY_AGE = (
    Old(lambda: Decision.objects.all(), "decided_at", "DECISIONS_KEPT_DAYS"),
    Old(lambda: ContactEvent.objects.all(), "happened_at", "DECISIONS_KEPT_DAYS"),
    Old(lambda: Notification.objects.exclude(state="waiting"), "created_at", "MESSAGES_KEPT_DAYS"),
    Old(lambda: InboundMessage.objects.exclude(state="waiting"), "received_at", "MESSAGES_KEPT_DAYS"),
    Old(lambda: Conversation.objects.all(), "last_message_at", "MESSAGES_KEPT_DAYS"),
    Old(lambda: TierOverride.objects.exclude(ends_at=None), "ends_at", "HISTORY_KEPT_DAYS"),
    Old(lambda: Switch.objects.exclude(ended_at=None), "ended_at", "HISTORY_KEPT_DAYS"),
    Old(lambda: BlockedCaller.objects.exclude(until=None), "until", "HISTORY_KEPT_DAYS"),
    Old(lambda: Pilot.objects.all(), "until", "HISTORY_KEPT_DAYS"),
    Old(lambda: TierChange.objects.all(), "changed_at", "HISTORY_KEPT_DAYS"),
    Old(lambda: LogEntry.objects.all(), "action_time", "HISTORY_KEPT_DAYS"),
    Old(lambda: AccessLink.objects.all(), "made_at", "HISTORY_KEPT_DAYS"),
    *(Old(each.history.all, "history_date", "HISTORY_KEPT_DAYS") for each in FOLLOWED),
    Old(lambda: SyncRun.objects.exclude(pk__in=_still_needed()), "created_at", "HISTORY_KEPT_DAYS"),
)
OF_RUNS = ((StagedRecord, "STAGED_KEPT_DAYS"), (RejectedRow, "REJECTS_KEPT_DAYS"))


def forget(deadline: float, now: datetime | None = None) -> bool:
    """Forget what is old until `deadline` (monotonic): whether nothing old is left."""
    total, is_all = 0, True
    for done in _steps(now or timezone.now()):
        total += done
        if monotonic() >= deadline:
            is_all = False
            break
    log.info("old_rows_forgotten", rows=total, all=is_all)
    return is_all


def _steps(now: datetime) -> Iterator[int]:
    """One small piece of work after the other: how many rows each was."""
    for lists in (blocking, pilots):
        lists.clear_hosts(now)
    yield from _callers(now)
    for model, days in OF_RUNS:
        if before := _before(now, days):
            yield from _of_runs(model, before)
    for old in BY_AGE:
        if before := _before(now, old.days):
            yield from _by_age(old, before)
    yield Session.objects.filter(expire_date__lt=now).delete()[0]
    yield (
        Erasure.objects.exclude(identifiers="")
        .exclude(finished_at=None)
        .filter(created_at__lt=now - ERASURES_KNOWN_FOR)
        .update(identifiers="")
    )


def _before(now: datetime, days: str) -> datetime | None:
    kept: int = getattr(settings, days)
    return now - timedelta(days=kept) if kept else None


def _callers(now: datetime) -> Iterator[int]:
    before = _before(now, CALLERS_DAYS)
    if before is None:
        return
    since = RetentionMark.objects.filter(job=CALLERS).values_list("until", flat=True).first()
    while True:
        done, since = forget_callers(since, before)
        RetentionMark.objects.update_or_create(job=CALLERS, defaults={"until": since or before})
        yield done
        if since is None:
            return


def _of_runs(model: type[StagedRecord] | type[RejectedRow], before: datetime) -> Iterator[int]:
    """Rows have no time of their own; a run that has not ended keeps its own."""
    runs = SyncRun.objects.filter(created_at__lt=before).exclude(state__in=SyncRun.UNFINISHED)
    for run in runs.order_by("pk").values_list("pk", flat=True):
        while keys := list(model._default_manager.filter(run=run).order_by().values_list("pk", flat=True)[:BATCH]):
            yield model._default_manager.filter(pk__in=keys).delete()[0]


def _by_age(old: Old, before: datetime) -> Iterator[int]:
    rows = old.rows().order_by("pk")
    kept: list[Any] = []
    while True:
        batch = dict(rows.exclude(pk__in=kept).values_list("pk", old.moment)[:BATCH])
        gone = [pk for pk, moment in batch.items() if moment < before]
        if not gone:
            return
        kept += [pk for pk in batch if pk not in gone]
        yield rows.model._default_manager.filter(pk__in=gone).delete()[0]


def _still_needed() -> list[int]:
    """The latest run of each connection and the latest that succeeded: the next one goes on from there."""
    latest = SyncRun.objects.order_by().values("connection").annotate(last=Max("pk"))
    done = latest.filter(state__in=[SyncRun.State.SUCCEEDED, SyncRun.State.PARTIAL])
    return [*latest.values_list("last", flat=True), *done.values_list("last", flat=True)]
