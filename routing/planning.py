"""Releases that go live at a time, and back at another. Celery's beat looks every few seconds what is due.

A plan holds the document as it was when it was planned. When somebody publishes in between, it is not done: it would
take back what he published. Home says so, and whoever planned it looks again.
"""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contactcenter.foundation.logs import logger
from routing import publishing
from routing.document import canonical
from routing.models import PlannedRelease, Release
from routing.release import ReleaseError

log = logger(__name__)

State = PlannedRelease.State


class _Refused(Exception):
    """The plan cannot be carried out; the text says why, in words."""


def plan(
    note: str,
    starts_at: datetime,
    ends_at: datetime | None,
    by: AbstractBaseUser | None,
    choice: publishing.Choice | None = None,
) -> PlannedRelease:
    """Put the draft as it is now, or what is ticked of it, down for `starts_at`.

    With `ends_at` what is live now comes back at that time. Raises as publishing at once would.
    """
    with publishing.one_at_a_time():
        document = publishing.ready(choice)
        before = publishing.live()
        return PlannedRelease.objects.create(
            document=canonical(document),
            note=note,
            starts_at=starts_at,
            ends_at=ends_at,
            based_on=before.number if before else None,
            planned_by_id=None if by is None else by.pk,
        )


def cancel(plan: PlannedRelease) -> bool:
    """Nothing will happen; a plan that is live stays live, without its end. False when it was done already."""
    ahead = PlannedRelease.objects.filter(pk=plan.pk, state__in=(State.WAITING, State.LIVE))
    return bool(ahead.update(state=State.CANCELLED))


def ahead() -> QuerySet[PlannedRelease]:
    """The plans with something ahead, the next one first."""
    return PlannedRelease.objects.filter(state__in=(State.WAITING, State.LIVE)).order_by("starts_at")


def carry_out(now: datetime | None = None) -> int:
    """Do what is due, the oldest first; how many plans moved on."""
    now = now or timezone.now()
    due = Q(state=State.WAITING, starts_at__lte=now) | Q(state=State.LIVE, ends_at__lte=now)
    plans = list(PlannedRelease.objects.filter(due).order_by("starts_at").values_list("pk", flat=True))
    return sum(_move_on(pk, now) for pk in plans)


def _move_on(pk: int, now: datetime) -> bool:
    with publishing.one_at_a_time():
        plan = PlannedRelease.objects.select_for_update().get(pk=pk)
        step = _STEPS.get(State(plan.state))
        if step is None:  # another worker did it, or somebody cancelled it
            return False
        try:
            step(plan, now)
        except _Refused as refusal:
            plan.state, plan.problem = State.FAILED, str(refusal)[:300]
            log.error("plan_not_carried_out", plan=plan.pk)
        plan.save(update_fields=["state", "problem", "release"])
        return True


def _begin(plan: PlannedRelease, now: datetime) -> None:
    if plan.ends_at and plan.ends_at <= now:
        raise _Refused(_("Its end came before it could begin: nobody was there to publish it in time."))
    _refuse_if_other(plan.based_on)
    try:
        plan.release = publishing.publish_document(plan.document, plan.note, plan.planned_by).number
    except publishing.NotPublishable as refusal:
        raise _Refused(" ".join(problem.message for problem in refusal.problems)) from refusal
    except ReleaseError as refusal:
        raise _Refused(str(refusal)) from refusal
    except publishing.NothingToPublish as refusal:
        raise _Refused(_("It is what is live already.")) from refusal
    plan.state = State.LIVE if plan.ends_at else State.DONE


def _end(plan: PlannedRelease, _now: datetime) -> None:
    _refuse_if_other(plan.release)
    before = Release.objects.filter(number=plan.based_on or 0).first()
    if before is None:
        raise _Refused(_("There was no release before it to go back to."))
    note = _("End of: %(note)s") % {"note": plan.note}
    publishing.roll_back(before, note[:200], plan.planned_by)
    plan.state = State.DONE


_STEPS: dict[State, Callable[[PlannedRelease, datetime], None]] = {State.WAITING: _begin, State.LIVE: _end}


def _refuse_if_other(expected: int | None) -> None:
    """Whatever was published in between must not be lost."""
    live = publishing.live()
    if (live.number if live else None) != expected and live is not None:
        message = _(
            "Release %(number)s was published meanwhile (%(when)s) and would have been lost. Please plan again."
        )
        when = date_format(timezone.localtime(live.published_at), "DATETIME_FORMAT")
        raise _Refused(message % {"number": live.number, "when": when})
