"""Which part of a flow's contacts took which branch, lately: from the counts that reports are read from."""

from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone

from routing.models import BranchInterval

LATELY = timedelta(days=7)


def shares(flow: str) -> dict[str, float]:
    """Short name of each branch, `last_path` too, to its share of last week's contacts (0 to 1); {} without any."""
    counted = BranchInterval.objects.filter(flow=flow, starts_at__gte=timezone.now() - LATELY)
    rows = dict(counted.values_list("branch").annotate(contacts=Sum("contacts")).order_by())
    whole = sum(rows.values())
    return {branch: contacts / whole for branch, contacts in rows.items()} if whole else {}
