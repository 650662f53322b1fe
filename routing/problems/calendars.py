"""Problems of opening hours."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from routing.problems.found import Document, Problem, error


def find(document: Document) -> Iterator[Problem]:
    """Calendars after which nobody is ever there."""
    for slug, calendar in document["calendars"].items():
        opens_specially = any("opens" in special for special in calendar["exceptions"])
        if not calendar["hours"] and not opens_specially:
            message = _("The calendar “%(calendar)s” never opens: it has no opening hours.")
            yield error(("calendars", slug, "hours"), message % {"calendar": calendar["name"]})
