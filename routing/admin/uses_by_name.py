"""Branches that know a thing by its name only, as a word of their conditions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import ngettext_lazy

from contactcenter.foundation.consequences import Consequence, Use, consequence, further
from customers.models import AttributeDefinition, LoyaltyTier
from queues.models import Queue
from routing.models import Branch

_ASKS = Use(ngettext_lazy("%(count)s branch asks for it", "%(count)s branches ask for it", "count"), "flow")


@further(AttributeDefinition)
def asked_attribute(attributes: Sequence[AttributeDefinition], user: Any) -> Iterator[Consequence]:
    """Branches know an attribute by its key only."""
    yield from _asked({f"customer.{attribute.key}" for attribute in attributes}, user)


@further(Queue)
def asked_queue(queues: Sequence[Queue], user: Any) -> Iterator[Consequence]:
    """A branch that asks how many wait in a queue knows it by its short name."""
    yield from _asked({f"queue.{queue.slug}." for queue in queues}, user)


@further(LoyaltyTier)
def asked_tier(tiers: Sequence[LoyaltyTier], user: Any) -> Iterator[Consequence]:
    """A condition names tiers by their short names."""
    slugs = {tier.slug for tier in tiers}
    branches = [
        pk
        for pk, conditions in Branch.objects.values_list("pk", "conditions")
        if any(row.get("variable") == "customer.tier" and slugs & _values(row) for row in _rows(conditions))
    ]
    yield from _ask_for_it(branches, user)


def _asked(variables: set[str], user: Any) -> Iterator[Consequence]:
    """Branches that ask for one of these variables; one that ends in a dot stands for all that begin so."""
    begin = tuple(each for each in variables if each.endswith("."))
    branches = [
        pk
        for pk, conditions in Branch.objects.values_list("pk", "conditions")
        for row in _rows(conditions)
        if row.get("variable") in variables or str(row.get("variable")).startswith(begin)
    ]
    yield from _ask_for_it(branches, user)


def _ask_for_it(branches: list[int], user: Any) -> Iterator[Consequence]:
    rows = Branch.objects.filter(pk__in=branches)
    if branches:
        yield consequence(_ASKS, rows, rows.count(), user, is_in_the_way=True)


def _rows(conditions: Iterable[Iterable[Mapping[str, Any]]]) -> Iterator[Mapping[str, Any]]:
    return (row for group in conditions for row in group)


def _values(row: Mapping[str, Any]) -> set[Any]:
    value = row.get("value")
    return set(value) if isinstance(value, list) else {value}
