"""Whether somebody is there at a moment, in the calendar's own time zone. Pure.

Open is whenever the clock on the wall shows a time within the hours, so summer time needs no care: hours
that fall into the hour that a change leaves out do not happen on that day. A stretch that closes at or
before it opens runs past midnight and belongs to the day on which it opened; 00:00 to 00:00 is the whole day.

Of several special days that cover one day the shortest counts, and ours before a public holiday; those
that are alike count together, so that a special day may have two stretches.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

DAYS_AHEAD = 400
"""How far ahead an opening is looked for: a year, and what a holiday at its end may move."""

_REMEMBERED = 2_000
_DAY = timedelta(days=1)


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
    """Days on which other hours hold; no stretch at all means closed. Yearly ones hold in every year."""

    label: str
    first_day: date
    last_day: date
    stretches: tuple[Stretch, ...]
    yearly: bool = False
    public: bool = False

    @property
    def rank(self) -> tuple[int, bool]:
        """What counts first among those that cover a day: the shortest, and ours before a public holiday."""
        return (self.last_day - self.first_day).days, self.public

    def covers(self, day: date) -> bool:
        if not self.yearly:
            return self.first_day <= day <= self.last_day
        first, this, last = [(each.month, each.day) for each in (self.first_day, day, self.last_day)]
        return first <= this <= last if self.first_day.year == self.last_day.year else this >= first or this <= last


@dataclass(frozen=True)
class Calendar:
    """Weekly hours (Monday is 0) in one zone, and the days that differ."""

    zone: ZoneInfo
    week: Mapping[int, tuple[Stretch, ...]]
    special_days: tuple[SpecialDays, ...] = ()
    _found: dict[date, Sequence[Stretch]] = field(default_factory=dict, compare=False, repr=False)


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the calendar is open at `at` (aware)."""
    local = at.astimezone(calendar.zone)
    clock = local.time()
    today = local.date()
    for stretch in stretches_on(calendar, today):
        if clock >= stretch.opens and (stretch.overnight or clock < stretch.closes):
            return True
    return any(stretch.overnight and clock < stretch.closes for stretch in stretches_on(calendar, today - _DAY))


def stretches_on(calendar: Calendar, day: date) -> Sequence[Stretch]:
    """The stretches that open on `day`; special days replace the weekly hours."""
    found = calendar._found.get(day)
    if found is None:  # remembered, because a calendar with public holidays has dozens of special days
        if len(calendar._found) > _REMEMBERED:
            calendar._found.clear()
        found = calendar._found[day] = _stretches(calendar, day)
    return found


def _stretches(calendar: Calendar, day: date) -> Sequence[Stretch]:
    special = [each for each in calendar.special_days if each.covers(day)]
    if not special:
        return calendar.week.get(day.weekday(), ())
    first = min(each.rank for each in special)
    return [stretch for each in special if each.rank == first for stretch in each.stretches]


def next_opening(calendar: Calendar, at: datetime, days: int = DAYS_AHEAD) -> datetime | None:
    """The next moment after `at` at which it opens, in the calendar's zone; None when it does not within `days`."""
    return next((moment for moment, opens in changes(calendar, at, days) if opens), None)


def next_closing(calendar: Calendar, at: datetime, days: int = DAYS_AHEAD) -> datetime | None:
    """The next moment after `at` at which it closes, in the calendar's zone; None when it does not within `days`."""
    return next((moment for moment, opens in changes(calendar, at, days) if not opens), None)


def changes(calendar: Calendar, at: datetime, days: int = DAYS_AHEAD) -> Iterator[tuple[datetime, bool]]:
    """Every moment after `at` at which it opens (True) or closes (False), in the calendar's zone."""
    was_open = is_open(calendar, at)
    today = at.astimezone(calendar.zone).date()
    for offset in range(days):
        for moment in _edges(calendar, today + timedelta(days=offset)):
            if moment > at and is_open(calendar, moment) != was_open:
                was_open = not was_open
                yield moment.astimezone(calendar.zone), was_open


def _edges(calendar: Calendar, day: date) -> list[datetime]:
    """The moments of `day`, in UTC and in order, at which it may open or close."""
    today, yesterday = stretches_on(calendar, day), stretches_on(calendar, day - _DAY)
    clocks = {stretch.opens for stretch in today} | {stretch.closes for stretch in (*today, *yesterday)}
    # What the wall shows twice are two moments; what it leaves out is caught by the change itself.
    edges = {moment for clock in clocks for moment in _moments(calendar.zone, day, clock)}
    if changed := clock_change(calendar.zone, day):
        edges.add(changed)
    return sorted(edges)


@lru_cache(maxsize=_REMEMBERED)  # a year of days is asked for at every look at the publish page
def clock_change(zone: ZoneInfo, day: date) -> datetime | None:
    """The moment of `day`, in UTC, from which the clocks of `zone` go otherwise; None on nearly every day."""
    # Clocks may be changed at midnight itself, which is then a time that does not exist or comes twice.
    before, after = min(_moments(zone, day)), max(_moments(zone, day + _DAY))
    offset = before.astimezone(zone).utcoffset()
    if after.astimezone(zone).utcoffset() == offset:
        return None
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _moments(zone: ZoneInfo, day: date, clock: time = time.min) -> list[datetime]:
    """When the wall shows `clock` for the first and for the last time, in UTC; usually the same."""
    return [datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)]


def compile_calendar(entry: Mapping[str, Any]) -> Calendar:
    """A calendar of the release document. Raises ValueError or KeyError on what is no calendar."""
    week: dict[int, tuple[Stretch, ...]] = {}
    for hours in entry["hours"]:
        week[hours["weekday"]] = (*week.get(hours["weekday"], ()), _stretch(hours))
    special = tuple(_special_days(each) for each in entry["exceptions"] if each.get("kind") != WORKED)
    return Calendar(ZoneInfo(entry["time_zone"]), week, special)


YEARLY, PUBLIC, WORKED = "yearly", "holiday", "worked"
"""Kinds of special days: every year, a public holiday, one on which people work all the same. Else: once."""


def _special_days(entry: Mapping[str, Any]) -> SpecialDays:
    kind = entry.get("kind")
    return SpecialDays(
        entry["label"],
        date.fromisoformat(entry["first_day"]),
        date.fromisoformat(entry["last_day"]),
        (_stretch(entry),) if "opens" in entry else (),
        yearly=kind == YEARLY,
        public=kind == PUBLIC,
    )


def _stretch(entry: Mapping[str, Any]) -> Stretch:
    return Stretch(time.fromisoformat(entry["opens"]), time.fromisoformat(entry["closes"]))
