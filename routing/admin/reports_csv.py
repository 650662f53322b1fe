"""The figures of a report as a file for a spreadsheet: a row for each day or hour, channel, queue and tier."""

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from customers.admin.rejects import safe_cell
from routing.admin.reports_forms import ReportForm
from routing.models import ReportSettings
from routing.reports.figures import Counts
from routing.reports.periods import hour_of
from routing.reports.reading import MEASURES, Question
from routing.reports.wording import FIGURES, SUMS

DIMENSIONS = ("channel", "queue", "tier")
Line = tuple[str, tuple[str, ...], Counts]


class _Echo:
    """Gives back what it is asked to write: the file is never whole in memory."""

    def write(self, text: str) -> str:
        return text


def as_csv(form: ReportForm, *, by_hour: bool) -> StreamingHttpResponse:
    """The period's figures, streamed."""
    settings, period = ReportSettings.current(), form.period
    question = Question(period, form.only, settings.short_abandon_s)
    lines = _lines(_counted(question, by_hour=by_hour), settings.formula, str(period.zone))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"report-{period.first}-{period.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(counted: Iterator[Line], formula: str, zone: str) -> Iterator[str]:
    writer: Any = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield "\ufeff"  # without it some spreadsheets read another character set
    shares = [name for name in FIGURES if name not in MEASURES]
    heads = [_("from (%(zone)s)") % {"zone": zone}, _("channel"), _("queue"), _("tier")]
    yield writer.writerow(
        [
            safe_cell(str(head))
            for head in (*heads, *[SUMS[name] for name in MEASURES], *[FIGURES[name].label for name in shares])
        ]
    )
    for began, names, counts in counted:
        numbers = [getattr(counts, name) for name in MEASURES]
        figures = [FIGURES[name].value(counts, formula) for name in shares]
        cells = [began, *names, *numbers, *["" if value is None else round(value, 4) for value in figures]]
        yield writer.writerow([safe_cell(str(cell)) for cell in cells])


def _counted(question: Question, *, by_hour: bool) -> Iterator[Line]:
    """Quarters of an hour come in order of time and are added up to hours or days on the clock of the report."""
    current: str | None = None
    together: dict[tuple[str, ...], Counts] = {}
    for starts_at, *names, counts in question.by("starts_at", *DIMENSIONS):
        began = _began(starts_at, question, by_hour=by_hour)
        if began != current and current is not None:
            yield from _flushed(current, together)
        current = began
        together[tuple(names)] = together.get(tuple(names), Counts()) + counts
    if current is not None:
        yield from _flushed(current, together)


def _began(starts_at: datetime, question: Question, *, by_hour: bool) -> str:
    zone = question.period.zone
    if by_hour:
        return hour_of(starts_at, zone).astimezone(zone).isoformat(timespec="minutes")
    return starts_at.astimezone(zone).date().isoformat()


def _flushed(began: str, together: dict[tuple[str, ...], Counts]) -> Iterator[Line]:
    for names, counts in sorted(together.items()):
        yield began, names, counts
    together.clear()
