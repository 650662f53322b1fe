"""Open or closed to the minute, against another way to find out: paint the wall, then look at the clock.

The oracle knows nothing of the code it judges. It paints each local day minute by minute, oldest rule first, and
reads a moment by adding the zone's offset to UTC.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
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


@cache
def painted() -> dict[date, bytearray]:
    """For each local day the minutes that are painted open: the same in every zone."""
    days = [FIRST + timedelta(days=offset) for offset in range(-2, DAYS + 3)]
    wall = {day: bytearray(MINUTES) for day in days}
    for day in days:
        for opens, closes in stretches(day):
            for minute in range(opens, closes if closes > opens else closes + MINUTES):
                on = wall.get(day + timedelta(days=minute // MINUTES))
                if on is not None:
                    on[minute % MINUTES] = 1
    return wall


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


@cache
def quarters(zone: str) -> list[tuple[datetime, datetime]]:
    """Quarters of an hour: their beginning in UTC, and what the wall shows. No zone changes within one."""
    info, begin = ZoneInfo(zone), datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
    moments = [begin + timedelta(minutes=15 * each) for each in range(DAYS * 24 * 4)]
    return [(moment, moment.astimezone(info).replace(tzinfo=None)) for moment in moments]


def minute_of(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def disagreements(zone: str, minutes: range, every: int = 1) -> list[str]:
    """The moments at which code and oracle differ, looking at these minutes of each n-th quarter of an hour."""
    calendar = compile_calendar({"time_zone": zone, "hours": HOURS, "exceptions": EXCEPTIONS})
    found = []
    for moment, wall in quarters(zone)[::every]:
        on, first = painted()[wall.date()], wall.hour * 60 + wall.minute
        for minute in minutes:
            at = moment + timedelta(minutes=minute)
            if is_open(calendar, at) != bool(on[first + minute]):
                found.append(f"{at} = {wall} + {minute}")
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_it_is_open_when_the_wall_says_so(zone: str) -> None:
    """One minute in 45; that it opens and closes to the minute is the test below."""
    assert disagreements(zone, range(14, 15), every=3) == []


@pytest.mark.long
@pytest.mark.parametrize("zone", ZONES)
def test_it_is_open_when_the_wall_says_so_in_every_minute(zone: str) -> None:
    assert disagreements(zone, range(15)) == []


@pytest.mark.parametrize("zone", ZONES)
def test_what_comes_next_is_every_moment_at_which_the_wall_changes(zone: str) -> None:
    calendar = compile_calendar({"time_zone": zone, "hours": HOURS, "exceptions": EXCEPTIONS})
    begin = quarters(zone)[0][0]
    expected, before = [], is_open(calendar, begin)
    for moment, wall in quarters(zone):
        first = wall.hour * 60 + wall.minute
        quarter = painted()[wall.date()][first : first + 15]
        if quarter.count(before) == 15:
            continue
        for minute, is_painted in enumerate(quarter):
            if is_painted != before:
                expected.append((moment + timedelta(minutes=minute), bool(is_painted)))
                before = bool(is_painted)
    found = [(moment.astimezone(UTC), opens) for moment, opens in changes(calendar, begin, DAYS + 2)]
    assert found[: len(expected)] == expected
    assert len(expected) > 1300
