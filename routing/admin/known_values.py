"""Values to suggest in conditions on variables that can hold others too: plans, account managers, queues."""

from collections import defaultdict
from collections.abc import Iterable

from customers.models import Customer
from queues.models import AccountManager, Queue

LOOKED_AT = 500
"""Customers of whom the values are taken, the newest first: a suggestion must not read the whole table."""
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
