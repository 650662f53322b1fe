"""Customers by value: the form in which shares look at them. Pure.

A share takes the smallest group {value >= bound} that holds it: a customer belongs to the group as long
as those who are strictly better do not make up the share yet. So equals are treated alike: a tie at the
bound is in as a whole, and the group may be larger than the share, never smaller.

Who has no value is not counted. Who has 0 or less counts as a customer, brings nothing, and is in no group.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

Number = int | float
Percent = int | Decimal


class Group(NamedTuple):
    """So many customers of one value."""

    value: Number
    customers: int

    @property
    def worth(self) -> Number:
        """What they bring together; refunds bring nothing."""
        return max(self.value, 0) * self.customers


def groups(values: Iterable[Number | None]) -> list[Group]:
    """The customers of these values, grouped, the best first."""
    counted = Counter(value for value in values if value is not None)
    return [Group(value, counted[value]) for value in sorted(counted, reverse=True)]


def bound(best_first: list[Group], needed: Fraction, measure: Callable[[Group], Number]) -> Number | None:
    """The lowest value of the smallest group whose `measure` reaches `needed`; None when nobody is in it."""
    above: Number = 0
    lowest: Number | None = None
    for group in best_first:
        if group.value <= 0 or above >= needed:
            break
        lowest = group.value
        above += measure(group)
    return lowest
