"""Rows that an earlier version kept for each branch are added up to what report intervals are today: far fewer.

Figures stay what they are. What each branch had is kept in the branch intervals.
"""

from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Sum

from routing.models import BranchInterval, ReportInterval
from routing.reports.counting import lock, replace
from routing.reports.intervals import QUARTER, branch_intervals

AT_ONCE = timedelta(days=1)
KEY = ("starts_at", "channel", "flow", "queue", "tier")
COUNTED = tuple(each.name for each in ReportInterval._meta.concrete_fields if each.name not in {*KEY, "id", "branch"})


def fold(deadline: float) -> bool:
    """Fold what is there, the newest first; False when `deadline` (monotonic) came first. Safe to repeat."""
    of_branches = ReportInterval.objects.exclude(branch="").order_by("-starts_at").values_list("starts_at", flat=True)
    while (newest := of_branches.first()) is not None:
        if monotonic() >= deadline:
            return False
        with transaction.atomic():
            lock()
            _fold(newest + QUARTER - AT_ONCE, newest + QUARTER)
    return True


def _fold(start: datetime, end: datetime) -> None:
    """Quarters that are folded already stay as they are."""
    rows = ReportInterval.objects.filter(starts_at__gte=start, starts_at__lt=end).order_by()
    taken = rows.exclude(branch="").values_list("starts_at", "flow", "branch").annotate(Sum("contacts"))
    branches = branch_intervals({(at, flow, branch): contacts for at, flow, branch, contacts in taken})
    BranchInterval.objects.filter(starts_at__in={each.starts_at for each in branches}).delete()
    BranchInterval.objects.bulk_create(branches, batch_size=500)
    sums = rows.values_list(*KEY).annotate(**{f"sum_{name}": Sum(name) for name in COUNTED})
    folded = [ReportInterval(**dict(zip((*KEY, *COUNTED), each, strict=True))) for each in sums]
    replace(ReportInterval, start, end, folded)
