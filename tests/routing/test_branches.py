"""Which path a contact takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactcenter.foundation.values import Value
from routing.branches import Path, Target, choose, explain
from routing.conditions import parse


def path(slug: str, *conditions: dict[str, object]) -> Path:
    return Path(slug, slug, Target(slug), parse([list(conditions)] if conditions else []))


VIP = path("vip", {"variable": "loyalty_status", "operator": "is_one_of", "value": ["gold", "platinum"]})
LOYAL = path("loyal", {"variable": "order_count", "operator": "at_least", "value": 10})
EVERYONE = path("standard")


@pytest.mark.parametrize(
    ("variables", "taken"),
    [
        pytest.param({"loyalty_status": "gold"}, VIP, id="gold is vip"),
        pytest.param({"loyalty_status": "gold", "order_count": 50}, VIP, id="first matching branch wins"),
        pytest.param({"order_count": 10}, LOYAL, id="at least includes its bound"),
        pytest.param({"order_count": 9}, EVERYONE, id="just below the bound"),
        pytest.param({"order_count": True}, EVERYONE, id="a boolean is not a number"),
        pytest.param({}, EVERYONE, id="nothing known takes the last path"),
    ],
)
def test_choose_takes(variables: dict[str, Value], taken: Path) -> None:
    assert choose([VIP, LOYAL], EVERYONE, variables).path is taken


def test_the_choice_says_why() -> None:
    assert choose([VIP], EVERYONE, {"loyalty_status": "gold"}).reason == "branch"
    assert choose([VIP], EVERYONE, {}).reason == "last_path"


def test_the_explanation_shows_each_condition_with_the_value_it_saw() -> None:
    first, second = explain([VIP, LOYAL], {"loyalty_status": "silver", "order_count": 12})
    assert (first.taken, second.taken) == (False, True)
    assert first.groups[0][0].seen == "silver"
    assert second.groups[0][0].holds


@given(
    st.dictionaries(
        st.sampled_from(["loyalty_status", "order_count"]),
        st.one_of(
            st.text("dglo", max_size=5),
            st.integers(),
            st.booleans(),
            st.floats(allow_nan=False),
            st.sampled_from(["gold"]),
        ),
    )
)
def test_the_explanation_agrees_with_the_choice_whatever_the_values(variables: dict[str, Value]) -> None:
    taken = [verdict.path for verdict in explain([VIP, LOYAL], variables) if verdict.taken]
    assert choose([VIP, LOYAL], EVERYONE, variables).path is (taken[0] if taken else EVERYONE)
