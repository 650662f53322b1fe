"""Opening hours that look wrong: said in words where they are saved, and before they are published."""

from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from queues.calendars import compile_calendar
from queues.hours_check import overlaps
from queues.hours_words import doubtful
from queues.models import Calendar, OpeningHours
from routing.problems import WARNING
from routing.problems import calendars as problems
from tests.queues.test_public_holidays import posted

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def hours(*rows: tuple[int, str, str]) -> list[dict[str, Any]]:
    return [{"weekday": day, "opens": opens, "closes": closes} for day, opens, closes in rows]


def entry(*rows: tuple[int, str, str], zone: str = "Europe/Rome", **fields: Any) -> dict[str, Any]:
    return {"name": "Office", "time_zone": zone, "hours": hours(*rows), "exceptions": [], **fields}


ALWAYS_CLOSED = [{"label": "Closed for good", "first_day": "2026-01-01", "last_day": "2030-01-01"}]


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        pytest.param(entry((0, "09:00", "18:00")), [], id="plain hours"),
        pytest.param(entry((0, "09:00", "13:00"), (0, "13:00", "18:00")), [], id="one stretch after the other"),
        pytest.param(entry((0, "22:00", "06:00"), (1, "06:00", "22:00")), [], id="a night and then a day"),
        pytest.param(
            entry((0, "09:00", "13:00"), (0, "12:00", "18:00")),
            ["Monday 09:00-13:00 and Monday 12:00-18:00 overlap"],
            id="two stretches at once",
        ),
        pytest.param(
            entry((6, "22:00", "06:00"), (0, "05:00", "08:00")), ["overlap"], id="Sunday's night into Monday's morning"
        ),
        pytest.param(entry((0, "00:00", "00:00"), (0, "09:00", "10:00")), ["overlap"], id="a whole day and part of it"),
        pytest.param(
            entry((6, "02:15", "02:45")),
            ["On Sunday 28 March 2027 the clocks go from 02:00 to 03:00"],
            id="a time that a change of clocks leaves out",
        ),
        pytest.param(
            entry((4, "00:30", "08:00"), zone="Africa/Cairo"),
            ["On Friday 30 April 2027 the clocks go from 00:00 to 01:00"],
            id="a change of clocks at midnight",
        ),
        pytest.param(
            entry((0, "09:00", "18:00"), exceptions=ALWAYS_CLOSED),
            ["It never opens within the next year"],
            id="hours that a special day closes for good",
        ),
    ],
)
def test_what_is_doubtful_is_said(calendar: dict[str, Any], words: list[str]) -> None:
    found = list(doubtful(compile_calendar(calendar), NOW))
    assert len(found) == len(words)
    assert all(expected in said for expected, said in zip(words, found, strict=True))


def test_before_publishing_it_is_a_warning_that_names_the_calendar() -> None:
    document = {"calendars": {"office": entry((0, "09:00", "18:00"), exceptions=ALWAYS_CLOSED)}}
    [found] = problems.find(document)
    assert (found.severity, found.path[:2]) == (WARNING, ("calendars", "office"))
    assert found.message.startswith("Calendar “Office”: It never opens")


def test_three_that_overlap_are_three_pairs() -> None:
    week = compile_calendar(entry((0, "09:00", "12:00"), (0, "10:00", "13:00"), (0, "11:00", "14:00"))).week
    assert len(list(overlaps(week))) == 3


@pytest.fixture
def office(db: None) -> Calendar:
    calendar = Calendar.objects.create(name="Office", slug="office", time_zone="Europe/Rome")
    OpeningHours.objects.create(calendar=calendar, weekday=0, opens=time(9), closes=time(13))
    return calendar


def rows(prefix: str, *each: dict[str, str]) -> dict[str, str]:
    typed = {f"{prefix}-{place}-{name}": value for place, row in enumerate(each) for name, value in row.items()}
    return {f"{prefix}-TOTAL_FORMS": str(len(each))} | typed


@pytest.mark.django_db
def test_the_form_names_what_is_wrong_and_saves_nothing(supervisor_client: Client, office: Calendar) -> None:
    fair, a_day = {"label": "Fair", "first_day": "2027-01-05"}, {"last_day": "2027-01-05"}
    ends_before_it_starts = fair | {"last_day": "2027-01-04"}
    half_of_an_opening = fair | a_day | {"opens": "09:00"}
    yearly_for_longer_than_a_year = fair | {"kind": "yearly", "last_day": "2028-01-05"}
    no_time = {"weekday": "0", "opens": "25:00", "closes": "13:00"}
    wrong = rows("exceptions", ends_before_it_starts, half_of_an_opening, yearly_for_longer_than_a_year)
    wrong |= rows("hours", no_time)
    response = supervisor_client.post(
        reverse("admin:queues_calendar_change", args=[office.pk]), posted(office, name="Renamed") | wrong
    )
    assert response.status_code == 200
    said = response.content.decode()
    assert "The last day is before the first." in said
    assert "Give both hours, or none for closed." in said
    assert "cannot be longer than a year" in said
    assert "Enter a valid time." in said
    office.refresh_from_db()
    assert office.name == "Office"


@pytest.mark.django_db
def test_overlapping_hours_are_refused_by_the_form(supervisor_client: Client, office: Calendar) -> None:
    first = office.hours.get()
    form = posted(office) | {"hours-TOTAL_FORMS": "2", "hours-INITIAL_FORMS": "1", "hours-0-id": str(first.pk)}
    both = [
        {"weekday": "0", "opens": "09:00", "closes": "13:00"},
        {"weekday": "0", "opens": "12:00", "closes": "18:00"},
    ]
    form |= {f"hours-{place}-{name}": value for place, row in enumerate(both) for name, value in row.items()}
    response = supervisor_client.post(reverse("admin:queues_calendar_change", args=[office.pk]), form)
    assert "Monday 09:00-13:00 and Monday 12:00-18:00 overlap" in response.content.decode()
    assert office.hours.count() == 1


@pytest.mark.django_db
def test_hours_that_never_open_are_saved_with_a_warning(supervisor_client: Client, office: Calendar) -> None:
    office.hours.all().delete()
    url = reverse("admin:queues_calendar_change", args=[office.pk])
    page = supervisor_client.post(url, posted(office) | {"_continue": "1"}, follow=True).content.decode()
    assert "It never opens within the next year: nobody would ever be let in." in page
