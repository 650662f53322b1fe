"""Every queue at this moment: open or closed, who waits, how long it will take, agents for each caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contactcenter.foundation import teams
from queues.estimating import ESTIMATED
from queues.models import Queue
from queues.standing import Standing, fresh, standings, zone_of
from routing.reports.wording import UNKNOWN, seconds

MOST_QUEUES = 20


@dataclass(frozen=True)
class Row:
    """One queue, each of its cells in words."""

    queue: Queue
    standing: Standing
    waiting: str
    estimate: str
    ratio: str
    is_below_target: bool
    note: str
    switch_url: str

    @property
    def switch_label(self) -> str:
        if self.standing.is_open:
            return _("Close now")
        return _("Reopen") if self.standing.is_switched_closed else _("Open now")


@dataclass(frozen=True)
class QueuesNow:
    """The first queues in the order in which they are served, and how many there are beside them."""

    rows: list[Row]
    more: int


def queues_now(user: Any, now: datetime) -> QueuesNow:
    """How the queues stand at `now`. A fixed number of queries, however many queues there are."""
    seen = teams.visible(Queue.objects.all(), user)
    listed = seen.select_related("calendar", "state").prefetch_related("calendar__hours", "calendar__exceptions")
    shown = list(listed[:MOST_QUEUES])
    more = seen.count() - MOST_QUEUES if len(shown) == MOST_QUEUES else 0
    stands = standings(shown, now)
    may_switch = user.has_perm("queues.use_switch")
    rows = [
        _row(queue, stands[queue.pk], now, may_switch=may_switch and teams.may_touch(user, queue)) for queue in shown
    ]
    return QueuesNow(rows, more)


def _row(queue: Queue, standing: Standing, now: datetime, *, may_switch: bool) -> Row:
    state = getattr(queue, "state", None)
    known = fresh(state, now)
    numbers: Mapping[str, Any] = known.numbers if known else {}
    ratio = _ratio(numbers)
    return Row(
        queue=queue,
        standing=standing,
        waiting=str(numbers.get("waiting", UNKNOWN)),
        estimate=_estimate(numbers),
        ratio=_ratio_in_words(ratio, queue.agents_per_caller),
        is_below_target=ratio is not None and ratio < (queue.agents_per_caller or 0),
        note="" if known else _silence(queue, now),
        switch_url=_switch_url(queue, standing) if may_switch else "",
    )


def _silence(queue: Queue, now: datetime) -> str:
    """Since when the phone system has said nothing of this queue."""
    state = getattr(queue, "state", None)
    if state is None:
        return _("Nobody reports how many wait.")
    at = state.as_of.astimezone(zone_of(queue))
    is_today = at.date() == now.astimezone(at.tzinfo).date()
    written = "TIME_FORMAT" if is_today else "DATETIME_FORMAT"
    return _("Nothing reported since %(moment)s.") % {"moment": date_format(at, written)}


def _estimate(numbers: Mapping[str, Any]) -> str:
    told = seconds(numbers.get("estimated_wait_s"))
    if numbers.get("estimated_wait_origin") == ESTIMATED:
        return _("%(wait)s (our estimate)") % {"wait": told}
    return told


def _ratio(numbers: Mapping[str, Any]) -> float | None:
    """Agents logged in for each caller who waits; None where nobody waits, or nobody says."""
    agents, waiting = numbers.get("agents_logged_in"), numbers.get("waiting")
    return agents / waiting if agents is not None and waiting else None


def _ratio_in_words(real: float | None, target: float | None) -> str:
    words = {"real": UNKNOWN if real is None else floatformat(real, -2), "target": floatformat(target, -2)}
    return _("%(real)s (target %(target)s)") % words if target is not None else words["real"]


def _switch_url(queue: Queue, standing: Standing) -> str:
    verb = "close" if standing.is_open else "reopen"
    return reverse(f"admin:queues_queue_{verb}", args=[queue.pk])
