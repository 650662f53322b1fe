"""Which loyalty tier counts at a moment. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def tier_at(facts: Mapping[str, Any], moment: datetime) -> str | None:
    """The tier's slug in `facts` (customers.facts) at `moment`; None when the customer has none.

    An override in force wins over the CRM's tier; of several, the first listed (the one that started last).
    A span counts from its start up to, not including, its end.
    """
    for span in facts.get("spans", ()):
        if datetime.fromisoformat(span["from"]) <= moment and not _is_over(span, moment):
            in_force: str = span["tier"]
            return in_force
    return facts.get("tier")


def _is_over(span: Mapping[str, str], moment: datetime) -> bool:
    return "until" in span and datetime.fromisoformat(span["until"]) <= moment
