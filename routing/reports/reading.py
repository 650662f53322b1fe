"""Figures of a period, read from the report intervals only: one query for its tables and pictures, one for its week."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import F, Sum, Value
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, Greatest, TruncDate

from routing.models import ReportInterval
from routing.reports.figures import Counts
from routing.reports.periods import Period, hour_of

MEASURES = tuple(each.name for each in fields(Counts))
DIMENSIONS = ("channel", "queue", "tier")


class Cell(NamedTuple):
    """What was counted of a day or an hour (a moment in UTC), in one channel, queue and tier."""

    moment: date | datetime
    channel: str
    queue: str
    tier: str
    counts: Counts


def added_up(cells: Iterable[Cell], *columns: str) -> dict[Any, Counts]:
    """Counts by one column, or by several."""
    key = attrgetter(*columns)
    found: dict[Any, Counts] = defaultdict(Counts)
    for cell in cells:
        found[key(cell)] += cell.counts
    return dict(found)


@dataclass(frozen=True)
class Question:
    """What a report is about. `only` filters intervals by column; `short_abandon_s` as in the report settings."""

    period: Period
    channels: tuple[str, ...]
    only: dict[str, Any] = field(default_factory=dict)
    short_abandon_s: int = 0

    def by(self, *columns: str, every_channel: bool = False, **computed: Any) -> Iterator[tuple[Any, ...]]:
        """(computed …, column values …, Counts) for each group, in order."""
        asked = {} if every_channel else {"channel__in": self.channels}
        rows = ReportInterval.objects.filter(
            starts_at__gte=self.period.start, starts_at__lt=self.period.end, **asked, **self.only
        )
        names = (*computed, *columns)
        named = rows.annotate(**computed).values(*names).order_by(*names).annotate(**_sums(self.short_abandon_s))
        for row in named:  # no cursor: behind one PostgreSQL adds up on one core only
            yield (*[row[name] for name in names], _counts(row))

    def cells(self, *, by_hour: bool) -> list[Cell]:
        """By day, or by hour for periods of a few days; of every channel: messages stand apart from calls."""
        if not by_hour:
            return [Cell(*row) for row in self.by_day(every_channel=True)]
        quarters = self.by("starts_at", *DIMENSIONS, every_channel=True)
        return [Cell(hour_of(starts_at, self.period.zone), *rest) for starts_at, *rest in quarters]

    def by_day(self, *, every_channel: bool = False) -> Iterator[tuple[Any, ...]]:
        """(day, channel, queue, tier, Counts), in order."""
        day = TruncDate("starts_at", tzinfo=self.period.zone)
        return self.by(*DIMENSIONS, every_channel=every_channel, day=day)

    def asked(self, cells: Iterable[Cell]) -> list[Cell]:
        """Those of the channels that the report is about."""
        return [cell for cell in cells if cell.channel in self.channels]

    def by_hour_of_the_week(self) -> dict[tuple[int, int], Counts]:
        """By weekday (0 is Monday) and hour of the clock."""
        zone = self.period.zone
        rows = self.by(day=ExtractIsoWeekDay("starts_at", tzinfo=zone), hour=ExtractHour("starts_at", tzinfo=zone))
        return {(day - 1, hour): counts for day, hour, counts in rows}


def _sums(short_abandon_s: int) -> dict[str, Any]:
    short = F(f"abandoned_{short_abandon_s}") if short_abandon_s else Value(0)
    # Abandons in time that are not too short: both are "within so many seconds", so one holds the other.
    kept = Greatest(F("abandoned_in_time") - short, Value(0))
    computed = {"sum_short": Sum(short), "sum_abandoned_kept": Sum(kept)}
    return {f"sum_{name}": Sum(name) for name in MEASURES if f"sum_{name}" not in computed} | computed


def _counts(row: dict[str, Any]) -> Counts:
    return Counts(*[int(row[f"sum_{name}"] or 0) for name in MEASURES])
