"""What conditions may be about besides what the draft defines: values that were seen, and what providers send along."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models.fields.json import KeyTransform

from contactcenter.foundation.values import Value
from customers.models import Customer
from queues.models import AccountManager, Queue
from routing.conditions import SENT_ALONG
from routing.models import Decision

LOOKED_AT = 500
"""Customers and contacts of which they are taken, the newest first: a suggestion must not read the whole table."""
OF_CUSTOMERS = ("plan", "account_level", "category", "language")

Suggestions = dict[str, list[tuple[str, str]]]


def known_values() -> Suggestions:
    """Variable name to (value, words). Three short queries, however many customers there are."""
    suggestions: Suggestions = {
        "customer.account_manager": list(AccountManager.objects.values_list("slug", "name")),
        "call.previous_queue": list(Queue.objects.values_list("slug", "name")),
    }
    seen: defaultdict[str, set[str]] = defaultdict(set)
    newest: Iterable[tuple[str, ...]] = Customer.objects.order_by("-pk").values_list(*OF_CUSTOMERS)[:LOOKED_AT]
    for row in newest:
        for field, value in zip(OF_CUSTOMERS, row, strict=True):
            seen[field].add(value)
    for field, values in seen.items():
        suggestions[f"customer.{field}"] = [(value, value) for value in sorted(values - {""})]
    return suggestions


def sent_lately() -> dict[str, Value]:
    """What came along with the newest contacts, such as digits that an IVR collected, by variable."""
    known = Decision.objects.order_by("-pk").values_list(KeyTransform("variables", "document"), flat=True)
    return {
        name: value
        for variables in known[:LOOKED_AT]
        for name, value in (variables or {}).items()
        if name.startswith(SENT_ALONG)
    }
