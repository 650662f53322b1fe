"""The life of a sync run in the database, which alone says what is to be done.

A step holds the run by a lease. Whatever it writes it writes only while the lease is still its own and
the run still at the page it thinks: a step that was taken for dead, or whose run was cancelled, finds
itself fenced out. That, and not the broker, makes every page count once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.foundation.noting import noted
from customers.models import SyncRun

STALE_S = 90.0
"""A run without a sign of life for so long has lost its worker or its message: a page takes at most 60 s."""

MOST_FAILURES = 24
"""Tries of a CRM that does not answer: some three hours, longer than a night's maintenance."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 900.0

RESTARTS_BEFORE_LESS = 5
"""Steps that may break down at one place before it is tried with fewer records at once."""

MOST_RESTARTS = 25
"""Then the run has failed: narrowing 5,000 records down to one takes twelve."""

RESUMABLE_FOR = timedelta(hours=24)
"""A CRM forgets its cursors, and what was staged is kept no longer."""

State, Phase = SyncRun.State, SyncRun.Phase


class LeaseLost(Exception):
    """Somebody else works on this run now, or nobody may any more: what was being written must not be."""


class NotPossible(Exception):
    """The run is not in a state for that; the text says so, for a supervisor."""


def claim(run_id: int) -> SyncRun | None:
    """The run, held by a new lease; None when it is over, put off, or held by somebody else."""
    now = timezone.now()
    token = str(uuid4())
    free = _unfinished().filter(Q(not_before__isnull=True) | Q(not_before__lte=now), pk=run_id, lease_token="")
    if not free.update(lease_token=token, state=State.RUNNING, heartbeat_at=now, not_before=None):
        return None
    return SyncRun.objects.select_related("connection").filter(pk=run_id, lease_token=token).first()


def as_it_is(run: SyncRun) -> SyncRun:
    """The run as the database has it, after a transaction that moved the one in hand was undone. Raises LeaseLost."""
    mine = SyncRun.objects.select_related("connection").filter(pk=run.pk, lease_token=run.lease_token).first()
    if mine is None:
        raise LeaseLost
    return mine


def advance(run: SyncRun, cursor: str, anchor: str, **fields: Any) -> None:
    """Move the run one page on, first of all in the page's transaction. Raises LeaseLost."""
    reached = {"cursor": cursor, "anchor_cursor": anchor, "page_no": run.page_no + 1, "page_offset": 0}
    _move(run, **reached, failures=0, restarts=0, most_at_once=None, error="", **fields)


def advance_within(run: SyncRun, records: int) -> None:
    """Move the run on by some records of the page in hand. Raises LeaseLost."""
    _move(run, page_offset=run.page_offset + records, **_after_less(run))


def checkpoint(run: SyncRun, applied_key: int) -> None:
    """Note how far the changes have been applied, first of all in their transaction. Raises LeaseLost."""
    _move(run, applied_key=applied_key, failures=0, **_after_less(run))


def _after_less(run: SyncRun) -> dict[str, Any]:
    if run.most_at_once == 0:  # what the sync broke down over is left out now: the rest may be taken as usual
        return {"most_at_once": None, "restarts": 0}
    # It went on from there: what ends it next has to do so twice at one place, or a worker that is often killed
    # would in the end leave a record out that has done nothing.
    return {"restarts": min(run.restarts, RESTARTS_BEFORE_LESS - 2)}


def enter(run: SyncRun, phase: str, **fields: Any) -> None:
    """Begin a phase of the run. Raises LeaseLost."""
    _move(run, phase=phase, phase_started_at=timezone.now(), restarts=0, most_at_once=None, **fields)


def beat(run: SyncRun) -> None:
    """Show a sign of life before something that takes a while. Raises LeaseLost."""
    _update(run)


def count(run: SyncRun, tally: Mapping[str, int]) -> None:
    """Add to the run's counters."""
    _update(run, **{name: F(name) + number for name, number in tally.items() if number})


def note(run: SyncRun, **fields: Any) -> None:
    """Remember something of the run, in the database and in hand."""
    _move(run, **fields)


def release(run: SyncRun) -> None:
    """Let the next step go on from here."""
    _update(run, lease_token="")


def finish(run: SyncRun, state: str, error: str = "") -> None:
    """End the run, for good unless a person resumes or approves it."""
    ended_at = None if state == State.HELD else timezone.now()
    _move(run, state=state, error=error[:300], finished_at=ended_at, lease_token="")


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


def broke_down(run: SyncRun, pause_s: float = 0.0) -> bool:
    """A step died over this place: whether it is tried again, after `pause_s`.

    After some tries that is with fewer records at once, in the end without the one that does it.
    """
    restarts = run.restarts + 1
    if restarts >= (RESTARTS_BEFORE_LESS if run.phase == Phase.JUDGING else MOST_RESTARTS):
        text = _("The sync broke down again and again at the same place. Ask your administrator for the worker's log.")
        finish(run, State.FAILED, text)
        return False
    not_before = timezone.now() + timedelta(seconds=pause_s) if pause_s else None
    _update(run, restarts=restarts, most_at_once=_fewer(run, restarts), not_before=not_before, lease_token="")
    return True


