"""The smallest group of customers that brings so many percent of the value. Pure.

Definition: with the values sorted from the highest down, the shortest prefix whose sum is at least
q / 100 of the sum of all, ties at its end taken in: the customers above whom less than that is earned.
It is a point of the Lorenz curve read from its upper end (M. O. Lorenz, "Methods of Measuring the
Concentration of Wealth", 1905); q = 80 is the rule that J. M. Juran named after V. Pareto ("vital few").
"""

from decimal import Decimal
from fractions import Fraction

from customers.tiering.groups import Group, Number, Percent, bound


def bound_of(best_first: list[Group], percent: Percent) -> Number | None:
    """The value from which on a customer is in the group that brings `percent` % of all; None when nobody is."""
    worth = sum(Fraction(group.worth) for group in best_first)
    needed = Fraction(Decimal(percent)) * worth / 100
    return bound(best_first, needed, lambda group: group.worth)
