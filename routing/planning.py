"""Releases that go live at a time, and back at another. Celery's beat looks every few seconds what is due.

A plan changes what it was to change when it was planned, and takes just that back at its end: what somebody publishes
in between stays. Only where he has changed the same thing it is not done; Home says so, and somebody looks again.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contactcenter.foundation.logs import logger
from contactcenter.foundation.translating import listed
from routing import picking, publishing
from routing.differences import title_of
from routing.document import Document, canonical
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
    """The plans with something ahead, the next one first. Their documents are read when asked for."""
    waiting = PlannedRelease.objects.filter(state__in=(State.WAITING, State.LIVE)).defer("document")
    return waiting.order_by("starts_at")


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
        if problem := _problem(step, plan, now):
            plan.state, plan.problem = State.FAILED, problem[:300]
            log.error("plan_not_carried_out", plan=plan.pk)
        plan.save(update_fields=["state", "problem", "release"])
        return True


def _problem(step: Callable[[PlannedRelease, datetime], None], plan: PlannedRelease, now: datetime) -> str:
    """Carry out `step`; why it cannot be done, in words, or "" when it is done."""
    try:
        step(plan, now)
    except publishing.NotPublishable as refusal:
        return " ".join(problem.message for problem in refusal.problems)
    except (_Refused, ReleaseError) as refusal:
        return str(refusal)
    return ""


def _begin(plan: PlannedRelease, now: datetime) -> None:
    if plan.ends_at and plan.ends_at <= now:
        raise _Refused(_("Its end came before it could begin: nobody was there to publish it in time."))
    document = _moved(publishing.contents(_release(plan.based_on)), json.loads(plan.document))
    try:
        plan.release = publishing.publish_document(canonical(document), plan.note, plan.planned_by).number
    except publishing.NothingToPublish as refusal:
        raise _Refused(_("It is what is live already.")) from refusal
    plan.state = State.LIVE if plan.ends_at else State.DONE


def _end(plan: PlannedRelease, _now: datetime) -> None:
    begun = _release(plan.release)
    before = _release(begun.number - 1) if begun else None
    if begun is None or before is None:
        raise _Refused(_("There was no release before it to go back to."))
    note = (_("End of: %(note)s") % {"note": plan.note})[:200]
    with suppress(publishing.NothingToPublish):  # somebody rolled it back already
        if publishing.live() == begun:
            publishing.roll_back(before, note, plan.planned_by)
        else:
            document = _moved(publishing.contents(begun), publishing.contents(before) or {})
            publishing.publish_document(canonical(document), note, plan.planned_by, rolled_back_from=before.number)
    plan.state = State.DONE


def _release(number: int | None) -> Release | None:
    return Release.objects.filter(number=number or 0).first()


def _moved(old: Document | None, new: Document) -> Document:
    """What is live, with what changes from `old` to `new`."""
    live = publishing.live()
    before = publishing.contents(live)
    document, in_its_way = picking.moved(before, old, new)
    if in_its_way and live is not None:
        message = _(
            "%(things)s changed meanwhile, with release %(number)s of %(when)s at the latest. Please look again."
        )
        words = {
            "things": listed(title_of(thing, before, new) for thing in in_its_way),
            "number": live.number,
            "when": date_format(timezone.localtime(live.published_at), "DATETIME_FORMAT"),
        }
        raise _Refused(message % words)
    return document


_STEPS: dict[State, Callable[[PlannedRelease, datetime], None]] = {State.WAITING: _begin, State.LIVE: _end}
