"""Open or closed, to the minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from queues.calendars import Calendar, compile_calendar, is_open, next_opening

ROME = ZoneInfo("Europe/Rome")


def calendar(**changes: object) -> Calendar:
    entry: dict[str, object] = {
        "name": "x",
        "time_zone": "Europe/Rome",
        "hours": [
            {"weekday": 0, "opens": "09:00", "closes": "13:00"},
            {"weekday": 0, "opens": "14:00", "closes": "18:00"},
            {"weekday": 4, "opens": "22:00", "closes": "02:00"},
            {"weekday": 6, "opens": "00:00", "closes": "00:00"},
        ],
        "exceptions": [
            {"label": "Closed", "first_day": "2026-12-28", "last_day": "2026-12-28"},
            {"label": "Half", "first_day": "2027-01-04", "last_day": "2027-01-04", "opens": "09:00", "closes": "12:00"},
        ],
    }
    return compile_calendar(entry | changes)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param("2026-11-23 09:00", True, id="the first minute"),
        pytest.param("2026-11-23 08:59", False, id="a minute early"),
        pytest.param("2026-11-23 12:59", True, id="the last minute before lunch"),
        pytest.param("2026-11-23 13:00", False, id="lunch"),
        pytest.param("2026-11-23 18:00", False, id="closing time"),
        pytest.param("2026-11-24 10:00", False, id="a day without hours"),
        pytest.param("2026-11-27 23:30", True, id="before midnight"),
        pytest.param("2026-11-28 01:59", True, id="after midnight belongs to the day before"),
        pytest.param("2026-11-28 02:00", False, id="the end of the night"),
        pytest.param("2026-11-29 00:00", True, id="midnight to midnight is the whole day"),
        pytest.param("2026-11-29 23:59", True, id="the last minute of a whole day"),
        pytest.param("2026-12-28 10:00", False, id="a special day that is closed"),
        pytest.param("2027-01-04 11:59", True, id="a special day with hours of its own"),
        pytest.param("2027-01-04 15:00", False, id="the weekly hours do not count on a special day"),
    ],
)
def test_it_is_open(moment: str, expected: bool) -> None:
    local = datetime.fromisoformat(moment).replace(tzinfo=ROME)
    assert is_open(calendar(), local.astimezone(UTC)) is expected


@pytest.mark.parametrize("zone", ["Europe/Rome", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"])
def test_the_wall_clock_rules_through_a_year_with_its_changes_of_summer_time(zone: str) -> None:
    hours = [{"weekday": day, "opens": "09:00", "closes": "17:30"} for day in range(5)]
    open_calendar = calendar(time_zone=zone, hours=hours, exceptions=[])
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(4 * 24 * 400):
        local = moment.astimezone(ZoneInfo(zone))
        expected = local.weekday() < 5 and "09:00" <= local.strftime("%H:%M") < "17:30"
        assert is_open(open_calendar, moment) is expected
        moment += timedelta(minutes=15)


def test_the_next_opening_skips_closed_days() -> None:
    sunday_evening = datetime(2026, 12, 27, 23, 59, tzinfo=ROME)
    opening = next_opening(calendar(), sunday_evening)
    assert opening == datetime(2027, 1, 1, 22, 0, tzinfo=ROME)


def test_a_calendar_without_hours_never_opens() -> None:
    assert next_opening(calendar(hours=[], exceptions=[]), datetime(2026, 1, 1, tzinfo=UTC)) is None
