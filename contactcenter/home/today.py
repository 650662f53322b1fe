"""How many contacts were decided today, by queue and tier.

Read from the report intervals, never from the decisions: there may be ten million of those.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, F, Sum, When
from django.urls import reverse
from django.utils.translation import gettext as _

from contactcenter.foundation import teams
from customers.models import LoyaltyTier
from queues.models import Queue
from routing.models import Decision, ReportInterval, ReportMark
from routing.reports.periods import Period

MOST_ROWS = 20
SERIES = 6
"""So many looks there are for tiers; from the seventh on they begin anew."""


@dataclass(frozen=True)
class Piece:
    """What one tier takes of a bar, in hundredths of the longest; its `series` says how it looks."""

    series: int
    start: float
    width: float


@dataclass(frozen=True)
class Row:
    """One queue: its name, its report of today, contacts of each tier, and of all."""

    name: str
    url: str
    counts: list[int]
    total: int

    def bar(self, longest: int) -> list[Piece]:
        """Its tiers one behind the other."""
        ends = [round(100 * end / longest, 2) for end in accumulate(self.counts, initial=0)]
        pieces = enumerate(pairwise(ends))
        return [Piece(tier % SERIES + 1, start, round(end - start, 2)) for tier, (start, end) in pieces if end > start]


@dataclass(frozen=True)
class Today:
    """A table: tiers across, queues down. `as_of` is the moment of the last contact that is counted."""

    as_of: datetime | None
    tiers: list[str]
    rows: list[Row]
    totals: list[int]
    total: int
    more: int
    url: str

    @property
    def bars(self) -> list[tuple[Row, list[Piece]]]:
        """Each row with its bar."""
        longest = max((row.total for row in self.rows), default=0)
        return [(row, row.bar(longest)) for row in self.rows]

    @property
    def legend(self) -> list[tuple[str, int]]:
        """Each tier with the series that its pieces look like."""
        return [(tier, place % SERIES + 1) for place, tier in enumerate(self.tiers)]


def today(user: Any, now: datetime) -> Today:
    """Contacts since midnight on the portal's clock. A fixed number of queries, whatever was decided."""
    zone = ZoneInfo(settings.TIME_ZONE)
    day = now.astimezone(zone).date()
    found = _counted(Period(day, day, zone), teams.names_of_others(user, "queues", "slug"))
    tiers = _named(LoyaltyTier, {tier for _queue, tier in found}, _("no tier"))
    queues = _named(Queue, {queue for queue, _tier in found}, _("no queue"))
    reports = f"{reverse('admin:routing_reportinterval_changelist')}?first={day}&last={day}"
    rows = [
        Row(
            name=name,
            url=f"{reports}&queue={slug}" if slug else "",
            counts=[found[slug, tier] for tier in tiers],
            total=sum(found[slug, tier] for tier in tiers),
        )
        for slug, name in queues.items()
    ]
    rows.sort(key=lambda row: -row.total)
    return Today(
        as_of=_counted_to(),
        tiers=list(tiers.values()),
        rows=rows[:MOST_ROWS],
        totals=[sum(found[slug, tier] for slug in queues) for tier in tiers],
        total=sum(found.values()),
        more=len(rows[MOST_ROWS:]),
        url=reports,
    )


def _counted(period: Period, unseen: set[str]) -> defaultdict[tuple[str, str], int]:
    """Contacts by queue and tier, both by their short names; not those in the queues `unseen`."""
    intervals = ReportInterval.objects.filter(starts_at__gte=period.start, starts_at__lt=period.end)
    sums = intervals.exclude(queue__in=unseen).order_by().values_list("queue", "tier").annotate(Sum("contacts"))
    return defaultdict(int, {(queue, tier): int(contacts) for queue, tier, contacts in sums})


def _named(model: Any, slugs: set[str], nothing: str) -> dict[str, str]:
    """Names by short name, in the order of the model; then what is gone, then what has none."""
    known = dict(model.objects.filter(slug__in=slugs).values_list("slug", "name"))
    gone = {slug: slug for slug in sorted(slugs - set(known) - {""})}
    return known | gone | ({"": nothing} if "" in slugs else {})


def _counted_to() -> datetime | None:
    """When the newest contact came that is certainly counted: a round of counting that goes on is not."""
    rounds = ReportMark.objects.filter(pk=Decision._meta.db_table)
    counted = rounds.values_list(Case(When(cursor__gte=F("round_to"), then=F("round_to")), default=F("last_to")))
    newest = counted.first()
    return Decision.objects.filter(pk=newest[0]).values_list("decided_at", flat=True).first() if newest else None
