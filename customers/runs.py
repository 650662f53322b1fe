"""The life of a sync run in the database, which alone says what is to be done.

A step holds the run by a lease. Whatever it writes it writes only while the lease is still its own and
the run still at the page it thinks: a step that was taken for dead finds itself fenced out. That, and
not the broker, makes every page count once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any
from uuid import uuid4

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import SyncRun

STALE_S = 90.0
"""A run without a sign of life for so long has lost its worker or its message: a page takes at most 60 s."""

MOST_FAILURES = 8
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 300.0

State = SyncRun.State


class LeaseLost(Exception):
    """Somebody else works on this run now: what was being written must not be."""


def claim(run_id: int) -> SyncRun | None:
    """The run, held by a new lease; None when it is over, put off, or held by somebody else."""
    now = timezone.now()
    token = str(uuid4())
    free = _unfinished().filter(Q(not_before__isnull=True) | Q(not_before__lte=now), pk=run_id, lease_token="")
    if not free.update(lease_token=token, state=State.RUNNING, heartbeat_at=now, not_before=None):
        return None
    return SyncRun.objects.select_related("connection").filter(pk=run_id, lease_token=token).first()


def advance(run: SyncRun, cursor: str, anchor: str, expected: int | None) -> None:
    """Move the run one page on, first of all in the page's transaction. Raises LeaseLost."""
    known = {} if expected is None else {"expected": expected}
    _update(run, cursor=cursor, anchor_cursor=anchor, page_no=run.page_no + 1, failures=0, error="", **known)
    run.cursor, run.anchor_cursor, run.page_no, run.failures = cursor, anchor, run.page_no + 1, 0


def count(run: SyncRun, tally: Mapping[str, int]) -> None:
    """Add to the run's counters."""
    _update(run, **{name: F(name) + number for name, number in tally.items()})


def release(run: SyncRun) -> None:
    """Let the next step go on from here."""
    _update(run, lease_token="")


def finish(run: SyncRun, state: str, error: str = "") -> None:
    """End the run for good."""
    _update(run, state=state, error=error[:300], lease_token="", finished_at=timezone.now())


def put_off(run: SyncRun, error: str, retry_after: float | None) -> float | None:
    """Try this page again later: the seconds until then, or None when it has failed too often."""
    failures = run.failures + 1
    if failures >= MOST_FAILURES:
        finish(run, State.FAILED, error)
        return None
    pause = _pause(failures) if retry_after is None else retry_after
    not_before = timezone.now() + timedelta(seconds=pause)
    _update(run, state=State.WAITING, error=error[:300], failures=failures, not_before=not_before, lease_token="")
    return pause


def _pause(failures: int) -> float:
    # Jitter: several connections to one CRM should not come back at the same moment.
    longest = min(FIRST_PAUSE_S * 2.0 ** (failures - 1), LONGEST_PAUSE_S)
    return SystemRandom().uniform(longest / 2, longest)


def cancel(run: SyncRun) -> None:
    """End the run: at once when nobody works on it, else after the page in hand."""
    _unfinished().filter(pk=run.pk).update(cancel_requested=True)
    _end_cancelled()


def _end_cancelled() -> None:
    idle = _unfinished().filter(cancel_requested=True, lease_token="")
    idle.update(state=State.CANCELLED, finished_at=timezone.now())


def take_stale(stale_after: float = STALE_S) -> list[int]:
    """Runs that need to be woken up; those whose worker fell silent are taken from it, or fail after many times."""
    _end_cancelled()
    now = timezone.now()
    silent_since = now - timedelta(seconds=stale_after)
    stale = _stale(silent_since, now)
    lost = stale.exclude(lease_token="")
    lost.filter(failures__gte=MOST_FAILURES - 1).update(
        state=State.FAILED,
        lease_token="",
        finished_at=now,
        error=_("The sync stopped again and again at the same page. Ask your administrator for the worker's log."),
    )
    lost.update(lease_token="", failures=F("failures") + 1)
    run_ids = list(_stale(silent_since, now).values_list("pk", flat=True))
    _unfinished().filter(pk__in=run_ids, lease_token="").update(heartbeat_at=now)
    return run_ids


def _stale(silent_since: datetime, now: datetime) -> Any:
    due = Q(not_before__isnull=True) | Q(not_before__lte=now)
    return _unfinished().filter(due, heartbeat_at__lte=silent_since)


def _unfinished() -> Any:
    return SyncRun.objects.filter(state__in=SyncRun.UNFINISHED)


def _update(run: SyncRun, **fields: Any) -> None:
    mine = SyncRun.objects.filter(pk=run.pk, lease_token=run.lease_token, page_no=run.page_no)
    if mine.update(heartbeat_at=timezone.now(), **fields) != 1:
        raise LeaseLost
