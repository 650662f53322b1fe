"""The index of branches answers what walking them answers."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactcenter.foundation.values import TEXT, Value
from routing.branch_index import BranchIndex
from routing.branches import Path, Target, choose
from routing.conditions import OPERATORS, Operator, parse

EVERYONE = Path("standard", "standard", Target("standard"))
WORDS = ["gold", "Gold", "golden", "silver", "STRASSE", "straße", "2026-01-01", "2026-06-30", "0 09:30", "1", "z"]
NUMBERS = [-1, 0, 1, 2, 10, 2.5, 1.0, 10**15, 2**53 + 1, float(2**53), 10**400, float("inf"), float("nan")]
CONSTANTS = st.sampled_from([*WORDS, *NUMBERS, True, False])
SEEN = st.sampled_from(["", "a", "zz", " ", *WORDS, *NUMBERS, 0.5, -5, 3, True, False, "9 99:99", None, ["gold"]])
VARIABLES = ["tier", "volume", "vip"]
NAMES = st.sampled_from(VARIABLES)
OPERANDS: dict[str, st.SearchStrategy[Any]] = {
    "none": st.none(),
    "one": CONSTANTS,
    "many": st.lists(CONSTANTS, min_size=1, max_size=4),
    "two": st.one_of(
        st.lists(st.sampled_from(WORDS), min_size=2, max_size=2).map(lambda pair: sorted(pair, key=str.casefold)),
        st.lists(st.sampled_from([*NUMBERS[:-1], True, False]), min_size=2, max_size=2).map(sorted),
    ),
    "window": st.sampled_from([{"days": [0, 4], "from": "09:00", "until": "18:00"}]),
}


@st.composite
def condition(draw: st.DrawFn) -> dict[str, Any]:
    operator = draw(st.sampled_from(sorted(OPERATORS)))
    return {"variable": draw(NAMES), "operator": operator, "value": draw(OPERANDS[OPERATORS[operator].operand])}


GROUPS = st.lists(st.lists(condition(), min_size=1, max_size=3), max_size=2)


def branches(all_groups: list[Any]) -> list[Path]:
    return [Path(f"branch-{place}", "", Target("vip"), parse(raw)) for place, raw in enumerate(all_groups)]


@settings(max_examples=80)
@given(st.lists(GROUPS, max_size=8), st.lists(SEEN, min_size=12, max_size=12))
def test_the_index_agrees_with_the_walk_in_thousands_of_cases(all_groups: list[Any], seen: list[Value]) -> None:
    """Four values a variable, in all 64 combinations: at least 9,000 contacts."""
    paths = branches(all_groups)
    index = BranchIndex(paths, EVERYONE)
    for values in product(seen[:4], seen[4:8], seen[8:]):
        variables = dict(zip(VARIABLES, values, strict=True))
        assert index.choose(variables) == choose(paths, EVERYONE, variables), variables


@settings(max_examples=60)
@given(st.lists(condition(), min_size=1, max_size=2), st.lists(SEEN, min_size=20, max_size=20))
def test_the_index_agrees_on_one_group_alone(group: list[Any], values: list[Value]) -> None:
    """A single branch: nothing before it hides what it would do."""
    paths = branches([[[row | {"variable": "tier"} for row in group]]])
    index = BranchIndex(paths, EVERYONE)
    for value in values:
        assert index.choose({"tier": value}) == choose(paths, EVERYONE, {"tier": value}), value


@pytest.mark.parametrize(("seen", "taken"), [("marigold", "branch-0"), ("golden", "standard"), (None, "standard")])
def test_a_comparison_that_is_added_is_asked_as_it_is_written(
    seen: Value, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the entry is needed, as docs/adding-an-operator.md says."""
    ends_with = Operator("ends with", frozenset({TEXT}), "one", lambda seen, wanted: seen.endswith(wanted))
    monkeypatch.setitem(OPERATORS, "ends_with", ends_with)
    paths = branches([[[{"variable": "tier", "operator": "ends_with", "value": "gold"}]]])
    assert BranchIndex(paths, EVERYONE).choose({"tier": seen}).path.slug == taken
