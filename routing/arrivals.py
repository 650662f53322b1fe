"""The busiest hour of a day, counted from its decisions."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo

from django.db.models import Count
from django.db.models.functions import TruncHour

from customers.models import LoyaltyTier
from queues.arrivals import BusiestHour, TierCalls
from routing.models import Decision

CountedRow = tuple[datetime, str, str, int]


def busiest_hour(day: date, zone: tzinfo) -> BusiestHour:
    """The hour of `day` in `zone` in which most calls came in. First attempts alone: a call moved on is one call."""
    begins = datetime.combine(day, time.min, zone)
    ends = datetime.combine(day + timedelta(days=1), time.min, zone)
    decided = Decision.objects.filter(decided_at__gte=begins, decided_at__lt=ends, channel="voice", attempt=0)
    rows: list[CountedRow] = list(
        decided.annotate(hour=TruncHour("decided_at", tzinfo=zone))
        .order_by()
        .values_list("hour", "tier", "queue")
        .annotate(calls=Count("pk"))
    )
    calls_by_hour: Counter[datetime] = Counter()
    for hour, _tier, _queue, calls in rows:
        calls_by_hour[hour] += calls
    if not calls_by_hour:
        return BusiestHour(None, _tiers(()))
    busiest = max(calls_by_hour, key=lambda hour: (calls_by_hour[hour], hour))
    return BusiestHour(busiest, _tiers(row for row in rows if row[0] == busiest))


def _tiers(rows: Iterable[CountedRow]) -> list[TierCalls]:
    known = list(LoyaltyTier.objects.order_by("-rank").values_list("slug", "name"))
    by_queue: dict[str, Counter[str]] = {slug: Counter() for slug in ["", *(slug for slug, _name in known)]}
    for _hour, tier, queue, calls in rows:
        by_queue[tier if tier in by_queue else ""][queue] += calls
    return [TierCalls(slug, name, *_most(by_queue[slug])) for slug, name in [*known, ("", "")]]


def _most(by_queue: Counter[str]) -> tuple[int, str]:
    """All calls, and the queue that most of them went to."""
    return by_queue.total(), max(by_queue, key=lambda queue: (by_queue[queue], queue)) if by_queue else ""
