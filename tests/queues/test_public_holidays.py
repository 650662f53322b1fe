"""Public holidays: whose they are, what is chosen for each, and that they reach the release as plain days."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from queues import public_holidays
from queues.calendars import compile_calendar, is_open
from queues.models import Calendar, CalendarException, OpeningHours
from queues.tasks import renew_public_holidays
from routing import document, problems
from routing.models import Release

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)


@pytest.fixture
def office(db: None) -> Calendar:
    """Every day from 09:00 to 18:00 in Rome, with the holidays of Milan."""
    calendar = Calendar.objects.create(name="Office", slug="office", time_zone="Europe/Rome", country="IT", region="MI")
    for day in range(7):
        OpeningHours.objects.create(calendar=calendar, weekday=day, opens=time(9), closes=time(18))
    return calendar


def holidays_in(calendar: Calendar) -> dict[str, str]:
    rows = calendar.exceptions.filter(kind__in=public_holidays.OF_THE_PACKAGE)
    return {row.first_day.isoformat(): row.kind for row in rows}


def test_this_year_and_two_more_are_written_down_with_those_of_the_region(office: Calendar) -> None:
    public_holidays.refresh(office, TODAY)
    found = holidays_in(office)
    assert {day[:4] for day in found} == {"2026", "2027", "2028"}
    assert {"2026-12-07", "2026-12-25", "2027-03-29", "2028-04-25"} <= found.keys()  # Saint Ambrose is Milan's alone
    assert not public_holidays.refresh(office, TODAY), "a second time changes nothing"


def test_they_are_named_in_the_countrys_own_language_whatever_the_process_speaks(
    office: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "th")
    assert public_holidays.days("IT", "", [2026])[date(2026, 12, 25)] == "Natale"


def test_a_choice_is_kept_and_holds_for_the_years_that_follow(office: Calendar) -> None:
    public_holidays.refresh(office, TODAY)
    office.exceptions.filter(first_day="2027-12-08").update(kind="worked")
    office.exceptions.filter(first_day="2027-12-26").update(opens=time(10), closes=time(12))
    public_holidays.choose_alike(office, date(2027, 12, 31))
    public_holidays.refresh(office, date(2027, 1, 10))
    for year in (2028, 2029):
        assert office.exceptions.get(first_day=f"{year}-12-08").kind == "worked"
        assert office.exceptions.get(first_day=f"{year}-12-26").opens == time(10)
    assert "2026-12-25" in holidays_in(office), "a year that is over stays as it was"


def test_another_country_takes_the_place_of_the_one_before_and_none_takes_them_away(office: Calendar) -> None:
    public_holidays.refresh(office, TODAY)
    own = CalendarException.objects.create(
        calendar=office, label="Fair", first_day=date(2026, 12, 1), last_day=date(2026, 12, 1)
    )
    office.country, office.region = "DE", "BY"
    public_holidays.refresh(office, TODAY)
    assert "2026-10-03" in holidays_in(office)
    assert "2026-12-07" not in holidays_in(office)
    office.country = ""
    public_holidays.refresh(office, TODAY)
    assert holidays_in(office) == {}
    assert list(office.exceptions.all()) == [own]


def test_the_release_needs_no_package_to_know_them(office: Calendar) -> None:
    public_holidays.refresh(office, TODAY)
    office.exceptions.filter(first_day="2026-12-08").update(kind="worked")
    office.exceptions.filter(first_day="2026-12-26").update(opens=time(10), closes=time(12))
    entry = document.render()["calendars"]["office"]
    assert {"label": "Natale", "kind": "holiday", "first_day": "2026-12-25", "last_day": "2026-12-25"} in entry[
        "exceptions"
    ]
    compiled = compile_calendar(entry)
    noon, eleven = "2026-12-25T11:30", "2026-12-26T10:30"
    assert not is_open(compiled, datetime.fromisoformat(noon).replace(tzinfo=UTC))
    assert is_open(compiled, datetime.fromisoformat(eleven).replace(tzinfo=UTC))
    assert is_open(compiled, datetime(2026, 12, 8, 11, tzinfo=UTC))


def test_the_night_brings_the_year_that_has_come_near(office: Calendar) -> None:
    renew_public_holidays()
    assert max(holidays_in(office))[:4] == str(timezone.localdate().year + 2)


def test_a_release_whose_holidays_run_out_is_warned_of(office: Calendar) -> None:
    public_holidays.refresh(office, date(2020, 1, 1))
    [found] = [each for each in problems.find(document.render()) if "public holiday" in each.message]
    assert found.severity == problems.WARNING
    assert "no public holiday after 26 December 2022 is in it" in found.message


def page_of(calendar: Calendar) -> str:
    return reverse("admin:queues_calendar_change", args=[calendar.pk])


def posted(calendar: Calendar, **changes: Any) -> dict[str, Any]:
    """The form of the calendar as a browser would send it back."""
    inline = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": "1000"}
    form: dict[str, Any] = {"name": calendar.name, "time_zone": calendar.time_zone, "country": calendar.country}
    for prefix in ("hours", "exceptions", "exceptions-2"):
        form |= {f"{prefix}-{name}": value for name, value in inline.items()}
    return form | {"region": calendar.region} | changes


def test_the_page_lists_this_year_and_the_next_with_their_source(supervisor_client: Client, office: Calendar) -> None:
    response = supervisor_client.post(page_of(office), posted(office) | {"_continue": "1"}, follow=True)
    page = response.content.decode()
    assert "The public holidays are among the special days now" in page
    assert public_holidays.source() in page
    this = timezone.localdate().year
    assert f"25 December {this}" in page
    assert f"25 December {this + 1}" in page
    assert f"25 December {this + 2}" not in page


def test_a_country_that_nobody_knows_is_refused_and_a_region_of_another_one_is_dropped(
    supervisor_client: Client, office: Calendar
) -> None:
    assert supervisor_client.post(page_of(office), posted(office, country="XX")).status_code == 200
    supervisor_client.post(page_of(office), posted(office, country="DE", region="MI"))
    office.refresh_from_db()
    assert (office.country, office.region) == ("DE", "")


def test_home_says_that_the_live_holidays_end_and_not_before(supervisor_client: Client, office: Calendar) -> None:
    words = "The public holidays that are live end on"
    Release.objects.create(number=1, document="{}", sha256="", note="Last year's")
    assert words not in supervisor_client.get(reverse("admin:index")).content.decode()
    Release.objects.update(published_at=datetime(timezone.localdate().year - 3, 6, 1, tzinfo=UTC))
    assert words in supervisor_client.get(reverse("admin:index")).content.decode()
    Calendar.objects.update(country="")
    assert words not in supervisor_client.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize(
    ("language", "first", "germany"),
    [
        ("en", "Afghanistan", "Germany"),
        ("de", "Afghanistan", "Deutschland"),
        ("fr", "Afghanistan", "Allemagne"),
        ("ar", "إثيوبيا", "ألمانيا"),
    ],
)
def test_countries_are_named_and_sorted_in_the_readers_language(language: str, first: str, germany: str) -> None:
    known = public_holidays.countries(language)
    assert (next(iter(known.values())), known["DE"]) == (first, germany)


def test_a_calendar_offers_countries_in_the_readers_language(supervisor_client: Client) -> None:
    page = supervisor_client.get(reverse("admin:queues_calendar_add"), headers={"accept-language": "de"})
    assert '<option value="DE">Deutschland</option>' in page.content.decode()


def test_an_accent_does_not_send_a_country_to_the_end_of_the_list() -> None:
    names = list(public_holidays.countries("de").values())
    assert names.index("Österreich") < names.index("Pakistan")
