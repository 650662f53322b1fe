"""The pictures of the report pages."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language_bidi, pgettext
from django.utils.translation import gettext as _

from contactcenter.foundation.charts import LINES, MOST_SERIES, STACKED, Chart, Plot, Series, draw
from routing.reports.figures import Counts
from routing.reports.periods import Period
from routing.reports.reading import Cell, added_up
from routing.reports.wording import count, percent

HOURLY_DAYS = 2
"""Periods of so many days are drawn by the hour."""

Moment = date | datetime


@dataclass(frozen=True)
class Course:
    """How a period went: its days or hours with their labels, and the counts of each by tier."""

    labels: Sequence[str]
    moments: Sequence[Moment]
    by_tier: Mapping[str, Mapping[Moment, Counts]]

    @property
    def totals(self) -> dict[str, Counts]:
        """The whole period by tier."""
        return {tier: sum(counts.values(), Counts()) for tier, counts in self.by_tier.items()}

    def at(self, moment: Moment) -> Counts:
        """All tiers at one of the moments."""
        return sum([counts.get(moment, Counts()) for counts in self.by_tier.values()], Counts())


def is_hourly(period: Period) -> bool:
    """Whether it is drawn by the hour."""
    return len(period.days) <= HOURLY_DAYS


def course(period: Period, cells: Iterable[Cell]) -> Course:
    """The days of the period, or its hours where they are few, with what was counted of them."""
    by_tier: dict[str, dict[Moment, Counts]] = defaultdict(dict)
    for (moment, tier), counts in added_up(cells, "moment", "tier").items():
        by_tier[tier][moment] = counts
    moments: list[Moment] = [*(period.hours if is_hourly(period) else period.days)]
    return Course(list(_labels(moments, period)), moments, by_tier)


def _labels(moments: Sequence[Moment], period: Period) -> Iterator[str]:
    several_days = len(period.days) > 1
    for moment in moments:
        if isinstance(moment, datetime):
            local = moment.astimezone(period.zone)
            yield f"{date_format(local, 'D')} {local:%H:%M}" if several_days else f"{local:%H:%M}"
        else:
            yield date_format(moment, pgettext("format of a date", "j M"))


def contacts_chart(course: Course) -> Chart:
    """What became of the contacts, on top of each other."""
    counts = [course.at(moment) for moment in course.moments]
    parts: dict[str, list[float]] = {
        _("answered in time"): [each.in_time for each in counts],
        _("answered late"): [each.late for each in counts],
        _("answered, wait not told"): [each.untimed for each in counts],
        _("hung up"): [each.abandoned for each in counts],
        _("ended otherwise"): [each.ended + each.announced for each in counts],
        _("not reported"): [each.not_reported for each in counts],
    }
    shown = [Series(name, values) for name, values in parts.items()]
    return _drawn("contacts-chart", _("Contacts"), STACKED, course, shown, say=count)


def service_chart(course: Course, tiers: Mapping[str, str], formula: str) -> Chart | None:
    """The service level of each tier, where it was reported of any; `tiers` are their names in order."""
    shown = [
        Series(name, [_percents(counts.get(moment), formula) for moment in course.moments])
        for name, counts in _few(course, tiers)
    ]
    if not any(value is not None for series in shown for value in series.values):
        return None
    title = _("Service level by tier")
    return _drawn("service-chart", title, LINES, course, shown, top=100, say=lambda value: percent(value / 100))


def _percents(counts: Counts | None, formula: str) -> float | None:
    level = counts.service_level(formula) if counts else None
    return None if level is None else round(level * 100, 1)


def _few(course: Course, tiers: Mapping[str, str]) -> Iterator[tuple[str, Mapping[Moment, Counts]]]:
    """As many tiers as can be told apart; the lower ones put together."""
    present = [slug for slug in tiers if slug in course.by_tier]
    own = present if len(present) <= MOST_SERIES else present[: MOST_SERIES - 1]
    for slug in own:
        yield tiers[slug], course.by_tier[slug]
    if rest := present[len(own) :]:
        together: dict[Moment, Counts] = defaultdict(Counts)
        for slug in rest:
            for moment, counts in course.by_tier[slug].items():
                together[moment] += counts
        yield _("other tiers"), together


def _drawn(name: str, title: str, kind: str, course: Course, series: Sequence[Series], **options: Any) -> Chart:
    by_hour = bool(course.moments) and isinstance(course.moments[0], datetime)
    return draw(
        Plot(
            name,
            title,
            kind,
            course.labels,
            series,
            x_title=_("hour") if by_hour else _("day"),
            is_mirrored=get_language_bidi(),
            **options,
        )
    )
