"""Whether somebody is there at a moment, in the calendar's own time zone. Pure.

Hours are wall-clock hours, so summer time needs no care: 09:00 is 09:00 on the wall. A stretch that
closes at or before it opens runs past midnight and belongs to the day on which it opened; 00:00 to
00:00 is the whole day.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Stretch:
    """One open stretch of a day."""

    opens: time
    closes: time

    @property
    def overnight(self) -> bool:
        return self.closes <= self.opens


@dataclass(frozen=True)
class SpecialDays:
    """Days on which other hours hold; no stretch at all means closed."""

    label: str
    first_day: date
    last_day: date
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class Calendar:
    """Weekly hours (Monday is 0) in one zone, and the days that differ."""

    zone: ZoneInfo
    week: Mapping[int, tuple[Stretch, ...]]
    special_days: tuple[SpecialDays, ...] = ()


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the calendar is open at `at` (aware)."""
    local = at.astimezone(calendar.zone)
    clock = local.time()
    today = local.date()
    for stretch in stretches_on(calendar, today):
        if clock >= stretch.opens and (stretch.overnight or clock < stretch.closes):
            return True
    yesterday = stretches_on(calendar, today - timedelta(days=1))
    return any(stretch.overnight and clock < stretch.closes for stretch in yesterday)


def stretches_on(calendar: Calendar, day: date) -> Sequence[Stretch]:
    """The stretches that open on `day`; special days replace the weekly hours."""
    for special in calendar.special_days:
        if special.first_day <= day <= special.last_day:
            return special.stretches
    return calendar.week.get(day.weekday(), ())


def next_opening(calendar: Calendar, at: datetime, days: int = 400) -> datetime | None:
    """The next moment after `at` at which a stretch opens, in the calendar's zone; None within `days`."""
    return next((start for start in _openings(calendar, at, days) if start > at), None)


def _openings(calendar: Calendar, at: datetime, days: int) -> Iterator[datetime]:
    today = at.astimezone(calendar.zone).date()
    for offset in range(days):
        day = today + timedelta(days=offset)
        for stretch in sorted(stretches_on(calendar, day), key=lambda each: each.opens):
            yield datetime.combine(day, stretch.opens, calendar.zone)


def compile_calendar(entry: Mapping[str, Any]) -> Calendar:
    """A calendar of the release document. Raises ValueError or KeyError on what is no calendar."""
    week: dict[int, tuple[Stretch, ...]] = {}
    for hours in entry["hours"]:
        week[hours["weekday"]] = (*week.get(hours["weekday"], ()), _stretch(hours))
    special = tuple(
        SpecialDays(
            each["label"],
            date.fromisoformat(each["first_day"]),
            date.fromisoformat(each["last_day"]),
            (_stretch(each),) if "opens" in each else (),
        )
        for each in entry["exceptions"]
    )
    return Calendar(ZoneInfo(entry["time_zone"]), week, special)


def _stretch(entry: Mapping[str, Any]) -> Stretch:
    return Stretch(time.fromisoformat(entry["opens"]), time.fromisoformat(entry["closes"]))
