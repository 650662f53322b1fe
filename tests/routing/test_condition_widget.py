"""The conditions field: rows as JSON and lines of text give the same conditions, and mistakes are named."""

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from contactcenter.foundation.values import DATE, MONEY, NUMBER, TEXT, YES_NO
from routing.admin.condition_widget import ConditionsField, ConditionsWidget, page_data
from routing.admin.condition_words import from_words, to_words, typed
from routing.catalogue import Entry
from routing.conditions import MOMENT, OPERATORS

ENTRIES = [
    Entry("customer.tier", TEXT, "loyalty tier", "The customer", (("gold", "Gold"), ("silver", "Silver"))),
    Entry("customer.plan", TEXT, "plan", "The customer"),
    Entry("customer.known", YES_NO, "known", "The customer"),
    Entry("customer.purchases", NUMBER, "purchases", "The customer"),
    Entry("customer.lifetime_value", MONEY, "lifetime value", "The customer"),
    Entry("time.date", DATE, "date", "Time"),
    Entry("time.window", MOMENT, "day and time", "Time"),
]
TYPES = {entry.name: entry.type for entry in ENTRIES}


def row(variable: str, operator: str, value: Any = None) -> dict[str, Any]:
    condition = {"variable": variable, "operator": operator}
    return condition if value is None else condition | {"value": value}


OFFICE_HOURS = {"days": [0, 4], "from": "09:00", "until": "18:00"}


@pytest.fixture
def field() -> ConditionsField:
    field = ConditionsField(required=False)
    field.entries = ENTRIES
    return field


ROUND_TRIPS = [
    pytest.param("", [], id="nothing takes everybody"),
    pytest.param("customer.tier is gold", [[row("customer.tier", "is", "gold")]], id="one value"),
    pytest.param(
        "customer.tier is_one_of gold, silver",
        [[row("customer.tier", "is_one_of", ["gold", "silver"])]],
        id="several values",
    ),
    pytest.param(
        'customer.plan is_one_of Basic, "Pro, yearly"',
        [[row("customer.plan", "is_one_of", ["Basic", "Pro, yearly"])]],
        id="a value with a comma is quoted",
    ),
    pytest.param(
        "customer.plan is Pro yearly", [[row("customer.plan", "is", "Pro yearly")]], id="a value with a space"
    ),
    pytest.param("customer.known is yes", [[row("customer.known", "is", True)]], id="yes or no"),
    pytest.param("customer.plan is_unknown", [[row("customer.plan", "is_unknown")]], id="no value at all"),
    pytest.param(
        "customer.lifetime_value between 100000, 500000",
        [[row("customer.lifetime_value", "between", [100000, 500000])]],
        id="two amounts of money",
    ),
    pytest.param("time.date at_least 2026-12-24", [[row("time.date", "at_least", "2026-12-24")]], id="a date"),
    pytest.param(
        "time.window within_window mon, fri 09:00-18:00",
        [[row("time.window", "within_window", OFFICE_HOURS)]],
        id="a time window",
    ),
    pytest.param(
        "customer.tier is gold\ncustomer.purchases at_least 3\nor\ncustomer.known is no",
        [
            [row("customer.tier", "is", "gold"), row("customer.purchases", "at_least", 3)],
            [row("customer.known", "is", False)],
        ],
        id="and within a group, or between groups",
    ),
]


@pytest.mark.parametrize(("words", "groups"), ROUND_TRIPS)
def test_lines_are_understood(field: ConditionsField, words: str, groups: list[Any]) -> None:
    assert field.clean(words) == groups


@pytest.mark.parametrize(("words", "groups"), ROUND_TRIPS)
def test_conditions_are_written_as_lines(words: str, groups: list[Any]) -> None:
    assert to_words(groups) == words


@pytest.mark.parametrize(("words", "groups"), ROUND_TRIPS)
def test_rows_of_the_page_give_the_same(field: ConditionsField, words: str, groups: list[Any]) -> None:
    assert field.clean(json.dumps(groups)) == groups
    assert not field.has_changed(groups, json.dumps(groups))
    assert not field.has_changed(groups, words)


