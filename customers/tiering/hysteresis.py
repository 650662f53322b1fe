"""A bound to enter and an easier one to stay: who wavers around a bound does not move each night. Pure.

The principle is that of a two-threshold trigger (O. H. Schmitt, "A Thermionic Trigger", 1938).
"""

from fractions import Fraction

from customers.tiering.groups import Number


def bound_to_stay(bound_to_enter: Number, margin_percent: int, upward: bool = True) -> Number:
    """The bound for those who are in already: `margin_percent` of it lower, or higher where less is better."""
    margin = abs(Fraction(bound_to_enter)) * margin_percent / 100
    eased = Fraction(bound_to_enter) - margin if upward else Fraction(bound_to_enter) + margin
    return int(eased) if eased.denominator == 1 else float(eased)
