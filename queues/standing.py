"""How a queue stands at a moment, for people: open or closed, why, and what comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from queues import calendars, switches
from queues.models import Calendar, Queue, QueueState, Switch
from queues.state import Statistics


@dataclass(frozen=True)
class Standing:
    """Whether contacts are let in, in words, and the switch behind it if there is one."""

    is_open: bool
    words: str
    switch: Switch | None = None

    @property
    def is_switched_closed(self) -> bool:
        return self.switch is not None and self.switch.kind == switches.CLOSE


def standing(queue: Queue, now: datetime) -> Standing:
    """How `queue` stands at `now`."""
    return standings([queue], now)[queue.pk]


def standings(queues: Iterable[Queue], now: datetime) -> dict[int, Standing]:
    """How each of `queues` stands at `now`, by its primary key. A switch counts more than hours and agents."""
    queues = list(queues)
    held = {switch.subject: switch for switch in switches.in_force(now) if switch.is_of_a_queue}
    states = {state.queue_id: state for state in QueueState.objects.filter(queue__in=queues)}
    return {
        queue.pk: _by_switch(held[queue.slug], zone_of(queue))
        if queue.slug in held
        else _by_agents(queue, states.get(queue.pk), now) or by_hours(queue, now)
        for queue in queues
    }


def by_hours(queue: Queue, now: datetime) -> Standing:
    """How `queue` stands at `now` by its opening hours alone."""
    if queue.calendar is None:
        return Standing(True, _("Open: it has no opening hours."))
    return by_calendar(queue.calendar, now)


def by_calendar(calendar: Calendar, now: datetime) -> Standing:
    """How whatever follows `calendar` stands at `now`, and what comes next."""
    hours = compiled(calendar)
    if calendars.is_open(hours, now):
        closing = calendars.next_closing(hours, now)
        words = _("Open by its opening hours until %(moment)s.") if closing else _("Open by its opening hours: always.")
        return Standing(True, words % {"moment": said(closing, hours.zone) if closing else ""})
    opening = calendars.next_opening(hours, now)
    if opening is None:
        return Standing(False, _("Closed by its opening hours; they never open again."))
    return Standing(False, _("Closed by its opening hours until %(moment)s.") % {"moment": said(opening, hours.zone)})


def fresh(state: QueueState | None, now: datetime) -> Statistics | None:
    """What the phone system says of a queue, unless it said it too long ago to be believed."""
    if state is None:
        return None
    said_by_it = Statistics(state.as_of, state.statistics, timedelta(seconds=settings.STATISTICS_STALE_AFTER_S))
    return said_by_it if said_by_it.fresh(now) else None


def _by_agents(queue: Queue, state: QueueState | None, now: datetime) -> Standing | None:
    """Closed because the phone system says that nobody is logged in; None when that is not why."""
    known = fresh(state, now)
    if known is None or not queue.closed_without_agents or known.numbers.get("agents_logged_in") != 0:
        return None
    hours = by_hours(queue, now)
    return Standing(False, _("Closed: the phone system says that nobody is logged in.")) if hours.is_open else hours


def _by_switch(switch: Switch, zone: tzinfo) -> Standing:
    return Standing(switch.kind == switches.OPEN, _switched(switch, zone), switch)


def _switched(switch: Switch, zone: tzinfo) -> str:
    if switch.kind == switches.CLOSE:
        words = _("Closed by hand until %(moment)s: %(reason)s")
        endless = _("Closed by hand until somebody reopens it: %(reason)s")
    else:
        words = _("Opened by hand until %(moment)s: %(reason)s")
        endless = _("Opened by hand until somebody ends it: %(reason)s")
    if switch.until is None:
        return endless % {"reason": switch.reason}
    return words % {"moment": said(switch.until, zone), "reason": switch.reason}


def said(moment: datetime, zone: tzinfo) -> str:
    """`moment` as people of that zone say it, and which zone: Monday 23 November, 09:00 (Europe/Rome)."""
    clock = date_format(moment.astimezone(zone), pgettext("format of a date", "l j F, H:i"))
    return f"{clock} ({zone})"


def zone_of(queue: Queue | None) -> tzinfo:
    """The time zone of the people who keep the queue; the portal's own when nobody said."""
    return zone_of_calendar(queue.calendar if queue else None)


def zone_of_calendar(calendar: Calendar | None) -> tzinfo:
    """The calendar's own zone; the portal's without one."""
    return ZoneInfo(calendar.time_zone) if calendar else timezone.get_default_timezone()


def look_up_names(held: Iterable[Switch]) -> None:
    """Lets each switch on a queue say the queue's name: one question for all of them."""
    of_queues = [switch for switch in held if switch.is_of_a_queue]
    slugs = {switch.subject for switch in of_queues}
    names = dict(Queue.objects.filter(slug__in=slugs).values_list("slug", "name")) if slugs else {}
    for switch in of_queues:
        switch.subject_name = names.get(switch.subject, "")


def zones_of_switches(held: Iterable[Switch]) -> dict[int, tzinfo]:
    """By primary key the zone in which each switch's end is said: that of the queue it is about."""
    zones = dict(Queue.objects.filter(calendar__isnull=False).values_list("slug", "calendar__time_zone"))
    slugs = {switch.pk: switch.target_queue.slug if switch.target_queue else switch.subject for switch in held}
    usual = timezone.get_default_timezone()
    return {pk: ZoneInfo(zones[slug]) if slug in zones else usual for pk, slug in slugs.items()}


def end_of_day(now: datetime, zone: tzinfo) -> datetime:
    """Midnight at the end of `now`'s day in `zone`."""
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time.min, zone)


def compiled(calendar: Calendar) -> calendars.Calendar:
    """The stored calendar in the form in which decisions read it."""
    hours = [{"weekday": row.weekday, **_hours(row.opens, row.closes)} for row in calendar.hours.all()]
    exceptions = [
        {
            "label": row.label,
            "kind": row.kind,
            "first_day": row.first_day.isoformat(),
            "last_day": row.last_day.isoformat(),
            **_hours(row.opens, row.closes),
        }
        for row in calendar.exceptions.all()
    ]
    return calendars.compile_calendar({"time_zone": calendar.time_zone, "hours": hours, "exceptions": exceptions})


def _hours(opens: time | None, closes: time | None) -> dict[str, str]:
    return {"opens": opens.isoformat(), "closes": closes.isoformat()} if opens and closes else {}
