"""Callers of old decisions become pseudonyms: the same one for the same caller, so that repeats still count."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import Min

from customers.addresses import PHONE, PHONE_CHANNELS, caller_address
from customers.privacy.suppression import pseudonym
from routing.models import Decision
from routing.privacy.evidence import BATCH, make_nameless

WINDOW = timedelta(minutes=1)
"""What is looked at in one go; the index by time finds it."""


def forget_callers(since: datetime | None, before: datetime) -> tuple[int, datetime | None]:
    """Work on the first minute from `since` on that has decisions; how many, and where to go on (None: at the end)."""
    old = Decision.objects.filter(decided_at__lt=before)
    if since is not None:
        old = old.filter(decided_at__gte=since)
    began = old.aggregate(first=Min("decided_at"))["first"]
    if began is None:
        return 0, None
    ended = min(began + WINDOW, before)
    rows = list(Decision.objects.filter(decided_at__gte=began, decided_at__lt=ended).order_by("pk"))
    for start in range(0, len(rows), BATCH):
        make_nameless(_by_pseudonym(rows[start : start + BATCH]))
    return len(rows), ended


def _by_pseudonym(rows: list[Decision]) -> dict[str, list[Decision]]:
    found: dict[str, list[Decision]] = defaultdict(list)
    for row in rows:
        found[_pseudonym(row)].append(row)
    return found


def _pseudonym(decision: Decision) -> str:
    """Made from the number as it is stored of customers, however the provider spelled it."""
    if not decision.caller or decision.caller.startswith(("person-", "erased-")):
        return decision.caller
    variables = decision.document.get("variables") or {}
    if decision.channel not in PHONE_CHANNELS:
        return pseudonym(decision.channel, decision.caller)
    return pseudonym(PHONE, str(variables.get("call.from") or caller_address(decision.caller, "") or decision.caller))
