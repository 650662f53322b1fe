"""What the monthly summary says: the same figures as the report page's, as text and as HTML."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings as site
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import get_language_bidi, override
from django.utils.translation import gettext as _

from customers.models import LoyaltyTier
from queues.models import Queue
from routing.models import Channel, ReportSettings
from routing.reports.figures import Counts
from routing.reports.periods import DAY, Period
from routing.reports.reading import Question, added_up
from routing.reports.wording import FIGURES, formula_in_words, said

Mail = tuple[str, str, str]
"""Subject, text and HTML."""


@dataclass(frozen=True)
class Table:
    """Figures under a heading: of each name, every figure's label and value."""

    title: str
    rows: list[tuple[str, list[tuple[Any, str]]]]


def summary(month: date, settings: ReportSettings) -> Mail:
    """One month's summary, in the language of the settings."""
    with override(settings.language):
        last = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - DAY
        period = Period(month, last, ZoneInfo(site.TIME_ZONE))
        context = _context(period, settings)
        subject = _("Priority routing: %(month)s") % {"month": context["month"]}
        return (
            subject,
            render_to_string("admin/routing/reports_mail.txt", context),
            render_to_string("admin/routing/reports_mail.html", {**context, "subject": subject}),
        )


def _context(period: Period, settings: ReportSettings) -> dict[str, Any]:
    question = Question(period, ("voice",), {}, settings.short_abandon_s)
    formula = settings.formula
    cells = question.cells(by_hour=False)
    calls = question.asked(cells)
    by_tier = added_up(calls, "tier")
    total = sum(by_tier.values(), Counts())
    tiers = dict(LoyaltyTier.objects.values_list("slug", "name"))
    queues = dict(Queue.objects.values_list("slug", "name"))
    channels = added_up(cells, "channel")
    messages = {str(Channel(channel).label): counts for channel, counts in channels.items() if channel != "voice"}
    return {
        "month": date_format(period.first, "F Y"),
        "zone": period.zone,
        "headline": [
            (figure.label, value, figure.meaning)
            for figure, value in zip(FIGURES.values(), said(total, formula), strict=True)
        ],
        "formula": formula_in_words(settings),
        "figures": FIGURES.values(),
        "tables": [
            Table(_("Calls by tier"), _rows(by_tier, {**tiers, "": _("no tier")}, formula)),
            Table(_("Calls by queue"), _rows(added_up(calls, "queue"), {**queues, "": _("no queue")}, formula)),
            Table(_("Messages by channel"), _rows(messages, {}, formula)),
        ],
        "language": settings.language,
        "is_mirrored": get_language_bidi(),
    }


def _rows(counted: dict[str, Counts], names: dict[str, str], formula: str) -> list[tuple[str, list[tuple[Any, str]]]]:
    """Named ones in the order of their names' table, then the rest."""
    order = [*[slug for slug in names if slug in counted], *sorted(set(counted) - set(names))]
    labels = [figure.label for figure in FIGURES.values()]
    return [(names.get(slug, slug), list(zip(labels, said(counted[slug], formula), strict=True))) for slug in order]
