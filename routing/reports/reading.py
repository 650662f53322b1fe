"""Figures of a period, read from the report intervals only: a query for each table or picture."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from django.db.models import F, QuerySet, Sum, Value
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, Greatest, TruncDate

from routing.models import ReportInterval
from routing.reports.figures import Counts
from routing.reports.periods import Period, hour_of

MEASURES = tuple(each.name for each in fields(Counts))


@dataclass(frozen=True)
class Question:
    """What a report is about. `only` filters intervals by column; `short_abandon_s` as in the report settings."""

    period: Period
    only: dict[str, Any] = field(default_factory=dict)
    short_abandon_s: int = 0

    def by(self, *columns: str, without: str = "", **computed: Any) -> Iterator[tuple[Any, ...]]:
        """(column values …, Counts) for each group; `without` leaves the filter of one column away."""
        only = {name: value for name, value in self.only.items() if name.partition("__")[0] != without}
        rows = self._intervals().filter(**only).annotate(**computed).values(*columns, *computed)
        named = rows.order_by(*columns, *computed).annotate(**_sums(self.short_abandon_s))
        for row in named.iterator(chunk_size=2000):
            yield (*[row[name] for name in (*columns, *computed)], _counts(row))

    def _intervals(self) -> QuerySet[ReportInterval]:
        return ReportInterval.objects.filter(starts_at__gte=self.period.start, starts_at__lt=self.period.end)

    def by_day_and_tier(self) -> dict[tuple[date, str], Counts]:
        rows = self.by("tier", day=TruncDate("starts_at", tzinfo=self.period.zone))
        return {(day, tier): counts for tier, day, counts in rows}

    def by_hour_and_tier(self) -> dict[tuple[datetime, str], Counts]:
        """By the hours of the clock, as moments in UTC; for periods of a few days."""
        found: dict[tuple[datetime, str], Counts] = defaultdict(Counts)
        for starts_at, tier, counts in self.by("starts_at", "tier"):
            found[hour_of(starts_at, self.period.zone), tier] += counts
        return found

    def by_hour_of_the_week(self) -> dict[tuple[int, int], Counts]:
        """By weekday (0 is Monday) and hour of the clock."""
        zone = self.period.zone
        rows = self.by(day=ExtractIsoWeekDay("starts_at", tzinfo=zone), hour=ExtractHour("starts_at", tzinfo=zone))
        return {(day - 1, hour): counts for day, hour, counts in rows}

    def by_queue(self) -> dict[str, Counts]:
        return dict(self.by("queue"))

    def by_channel(self) -> dict[str, Counts]:
        """Whatever channel the report is about: messages stand apart from calls."""
        return dict(self.by("channel", without="channel"))


def _sums(short_abandon_s: int) -> dict[str, Any]:
    short = F(f"abandoned_{short_abandon_s}") if short_abandon_s else Value(0)
    # Abandons in time that are not too short: both are "within so many seconds", so one holds the other.
    kept = Greatest(F("abandoned_in_time") - short, Value(0))
    computed = {"sum_short": Sum(short), "sum_abandoned_kept": Sum(kept)}
    return {f"sum_{name}": Sum(name) for name in MEASURES if f"sum_{name}" not in computed} | computed


def _counts(row: dict[str, Any]) -> Counts:
    return Counts(*[int(row[f"sum_{name}"] or 0) for name in MEASURES])