def _fewer(run: SyncRun, restarts: int) -> int | None:
    """Half as many records at once as before; 0 says that the next one alone does it and is left out."""
    if restarts < RESTARTS_BEFORE_LESS:
        return run.most_at_once
    before = run.connection.page_size if run.most_at_once is None else run.most_at_once
    return before // 2


def cancel(run: SyncRun) -> bool:
    """End the run at once; whether it had not ended yet. A step that is at it finds itself fenced out."""
    ended = {"state": State.CANCELLED, "lease_token": "", "cancel_requested": True, "finished_at": timezone.now()}
    return bool(_unfinished().filter(pk=run.pk).update(**ended))


def resume(run: SyncRun) -> None:
    """Let a run that failed or was cancelled go on from where it was. Raises NotPossible."""
    if not is_resumable(run):
        raise NotPossible(_("This sync cannot be resumed. Start a new one."))
    again = {"state": State.QUEUED, "error": "", "failures": 0, "restarts": 0, "most_at_once": None}
    again |= {"cancel_requested": False, "finished_at": None, "not_before": None, "heartbeat_at": timezone.now()}
    _reopen(SyncRun.objects.filter(pk=run.pk, state__in=(State.FAILED, State.CANCELLED)), again)


def is_resumable(run: SyncRun) -> bool:
    """Whether the run ended before its time, and nothing that it stands on has gone since."""
    if run.state not in (State.FAILED, State.CANCELLED) or timezone.now() - run.created_at > RESUMABLE_FOR:
        return False
    return not SyncRun.objects.filter(connection_id=run.connection_id, pk__gt=run.pk).exists()


def approve(run: SyncRun, by: int | None, reason: str) -> None:
    """Have exactly what was shown applied, after all. Raises NotPossible."""
    decided = {"decided_by_id": by, "decided_at": timezone.now(), "decision_reason": reason[:300]}
    again = {"state": State.QUEUED, "phase": Phase.APPLYING, "phase_started_at": timezone.now()}
    _reopen(_held(run), {**decided, **again, "heartbeat_at": timezone.now()})
    noted.send(SyncRun, action="approved", thing=run, user_id=by)


def decline(run: SyncRun, by: int | None, reason: str) -> None:
    """End a held run: nothing of it is applied. Raises NotPossible."""
    decided = {"decided_by_id": by, "decided_at": timezone.now(), "decision_reason": reason[:300]}
    _reopen(_held(run), {**decided, "state": State.DECLINED, "finished_at": timezone.now()})


def _held(run: SyncRun) -> QuerySet[SyncRun]:
    return SyncRun.objects.filter(pk=run.pk, state=State.HELD)


def _reopen(rows: QuerySet[SyncRun], fields: dict[str, Any]) -> None:
    try:
        with transaction.atomic():
            if not rows.update(**fields):
                raise NotPossible(_("Somebody was faster: look at the sync as it is now."))
    except IntegrityError:
        raise NotPossible(_("A sync of this CRM is running already.")) from None


def expire_held(connection_id: int) -> None:
    """What nobody has decided before the next run is not applied any more."""
    held = SyncRun.objects.filter(connection_id=connection_id, state=State.HELD)
    held.update(state=State.EXPIRED, finished_at=timezone.now())


def take_stale(stale_after: float = STALE_S) -> list[int]:
    """Runs that need to be woken up; those whose worker fell silent are taken from it."""
    now = timezone.now()
    silent_since = now - timedelta(seconds=stale_after)
    _unfinished().filter(cancel_requested=True, lease_token="").update(state=State.CANCELLED, finished_at=now)
    woken = [
        run.pk for run in _stale(silent_since, now).exclude(lease_token="").select_related("connection") if _lost(run)
    ]
    idle = list(_stale(silent_since, now).filter(lease_token="").values_list("pk", flat=True))
    _unfinished().filter(pk__in=idle, lease_token="").update(heartbeat_at=now)
    return woken + idle


def _lost(run: SyncRun) -> bool:
    """Take the run from a worker that fell silent; whether it is to be tried again."""
    try:
        return broke_down(run)
    except LeaseLost:
        return False  # it is alive after all


def _stale(silent_since: datetime, now: datetime) -> QuerySet[SyncRun]:
    # Whose pause is over need not fall silent first; once woken up it has a heartbeat after it.
    is_due = Q(not_before__lte=now) & (Q(heartbeat_at__lte=F("not_before")) | Q(heartbeat_at__lte=silent_since))
    return _unfinished().filter(is_due | Q(not_before__isnull=True, heartbeat_at__lte=silent_since))


def _unfinished() -> QuerySet[SyncRun]:
    return SyncRun.objects.filter(state__in=SyncRun.UNFINISHED)


def _move(run: SyncRun, **fields: Any) -> None:
    """Update the run, in the database and in hand."""
    _update(run, **fields)
    for name, value in fields.items():
        setattr(run, name, value)


def _update(run: SyncRun, **fields: Any) -> None:
    mine = SyncRun.objects.filter(pk=run.pk, lease_token=run.lease_token, page_no=run.page_no)
    if mine.update(heartbeat_at=timezone.now(), **fields) != 1:
        raise LeaseLost
