"""Open or closed to the minute, against another way to find out: paint the wall, then look at the clock.

The oracle knows nothing of the code it judges. It paints each local day minute by minute, oldest rule first, and
reads a moment by adding the zone's offset to UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from queues.calendars import changes, compile_calendar, is_open

MINUTES = 24 * 60
FIRST, DAYS = date(2027, 12, 20), 400
"""Over two ends of years and the 29th of February 2028."""

ZONES = (
    "Europe/Rome",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/St_Johns",
)
"""Changes of an hour and of half an hour, at 2 and at midnight, north and south; quarter hours; none at all."""

HOURS: list[dict[str, Any]] = [
    *({"weekday": day, "opens": "08:30", "closes": "12:45"} for day in range(5)),
    *({"weekday": day, "opens": "13:30", "closes": "18:00"} for day in range(4)),
    {"weekday": 4, "opens": "22:00", "closes": "02:30"},
    {"weekday": 5, "opens": "21:15", "closes": "06:00"},
    {"weekday": 6, "opens": "00:15", "closes": "00:45"},
    {"weekday": 6, "opens": "02:15", "closes": "02:45"},
    {"weekday": 6, "opens": "10:00", "closes": "00:00"},
    {"weekday": 3, "opens": "23:59", "closes": "00:01"},
]
SHORT = {"opens": "06:15", "closes": "06:45"}
EXCEPTIONS: list[dict[str, Any]] = [
    {"label": "Leap day", "first_day": "2028-02-29", "last_day": "2028-02-29", "opens": "06:00", "closes": "07:00"},
    {"label": "Leap day too", "first_day": "2028-02-29", "last_day": "2028-02-29", "opens": "20:00", "closes": "04:00"},
    {"label": "Summer", "first_day": "2028-08-01", "last_day": "2028-08-31", "opens": "10:00", "closes": "14:00"},
    {"label": "In the middle of it", "first_day": "2028-08-15", "last_day": "2028-08-15", "kind": "holiday"},
    {"label": "Holiday", "first_day": "2028-04-25", "last_day": "2028-04-25", "kind": "holiday", **SHORT},
    {"label": "We are", "first_day": "2028-04-25", "last_day": "2028-04-25", "opens": "09:00", "closes": "10:00"},
    {"label": "Worked", "first_day": "2028-05-01", "last_day": "2028-05-01", "kind": "worked"},
    {"label": "Over the years", "first_day": "2020-12-24", "last_day": "2021-01-02", "kind": "yearly"},
    {
        "label": "Eve",
        "first_day": "2020-12-31",
        "last_day": "2020-12-31",
        "kind": "yearly",
        "opens": "09:00",
        "closes": "12:00",
    },
]  # fmt: skip


@dataclass
class Oracle:
    """The wall of one zone: for each local day the minutes that are painted open."""

    zone: ZoneInfo
    painted: dict[date, bytearray] = field(default_factory=dict)

    def paint(self) -> "Oracle":
        days = [FIRST + timedelta(days=offset) for offset in range(-2, DAYS + 3)]
        self.painted = {day: bytearray(MINUTES) for day in days}
        for day in days:
            for opens, closes in self.stretches(day):
                for minute in range(opens, closes if closes > opens else closes + MINUTES):
                    on = self.painted.get(day + timedelta(days=minute // MINUTES))
                    if on is not None:
                        on[minute % MINUTES] = 1
        return self

    @staticmethod
    def stretches(day: date) -> list[tuple[int, int]]:
        """What is written down for the day: the narrowest entry, ours before a public holiday."""
        best: tuple[int, int] | None = None
        chosen: list[dict[str, Any]] = []
        for entry in EXCEPTIONS:
            first, last = date.fromisoformat(entry["first_day"]), date.fromisoformat(entry["last_day"])
            kind = entry.get("kind", "")
            years = (day.year - 1, day.year) if kind == "yearly" else (first.year,)
            moved = [first.replace(year=year) for year in years]
            if kind == "worked" or not any(start <= day <= start + (last - first) for start in moved):
                continue
            rank = ((last - first).days, int(kind == "holiday"))
            if best is None or rank < best:
                best, chosen = rank, []
            if rank == best:
                chosen.append(entry)
        if best is None:
            chosen = [row for row in HOURS if row["weekday"] == day.weekday()]
        return [(minute_of(row["opens"]), minute_of(row["closes"])) for row in chosen if "opens" in row]

    def quarters(self) -> Iterator[tuple[datetime, datetime]]:
        """Quarters of an hour: their beginning in UTC, and what the wall shows. No zone changes within one."""
        moment = datetime(FIRST.year, FIRST.month, FIRST.day)
        while moment < datetime(FIRST.year, FIRST.month, FIRST.day) + timedelta(days=DAYS):
            yield (
                moment,
                moment + (self.zone.utcoffset(moment.replace(tzinfo=UTC).astimezone(self.zone)) or timedelta()),
            )
            moment += timedelta(minutes=15)


def minute_of(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def disagreements(zone: str, minutes: range) -> list[str]:
    """The moments at which code and oracle differ, looking at these minutes of each quarter of an hour."""
    calendar = compile_calendar({"time_zone": zone, "hours": HOURS, "exceptions": EXCEPTIONS})
    oracle = Oracle(ZoneInfo(zone)).paint()
    found = []
    for moment, wall in oracle.quarters():
        on, first = oracle.painted[wall.date()], wall.hour * 60 + wall.minute
        for minute in minutes:
            at = moment.replace(tzinfo=UTC) + timedelta(minutes=minute)
            if is_open(calendar, at) != bool(on[first + minute]):
                found.append(f"{at} = {wall} + {minute}")
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_it_is_open_when_the_wall_says_so(zone: str) -> None:
    """The last minute of each quarter; what opens and closes within one, to the minute, is the test below."""
    assert disagreements(zone, range(14, 15)) == []


@pytest.mark.long
@pytest.mark.parametrize("zone", ZONES)
def test_it_is_open_when_the_wall_says_so_in_every_minute(zone: str) -> None:
    assert disagreements(zone, range(15)) == []


@pytest.mark.parametrize("zone", ZONES)
def test_what_comes_next_is_every_moment_at_which_the_wall_changes(zone: str) -> None:
    calendar = compile_calendar({"time_zone": zone, "hours": HOURS, "exceptions": EXCEPTIONS})
    oracle = Oracle(ZoneInfo(zone)).paint()
    begin = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
    expected, before = [], is_open(calendar, begin)
    for moment, wall in oracle.quarters():
        first = wall.hour * 60 + wall.minute
        quarter = oracle.painted[wall.date()][first : first + 15]
        if quarter.count(before) == 15:
            continue
        for minute, painted in enumerate(quarter):
            if painted != before:
                expected.append((moment.replace(tzinfo=UTC) + timedelta(minutes=minute), bool(painted)))
                before = bool(painted)
    found = [(moment.astimezone(UTC), opens) for moment, opens in changes(calendar, begin, DAYS + 2)]
    assert found[: len(expected)] == expected
    assert len(expected) > 1300
