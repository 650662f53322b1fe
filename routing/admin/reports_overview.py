"""What the first report page shows: figures of a period, two pictures, tables, and the hours of the week."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from routing.admin.reports_charts import contacts_chart, course, is_hourly, service_chart
from routing.admin.reports_forms import ReportForm
from routing.models import Channel, ReportInterval, ReportSettings
from routing.reports.figures import Counts
from routing.reports.reading import Cell, Question, added_up
from routing.reports.wording import (
    FIGURES,
    OCCUPANCY,
    UNKNOWN,
    count,
    formula_in_words,
    hundredths,
    money,
    percent,
    said,
)

SHADES = 5
"""Steps of darkness in the table of hours."""


WEEK = 7


@dataclass(frozen=True)
class Table:
    """A table of figures: what its rows are, and each row's name with its cells."""

    title: str
    of: str
    rows: list[tuple[Any, list[str]]]


def overview(form: ReportForm) -> dict[str, Any]:
    """The page's figures. As many queries for ten million contacts as for ten."""
    settings = ReportSettings.current()
    period = form.period
    question = Question(period, form.channels, form.only, settings.short_abandon_s)
    cells = question.cells(by_hour=is_hourly(period))
    gone = course(period, question.asked(cells))
    total = sum(gone.totals.values(), Counts())
    levels = service_chart(gone, _tier_names(form, gone.totals), settings.formula)
    return {
        "settings": settings,
        "settings_url": reverse("admin:routing_reportsettings_changelist"),
        "period": period,
        "counted_to": ReportInterval.objects.aggregate(last=Max("starts_at"))["last"],
        "total": total,
        "headline": _headline(total, settings),
        "occupancy": OCCUPANCY,
        "formula": formula_in_words(settings),
        "charts": [contacts_chart(gone), *([levels] if levels else [])],
        "figures": FIGURES.values(),
        "tables": list(_tables(form, question, cells, settings.formula)),
        "hours": list(_hours(question.by_hour_of_the_week(), settings.formula)) if len(period.days) >= WEEK else [],
        "value": _value(total),
    }


def _headline(total: Counts, settings: ReportSettings) -> list[tuple[Any, str, Any]]:
    """Name, value and meaning of every figure."""
    return [
        (figure.label, value, figure.meaning)
        for figure, value in zip(FIGURES.values(), said(total, settings.formula), strict=True)
    ]


def _tier_names(form: ReportForm, found: Iterable[str]) -> dict[str, str]:
    """Tiers from the highest down, then slugs that are no tiers any more, then those without."""
    gone = sorted(set(found) - set(form.tiers) - {""})
    return {slug: tier.name for slug, tier in form.tiers.items()} | {slug: slug for slug in gone} | {"": _("no tier")}


def _tables(form: ReportForm, question: Question, cells: list[Cell], formula: str) -> Iterator[Table]:
    asked = question.asked(cells)
    by_tier = added_up(asked, "tier")
    tiers = _tier_names(form, by_tier)
    yield Table(
        _("By tier"), _("Tier"), _rows({tiers[slug]: by_tier[slug] for slug in tiers if slug in by_tier}, formula)
    )
    yield Table(_("By queue"), _("Queue"), _rows(_by_queue_name(form, added_up(asked, "queue")), formula))
    by_channel = added_up(cells, "channel")
    channels = {str(label): by_channel[each] for each, label in Channel.choices if each in by_channel}
    yield Table(_("By channel: calls and messages apart"), _("Channel"), _rows(channels, formula))


def _by_queue_name(form: ReportForm, found: Mapping[str, Counts]) -> dict[str, Counts]:
    """Queues in their order, each with what it promises; then what is no queue any more."""
    named = {
        _("%(queue)s (%(percent)s %% in %(seconds)s s)")
        % {"queue": queue.name, "percent": queue.service_level_percent, "seconds": queue.service_level_s}: found[slug]
        for slug, queue in form.queues.items()
        if slug in found
    }
    return named | {slug or _("no queue"): found[slug] for slug in sorted(set(found) - set(form.queues))}


def _rows(counted: Mapping[str, Counts], formula: str) -> list[tuple[Any, list[str]]]:
    return [(name, said(counts, formula)) for name, counts in counted.items()]


def _hours(found: Mapping[tuple[int, int], Counts], formula: str) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """The seven days with their 24 hours each: contacts, service level, and how dark the cell is."""
    most = max([counts.contacts for counts in found.values()], default=0)
    for day, name in WEEKDAYS_ABBR.items():
        cells = [found.get((day, hour), Counts()) for hour in range(24)]
        yield (
            name,
            [
                {
                    "contacts": count(each.contacts) if each.contacts else "",
                    "level": UNKNOWN if (level := each.service_level(formula)) is None else hundredths(level),
                    "shade": -(-each.contacts * SHADES // most) if most else 0,
                }
                for each in cells
            ],
        )


def _value(total: Counts) -> dict[str, Any] | None:
    """The lifetime value behind the contacts; None when nothing is known of anybody's."""
    if not total.valued:
        return None
    return {
        "share": percent(total.value_share),
        "in_time": money(total.value_in_time),
        "missed": money(total.value_missed),
        "contacts": count(total.valued),
    }
