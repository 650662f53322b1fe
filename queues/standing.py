"""How a queue stands at a moment, for people: open or closed, why, and what comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from queues import calendars, switches
from queues.models import Calendar, Queue, Switch


@dataclass(frozen=True)
class Standing:
    """Whether contacts are let in, in words, and the switch behind it if there is one."""

    is_open: bool
    words: str
    switch: Switch | None

    @property
    def is_switched_closed(self) -> bool:
        return self.switch is not None and self.switch.kind == switches.CLOSE


def standing(queue: Queue, now: datetime) -> Standing:
    """How `queue` stands at `now`."""
    return standings([queue], now)[queue.pk]


def standings(queues: Iterable[Queue], now: datetime) -> dict[int, Standing]:
    """How each of `queues` stands at `now`, by its primary key; a switch counts more than the hours."""
    held = {switch.subject: switch for switch in switches.in_force(now) if switch.kind in switches.OF_A_QUEUE}
    return {
        queue.pk: _by_switch(held[queue.slug], zone_of(queue)) if queue.slug in held else by_hours(queue, now)
        for queue in queues
    }


def by_hours(queue: Queue, now: datetime) -> Standing:
    """How `queue` stands at `now` by its opening hours alone."""
    if queue.calendar is None:
        return Standing(True, _("Open: it has no opening hours."), None)
    hours = compiled(queue.calendar)
    if calendars.is_open(hours, now):
        return Standing(True, _("Open by its opening hours."), None)
    opening = calendars.next_opening(hours, now)
    if opening is None:
        return Standing(False, _("Closed by its opening hours; they never open again."), None)
    words = _("Closed by its opening hours until %(moment)s.") % {"moment": said(opening, hours.zone)}
    return Standing(False, words, None)


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
    return f"{date_format(moment.astimezone(zone), 'l j F, H:i')} ({zone})"


def zone_of(queue: Queue | None) -> tzinfo:
    """The time zone of the people who keep the queue; the portal's own when nobody said."""
    return ZoneInfo(queue.calendar.time_zone) if queue and queue.calendar else timezone.get_default_timezone()


def end_of_day(now: datetime, zone: tzinfo) -> datetime:
    """Midnight at the end of `now`'s day in `zone`."""
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time.min, zone)


def compiled(calendar: Calendar) -> calendars.Calendar:
    """The stored calendar in the form in which decisions read it."""
    hours = [
        {"weekday": row.weekday, "opens": row.opens.isoformat(), "closes": row.closes.isoformat()}
        for row in calendar.hours.all()
    ]
    exceptions = [
        {"label": row.label, "first_day": row.first_day.isoformat(), "last_day": row.last_day.isoformat()}
        | ({"opens": row.opens.isoformat(), "closes": row.closes.isoformat()} if row.opens and row.closes else {})
        for row in calendar.exceptions.all()
    ]
    return calendars.compile_calendar({"time_zone": calendar.time_zone, "hours": hours, "exceptions": exceptions})
