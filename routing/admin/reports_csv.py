"""The figures of a report as a file for a spreadsheet: a row for each day or hour, channel, queue and tier."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from customers.admin.rejects import safe_cell
from routing.admin.reports_forms import ReportForm
from routing.models import ReportSettings
from routing.reports.figures import Counts
from routing.reports.periods import hour_of
from routing.reports.reading import DIMENSIONS, MEASURES, Question
from routing.reports.wording import FIGURES, SUMS

Line = tuple[str, tuple[str, ...], Counts]


class _Echo:
    """Gives back what it is asked to write: the file is never whole in memory."""

    def write(self, text: str) -> str:
        return text


def as_csv(form: ReportForm, *, by_hour: bool) -> StreamingHttpResponse:
    """The period's figures, streamed."""
    settings, period = ReportSettings.current(), form.period
    question = Question(period, form.channels, form.only, settings.short_abandon_s)
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
    """In order of time, whose rows come so; hours are those of the report's clock."""
    rows = question.by("starts_at", *DIMENSIONS) if by_hour else question.by_day()
    for moment, some in groupby(rows, key=lambda row: _began(row[0], question.period.zone)):
        together: dict[tuple[str, ...], Counts] = defaultdict(Counts)
        for _moment, *names, counts in some:
            together[tuple(names)] += counts
        for each, counts in sorted(together.items()):
            yield moment, each, counts


def _began(moment: date | datetime, zone: ZoneInfo) -> str:
    """A day, or the hour of a quarter."""
    if isinstance(moment, datetime):
        return hour_of(moment, zone).astimezone(zone).isoformat(timespec="minutes")
    return moment.isoformat()
