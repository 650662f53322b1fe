"""Public holidays by country and region, as the package `holidays` knows them, kept as special days of a calendar.

The days are written into the database and travel in the release as plain dates, so that nobody needs the
package to decide a call. What somebody chose for a holiday (other hours, or to work) is kept by its name,
also for the years that follow.
"""

from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from unicodedata import combining, normalize

from babel import Locale
from django.db import transaction

from queues.models import Calendar, CalendarException

YEARS_AHEAD = 2
"""Beside this year. A release that nobody renews knows its holidays for so long."""

LONGEST_NAME = 80

OF_THE_PACKAGE = (CalendarException.Kind.HOLIDAY, CalendarException.Kind.WORKED)


def source() -> str:
    """Where the days come from, and which edition."""
    return f"holidays {version('holidays')}"


def _package() -> ModuleType:
    """Loaded by whoever asks for holidays: it reckons moons, which each process would pay for when it starts."""
    return import_module("holidays")


@cache
def countries(language: str) -> dict[str, str]:
    """The name in `language` of every country whose holidays are known, by its ISO 3166 code; sorted by name."""
    territories = Locale.parse(language, sep="-").territories
    known = {names[1] for names in _package().registry.COUNTRIES.values()} & territories.keys()
    return {code: territories[code] for code in sorted(known, key=lambda code: _in_order(territories[code]))}


def _in_order(name: str) -> str:
    """What a name is sorted by: Österreich stands among the O, Åland among the A."""
    return "".join(letter for letter in normalize("NFKD", name).casefold() if not combining(letter))


@cache
def regions(country: str) -> list[tuple[str, str]]:
    """(code, name) of the parts of a country that have holidays of their own; the code where no name is known."""
    known = getattr(_package(), country)
    names: dict[str, str] = {}
    for name, code in getattr(known, "subdivisions_aliases", {}).items():
        names.setdefault(code, name)
    return sorted(((code, names.get(code, code)) for code in known.subdivisions), key=lambda region: region[1])


def days(country: str, region: str, years: Iterable[int]) -> dict[date, str]:
    """The public holidays of these years, in the country's own language whatever language this process runs in."""
    language = getattr(_package(), country).default_language
    found = _package().country_holidays(country, subdiv=region or None, years=list(years), language=language)
    return {day: name[:LONGEST_NAME] for day, name in sorted(found.items())}


def refresh(calendar: Calendar, today: date) -> bool:
    """Make the holidays among the special days of `calendar` those of its country; whether anything changed."""
    years = range(today.year, today.year + YEARS_AHEAD + 1)
    wanted = days(calendar.country, calendar.region, years) if calendar.country else {}
    with transaction.atomic():
        present = calendar.exceptions.select_for_update().filter(kind__in=OF_THE_PACKAGE)
        if not calendar.country:
            return bool(present.delete()[0])
        # Days of years that are over stay: what was true then is no matter of today's edition.
        gone = [row.pk for row in present if row.first_day.year in years and row.label != wanted.get(row.first_day)]
        chosen = {row.label: row for row in present.order_by("first_day")}
        known = {row.first_day for row in present if row.pk not in gone}
        missing = [_row(calendar, day, name, chosen) for day, name in wanted.items() if day not in known]
        CalendarException.objects.filter(pk__in=gone).delete()
        CalendarException.objects.bulk_create(missing)
    return bool(gone or missing)


def choose_alike(calendar: Calendar, first: date) -> None:
    """What was chosen for a holiday this year or next also holds for it in the years after `first`."""
    rows = list(calendar.exceptions.filter(kind__in=OF_THE_PACKAGE).order_by("first_day"))
    chosen = {row.label: row for row in rows if row.first_day <= first}
    for row in rows:
        if row.first_day > first and (model := chosen.get(row.label)):
            row.kind, row.opens, row.closes = model.kind, model.opens, model.closes
            row.save()


def live_until(published: date) -> date:
    """The last day of which a release that was published on `published` knows whether it is a holiday."""
    return date(published.year + YEARS_AHEAD, 12, 31)


def last_day(calendar: Calendar) -> date | None:
    """The last public holiday that is known; None where there are none."""
    rows = calendar.exceptions.filter(kind__in=OF_THE_PACKAGE)
    return rows.order_by("-first_day").values_list("first_day", flat=True).first()


def _row(calendar: Calendar, day: date, name: str, chosen: dict[str, CalendarException]) -> CalendarException:
    row = CalendarException(calendar=calendar, label=name, first_day=day, last_day=day, kind="holiday")
    if model := chosen.get(name):
        row.kind, row.opens, row.closes = model.kind, model.opens, model.closes
    return row
