"""The best so many percent of the customers. Pure.

Definition: of n customers whose value is known, those for whom fewer than p / 100 * n customers have a
strictly higher value. That is the standard competition ranking ("1224"), which SQL calls RANK (ISO/IEC
9075-2, 4.16 window functions): rank - 1 < p / 100 * n. Equals are in or out together, and in rather than out.
"""

from decimal import Decimal
from fractions import Fraction

from customers.tiering.groups import Group, Number, Percent, bound


def bound_of(best_first: list[Group], percent: Percent) -> Number | None:
    """The value from which on a customer is among the best `percent` %; None when nobody is."""
    customers = sum(group.customers for group in best_first)
    needed = Fraction(Decimal(percent)) * customers / 100
    return bound(best_first, needed, lambda group: group.customers)
