"""What the things that decisions name by their short names are called today: for a page of a list, in four queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from customers.models import LoyaltyTier
from queues.models import Queue
from routing.models import Branch, Decision, Number


@dataclass(frozen=True)
class NamesNow:
    """By short name; numbers by channel and address, branches by flow and short name."""

    queues: Mapping[str, str]
    tiers: Mapping[str, str]
    numbers: Mapping[tuple[str, str], str]
    branches: Mapping[tuple[str, str], str]

    def number(self, decision: Decision) -> str:
        return self.numbers.get((decision.channel, decision.number), "")

    def branch(self, decision: Decision) -> str:
        return self.branches.get((decision.flow, decision.branch), decision.branch)


def names_of(decisions: Iterable[Decision]) -> NamesNow:
    """The names of whatever these decisions speak of."""
    rows = list(decisions)
    numbers = Number.objects.filter(address__in={row.number for row in rows})
    branches = Branch.objects.filter(flow__slug__in={row.flow for row in rows}, slug__in={row.branch for row in rows})
    return NamesNow(
        dict(Queue.objects.filter(slug__in={row.queue for row in rows}).values_list("slug", "name")),
        dict(LoyaltyTier.objects.filter(slug__in={row.tier for row in rows}).values_list("slug", "name")),
        {(channel, address): label for channel, address, label in numbers.values_list("channel", "address", "label")},
        {(flow, slug): label for flow, slug, label in branches.values_list("flow__slug", "slug", "label")},
    )
