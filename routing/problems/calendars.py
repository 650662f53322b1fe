"""Problems of opening hours."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from queues import hours_words
from queues.calendars import PUBLIC, WORKED, compile_calendar
from routing.problems.found import Document, Problem, error, warning

SOON = timedelta(days=60)


def find(document: Document) -> Iterator[Problem]:
    """Calendars after which nobody is ever there, and what looks like a slip of the hand."""
    now = timezone.now()
    for slug, calendar in document["calendars"].items():
        opens_specially = any("opens" in special for special in calendar["exceptions"])
        if not calendar["hours"] and not opens_specially:
            message = _("The calendar “%(calendar)s” never opens: it has no opening hours.")
            yield error(("calendars", slug, "hours"), message % {"calendar": calendar["name"]})
            continue
        for words in (*_doubtful(calendar, now), *_running_out(calendar, now)):
            said = _("Calendar “%(calendar)s”: %(what)s") % {"calendar": calendar["name"], "what": words}
            yield warning(("calendars", slug, "hours"), said)


def _doubtful(calendar: dict[str, Any], now: datetime) -> Iterator[str]:
    try:
        compiled = compile_calendar(calendar)
    except (KeyError, ValueError):
        return  # no calendar at all: whoever compiles the release says so
    yield from hours_words.doubtful(compiled, now)


def _running_out(calendar: dict[str, Any], now: datetime) -> Iterator[str]:
    """A release is never altered: the public holidays that are in it are all it will ever know."""
    days = [each["last_day"] for each in calendar["exceptions"] if each.get("kind") in (PUBLIC, WORKED)]
    if days and max(days) < (now + SOON).date().isoformat():
        last = date_format(date.fromisoformat(max(days)))
        yield _("no public holiday after %(day)s is in it. Save the calendar once more.") % {"day": last}
