"""How a queue stands, in words, by its hours and by its switch."""

from datetime import UTC, date, datetime, time

import pytest

from queues import switches
from queues.models import Calendar, CalendarException, OpeningHours, Queue
from queues.standing import by_hours, end_of_day, standing, zone_of

pytestmark = [pytest.mark.django_db, pytest.mark.portable]


@pytest.fixture
def office(db: None) -> Queue:
    """Monday to Friday, 09:00 to 18:00 in Rome; closed on Tuesday 24 November 2026."""
    calendar = Calendar.objects.create(name="Office", slug="office", time_zone="Europe/Rome")
    for day in range(5):
        OpeningHours.objects.create(calendar=calendar, weekday=day, opens=time(9), closes=time(18))
    CalendarException.objects.create(
        calendar=calendar, label="Fair", first_day=date(2026, 11, 24), last_day=date(2026, 11, 24)
    )
    return Queue.objects.create(name="VIP", slug="vip", calendar=calendar)


@pytest.mark.parametrize(
    ("now", "is_open", "words"),
    [
        pytest.param(
            datetime(2026, 11, 23, 8, 0, tzinfo=UTC), True, "until Monday 23 November, 18:00", id="at opening"
        ),
        pytest.param(
            datetime(2026, 11, 23, 7, 59, tzinfo=UTC),
            False,
            "Monday 23 November, 09:00 (Europe/Rome)",
            id="just before",
        ),
        pytest.param(
            datetime(2026, 11, 23, 17, 0, tzinfo=UTC), False, "Wednesday 25 November, 09:00", id="before a special day"
        ),
        pytest.param(
            datetime(2026, 11, 27, 20, 0, tzinfo=UTC), False, "Monday 30 November, 09:00", id="before the weekend"
        ),
    ],
)
def test_by_its_hours_it_is(office: Queue, now: datetime, is_open: bool, words: str) -> None:
    stands = by_hours(office, now)
    assert stands.is_open is is_open
    assert words in stands.words


def test_without_hours_it_is_always_open() -> None:
    queue = Queue.objects.create(name="Q", slug="q")
    assert by_hours(queue, datetime(2026, 11, 22, tzinfo=UTC)).is_open


def test_without_any_opening_it_says_so(office: Queue) -> None:
    OpeningHours.objects.all().delete()
    assert "never open again" in by_hours(office, datetime(2026, 11, 23, 12, tzinfo=UTC)).words


def test_a_switch_counts_more_than_the_hours(office: Queue) -> None:
    monday = datetime(2099, 11, 23, 12, tzinfo=UTC)
    switches.close_queue(office, "fire alarm", datetime(2099, 11, 23, 17, tzinfo=UTC), None)
    stands = standing(office, monday)
    assert not stands.is_open
    assert stands.is_switched_closed
    assert stands.words == "Closed by hand until Monday 23 November, 18:00 (Europe/Rome): fire alarm"


def test_the_end_of_the_day_is_midnight_there(office: Queue) -> None:
    # 23:30 UTC on the 22nd is half past midnight on the 23rd in Rome.
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert end_of_day(late, zone_of(office)).astimezone(UTC) == datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
