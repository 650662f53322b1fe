"""What percentile, Pareto, rules, and hysteresis mean: hand-computed tables and properties."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.tiering import pareto, percentile
from customers.tiering.groups import Number, groups
from customers.tiering.hysteresis import bound_to_stay
from customers.tiering.rules import AT_LEAST, AT_MOST, IS, NO_TIER, Rule, first_that_fits

TEN = [4000, 2500, 1500, 800, 500, 300, 200, 100, 60, 40]
"""The ten customers of docs/tiers.md: they bring 10,000."""

values = st.lists(st.one_of(st.none(), st.integers(-50, 1000)), max_size=60)
few = settings(max_examples=40, deadline=None)
percents = st.decimals("0.01", 100, places=2)


@pytest.mark.parametrize(
    ("held", "percent", "bound"),
    [
        pytest.param(TEN, 10, 4000, id="the best one of ten"),
        pytest.param(TEN, 20, 2500, id="the best two of ten"),
        pytest.param(TEN, 25, 1500, id="two and a half customers are three"),
        pytest.param(TEN, 100, 40, id="everybody"),
        pytest.param([5, 5, 5, 1], 25, 5, id="equals are in together, more than the share"),
        pytest.param([5, 5, 5, 1], 75, 5, id="equals that fill the share exactly"),
        pytest.param([5, 5, 5, 1], 76, 1, id="one more than they fill"),
        pytest.param([9, 0, 0, 0], 50, 9, id="who brings nothing is in no group"),
        pytest.param([9, None, None, None], 50, 9, id="who has no value is not counted"),
        pytest.param([0, 0, -3], 50, None, id="nobody brings anything"),
        pytest.param([], 20, None, id="nobody at all"),
    ],
)
def test_the_best_so_many_percent_of_the_customers(held: list[int | None], percent: int, bound: int | None) -> None:
    assert percentile.bound_of(groups(held), percent) == bound


@pytest.mark.parametrize(
    ("held", "percent", "bound"),
    [
        pytest.param(TEN, 40, 4000, id="40 % of the value is one customer"),
        pytest.param(TEN, 41, 2500, id="just above it are two"),
        pytest.param(TEN, 80, 1500, id="80 % of the value are three of ten"),
        pytest.param(TEN, 81, 800, id="just above it are four"),
        pytest.param(TEN, 100, 40, id="all of the value is everybody"),
        pytest.param([5, 5, 5, 1], 50, 5, id="equals are in together, more than the share"),
        pytest.param([10, 0, -100], 100, 10, id="refunds bring nothing and take nothing"),
        pytest.param([10, None], 100, 10, id="who has no value is not counted"),
        pytest.param([0, -3], 80, None, id="nobody brings anything"),
        pytest.param([], 80, None, id="nobody at all"),
    ],
)
def test_the_smallest_group_with_so_much_of_the_value(held: list[int | None], percent: int, bound: int | None) -> None:
    assert pareto.bound_of(groups(held), percent) == bound


@few
@given(values, percents)
def test_a_percentile_group_is_large_enough_and_no_larger(held: list[int | None], percent: Fraction) -> None:
    known = [value for value in held if value is not None]
    bound = percentile.bound_of(groups(held), percent)  # type: ignore[arg-type]
    inside = [] if bound is None else [value for value in known if value >= bound]
    needed = Fraction(percent) * len(known) / 100
    positive = [value for value in known if value > 0]
    assert len(inside) >= min(needed, Fraction(len(positive)))
    assert not inside or len([value for value in inside if value > min(inside)]) < needed


@few
@given(values, percents)
def test_a_pareto_group_brings_enough_and_no_step_less_would(held: list[int | None], percent: Fraction) -> None:
    known = [value for value in held if value is not None and value > 0]
    bound = pareto.bound_of(groups(held), percent)  # type: ignore[arg-type]
    needed = Fraction(percent) * sum(known) / 100
    assert (bound is None) == (not known)
    if bound is not None:
        assert sum(value for value in known if value >= bound) >= needed
        assert sum(value for value in known if value > bound) < needed


@few
@given(values, percents, percents)
def test_a_larger_share_never_leaves_anybody_out(held: list[int | None], one: Fraction, other: Fraction) -> None:
    for bound_of in (percentile.bound_of, pareto.bound_of):
        smaller, larger = bound_of(groups(held), min(one, other)), bound_of(groups(held), max(one, other))  # type: ignore[arg-type]
        assert smaller is None or (larger is not None and larger <= smaller)


@pytest.mark.parametrize(
    ("bound", "margin", "upward", "to_stay"),
    [
        pytest.param(1000, 5, True, 950, id="5 % below the bound"),
        pytest.param(1000, 0, True, 1000, id="no margin"),
        pytest.param(10, 5, True, 9.5, id="not a whole number"),
        pytest.param(0, 5, True, 0, id="nothing has no margin"),
        pytest.param(-100, 5, True, -105, id="below a negative bound"),
        pytest.param(1000, 5, False, 1050, id="above, where less is better"),
    ],
)
def test_the_bound_to_stay(bound: Number, margin: int, upward: bool, to_stay: Number) -> None:
    assert bound_to_stay(bound, margin, upward) == to_stay


GOLD = Rule("lifetime_value", AT_LEAST, 1000, tier=3, rank=3)
SILVER = Rule("lifetime_value", AT_LEAST, 500, tier=2, rank=2)
STAFF = Rule("category", IS, "staff", tier=4, rank=4)
NEW = Rule("purchases", AT_MOST, 2, tier=1, rank=1)
ALL = (STAFF, GOLD, SILVER, NEW)


@pytest.mark.parametrize(
    ("known", "rank", "given_by"),
    [
        pytest.param({"lifetime_value": 1000}, NO_TIER, GOLD, id="at least includes its bound"),
        pytest.param({"lifetime_value": 999}, NO_TIER, SILVER, id="just below the bound the next rule takes him"),
        pytest.param({"lifetime_value": 950}, 3, GOLD, id="who is gold stays within the margin"),
        pytest.param({"lifetime_value": 949}, 3, SILVER, id="and not below it"),
        pytest.param({"lifetime_value": 950}, 2, SILVER, id="who is silver does not enter by the margin"),
        pytest.param({"lifetime_value": 480}, 3, SILVER, id="who falls two steps is caught by the margin of the lower"),
        pytest.param({"category": "staff", "lifetime_value": 1}, NO_TIER, STAFF, id="a word"),
        pytest.param({"category": "Staff", "lifetime_value": 1}, NO_TIER, None, id="a word is compared as it is"),
        pytest.param({"purchases": 2}, NO_TIER, NEW, id="at most includes its bound"),
        pytest.param({"purchases": True}, NO_TIER, None, id="a boolean is not a number"),
        pytest.param({"purchases": 2, "lifetime_value": 2000}, NO_TIER, GOLD, id="the first rule that fits wins"),
        pytest.param({}, 3, None, id="what is not known fits no rule"),
    ],
)
def test_the_first_rule_that_fits(known: dict[str, int | str], rank: int, given_by: Rule | None) -> None:
    assert first_that_fits(ALL, known, rank, margin_percent=5) is given_by


def test_yes_and_no_are_words() -> None:
    rule = Rule("attribute:vip", IS, "yes", tier=1, rank=1)
    assert (rule.fits(True), rule.fits(False), rule.fits(None)) == (True, False, False)


@few
@given(st.lists(st.integers(951, 1100), min_size=1, max_size=40))
def test_who_wavers_within_the_margin_moves_at_most_once(wavering: list[int]) -> None:
    rank, moves = 2, 0
    for value in wavering:
        found = first_that_fits(ALL, {"lifetime_value": value}, rank, margin_percent=5)
        assert found is not None
        moves, rank = moves + (found.rank != rank), found.rank
    assert moves <= 1


NOW = datetime(2026, 11, 22, tzinfo=UTC)