def test_every_operator_can_be_written_as_a_line() -> None:
    values = {"none": None, "one": "a", "many": ["a", "b"], "two": ["a", "b"], "window": OFFICE_HOURS}
    for slug, operator in OPERATORS.items():
        groups = [[row("x", slug, values[operator.operand])]]
        assert from_words(to_words(groups)) == groups, slug


def test_inputs_of_the_page_are_text_and_become_typed(field: ConditionsField) -> None:
    sent = [[row("customer.purchases", "at_least", "3"), row("customer.known", "is", "yes")]]
    assert field.clean(json.dumps(sent)) == [
        [row("customer.purchases", "at_least", 3), row("customer.known", "is", True)]
    ]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        pytest.param("customer.tier is", "Group 1, row 1", id="a value is missing"),
        pytest.param("customer.tier", "Group 1, row 1", id="a comparison is missing"),
        pytest.param("customer.shoe is 43", "customer.shoe", id="no such variable"),
        pytest.param("customer.tier is gold\ncustomer.purchases is many", "Group 1, row 2", id="the second row"),
        pytest.param("customer.tier is gold\nor\ncustomer.known at_least 1", "Group 2, row 1", id="the second group"),
        pytest.param("customer.purchases between 9, 3", "Group 1, row 1", id="the lowest above the highest"),
        pytest.param("customer.purchases between 9", "Group 1, row 1", id="one value where two belong"),
        pytest.param("time.window within_window always", "Group 1, row 1", id="a window without days"),
        pytest.param("customer.tier is gold\nor", "Group 2", id="an empty group"),
        pytest.param('[[{"variable": "customer.tier"', "cannot be read", id="torn JSON"),
        pytest.param('[[["gold"]]]', "Group 1, row 1", id="JSON of another shape"),
        pytest.param('[{"variable": "customer.tier"}]', "Group 1", id="a group that is no list"),
        pytest.param("[" * 5000, "cannot be read", id="JSON without end"),
    ],
)
def test_a_mistake_is_named(field: ConditionsField, sent: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        field.clean(sent)
    assert said in " ".join(refused.value.messages)


def test_all_mistakes_are_named_at_once(field: ConditionsField) -> None:
    with pytest.raises(ValidationError) as refused:
        field.clean("customer.shoe is 43\nor\ncustomer.hat is 58")
    assert len(refused.value.messages) == 2


def test_a_refused_form_comes_back_with_its_rows(field: ConditionsField) -> None:
    sent = json.dumps([[row("customer.purchases", "at_least", "many")]])
    html = ConditionsWidget().render("conditions", field.prepare_value(sent))
    assert "customer.purchases at_least many" in html
    assert "data-groups=" in html


def test_what_cannot_be_read_comes_back_as_text(field: ConditionsField) -> None:
    html = ConditionsWidget().render("conditions", field.prepare_value("[[torn"))
    assert "[[torn" in html
    assert "data-groups=" not in html


def test_a_condition_cannot_leave_its_place_in_the_page(field: ConditionsField) -> None:
    groups = [[row("customer.plan", "is", '"></textarea><script>alert(1)</script>')]]
    assert "<script>" not in ConditionsWidget().render("conditions", field.prepare_value(groups))


def test_typed_leaves_alone_what_it_does_not_know() -> None:
    groups = [[row("customer.shoe", "is", "43")], ["odd"]]
    assert typed(groups, TYPES) == groups


def test_the_page_offers_every_operator_and_known_values() -> None:
    data = page_data(ENTRIES, {"customer.plan": [("Pro", "Pro")]})
    assert [operator["slug"] for operator in data["operators"]] == list(OPERATORS)
    by_name = {entry["name"]: entry for entry in data["entries"]}
    assert by_name["customer.tier"]["choices"] == [["gold", "Gold"], ["silver", "Silver"]]
    assert by_name["customer.plan"]["known"] == [("Pro", "Pro")]
    json.dumps(data)
