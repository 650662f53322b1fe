"""Ordered thresholds: the first rule that fits gives the tier. Pure.

Shares (percentile, Pareto) end here, too: their bounds are rules of the kind "is at least".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contactcenter.foundation.values import Value
from customers.tiering.groups import Number
from customers.tiering.hysteresis import bound_to_stay

AT_LEAST, AT_MOST, IS = "at_least", "at_most", "is"
NO_TIER = -1
"""The rank of whoever has no tier: below all others."""


@dataclass(frozen=True)
class Rule:
    """Who has this in `field` is in `tier` (its key), which has this `rank`. A text operand is compared as text."""

    field: str
    operator: str
    operand: Number | str
    tier: int
    rank: int

    @property
    def reads(self) -> tuple[str, bool]:
        """The field, and whether it is read as a number."""
        return self.field, not isinstance(self.operand, str)

    def eased(self, margin_percent: int) -> "Rule":
        """The rule for those who are in its tier or in a higher one already."""
        if self.operator == IS or isinstance(self.operand, str):
            return self
        bound = bound_to_stay(self.operand, margin_percent, upward=self.operator == AT_LEAST)
        return Rule(self.field, self.operator, bound, self.tier, self.rank)

    def fits(self, value: Value | None) -> bool:
        """Whether `value` is what the rule asks for. What is not known fits no rule."""
        if value is None:
            return False
        if isinstance(self.operand, str):
            return as_text(value) == self.operand
        if isinstance(value, bool | str):
            return False
        if self.operator == AT_LEAST:
            return value >= self.operand
        return value <= self.operand if self.operator == AT_MOST else value == self.operand


def as_text(value: Value) -> str:
    """`value` as a text operand has it: yes and no for a boolean."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def first_that_fits(
    rules: Iterable[Rule], known: Mapping[str, Value | None], rank: int = NO_TIER, margin_percent: int = 0
) -> Rule | None:
    """The first rule that fits a customer with these values who has a tier of `rank` now; None when none does.

    A rule whose tier is his own or a lower one is eased by the margin.
    """
    for rule in rules:
        tried = rule.eased(margin_percent) if rank >= rule.rank else rule
        if tried.fits(known.get(rule.field)):
            return rule
    return None
