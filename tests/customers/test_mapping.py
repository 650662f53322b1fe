"""From a CRM's record to a customer: what is read, what is refused, and with which words."""

from dataclasses import replace
from typing import Any

import pytest

from customers.crm.mapping import BadMapping, Mapped, Mappings, Rejection, Rule, fingerprint, map_record
from customers.crm.targets import FACTS, HANDLES, targets
from customers.models import Customer, Handle

RECORD = {
    "id": 17,
    "name": " Giulia Oro ",
    "loyalty": {"status": "GOLD"},
    "orders": "42",
    "value": 700000,
    "phones": [{"number": "02 5550 1001"}, {"number": "+39 02 55501002"}],
    "mail": None,
    "shoe": "38.5",
}


def mappings(*rules: Rule, **settings: Any) -> Mappings:
    base = Mappings("id", "IT", rules, {"gold": "gold", "vip": "gold"}, attributes={"shoe_size": "number"})
    return replace(base, **settings)


def read(rule: Rule, record: dict[str, Any], **settings: Any) -> Mapped | Rejection:
    return map_record({"id": 17} | record, mappings(rule, **settings))


def test_a_record_is_read_field_by_field() -> None:
    rules = {
        "name": "name",
        "tier": "loyalty.status",
        "purchases": "orders",
        "lifetime_value": "value",
        "plan": "plan",
        "handle:phone": "phones[*].number",
        "handle:email": "mail",
        "attribute:shoe_size": "shoe",
    }
    mapped = map_record(RECORD, mappings(*(Rule(target, path) for target, path in rules.items())))
    assert mapped == Mapped(
        "17",
        {"name": "Giulia Oro", "tier": "gold", "purchases": 42, "lifetime_value": 700000, "plan": ""},
        {"shoe_size": 38.5},
        {"phone": {"+390255501001", "+390255501002"}, "email": set()},
    )


@pytest.mark.parametrize(
    ("target", "value", "reason"),
    [
        pytest.param("tier", "diamond", "“diamond” is not in the list of tiers", id="a word nobody mapped"),
        pytest.param("tier", "+390255501001", "is not in the list of tiers", id="a number mapped by mistake"),
        pytest.param("tier", {"a": 1}, "cannot be read as a text", id="an object as tier"),
        pytest.param("purchases", "many", "cannot be read as a number", id="words for a number"),
        pytest.param("purchases", -1, "is not a whole number from 0 up", id="a negative count"),
        pytest.param("purchases", 1.5, "is not a whole number from 0 up", id="half an order"),
        pytest.param("purchases", 2**31, "is not a whole number from 0 up", id="more than the column holds"),
        pytest.param("purchases", True, "cannot be read as a number", id="yes is not a number"),
        pytest.param("lifetime_value", 10.5, "cannot be read as money in minor units", id="euros instead of cents"),
        pytest.param("lifetime_value", float("nan"), "cannot be read as a number", id="not a number"),
        pytest.param("plan", "x" * 81, "is longer than 80 characters", id="too long"),
        pytest.param("plan", "a\x00b", "has characters that cannot be printed", id="NUL"),
        pytest.param("plan", "\ud800", "has characters that cannot be printed", id="a lone surrogate"),
        pytest.param("handle:phone", "ask at the desk", "is not a telephone number", id="no number"),
        pytest.param("handle:phone", ["+390255501001", "?"], "is not a telephone number", id="one bad of two"),
        pytest.param("handle:email", "anna", "is not an e-mail address", id="no e-mail"),
        pytest.param("attribute:shoe_size", "big", "cannot be read as a number", id="an attribute of another type"),
    ],
)
def test_a_bad_value_is_refused_with_field_and_reason_or_as_the_mapping_says(
    target: str, value: object, reason: str
) -> None:
    rule = Rule(target, "it")
    assert read(rule, {"it": value}) == Rejection("17", target, reason)
    assert read(replace(rule, on_error="keep"), {"it": value}) == Mapped("17")
    assert read(replace(rule, on_error="null"), {"it": value}) == read(rule, {"it": None})


@pytest.mark.parametrize("value", [None, "", [], pytest.param(..., id="not there at all")])
def test_a_required_field_that_is_missing_refuses_the_record(value: object) -> None:
    record = {} if value is ... else {"it": value}
    assert read(Rule("handle:phone", "it", is_required=True), record) == Rejection("17", "handle:phone", "is missing")


def test_a_tier_nobody_mapped_can_leave_the_tier_alone() -> None:
    assert read(Rule("tier", "it"), {"it": "diamond"}, keeps_unmapped_tier=True) == Mapped("17")


def test_a_customer_without_a_tier_loses_the_one_he_had() -> None:
    assert read(Rule("tier", "it"), {"it": None}, tiers={"none": "gold"}) == Mapped("17", {"tier": None})


@pytest.mark.parametrize("word", ["gold", "GOLD", " Gold ", "ViP"])
def test_words_for_tiers_ignore_capitals(word: str) -> None:
    assert read(Rule("tier", "it"), {"it": word}) == Mapped("17", {"tier": "gold"})


@pytest.mark.parametrize("record", [None, 5, "text", [], {}, {"id": None}, {"id": ""}, {"id": []}, {"id": "x" * 121}])
def test_a_record_without_an_id_is_refused(record: object) -> None:
    assert map_record(record, mappings()) == Rejection("", "id", "The record has no usable id.")


def test_an_expression_that_a_record_breaks_refuses_that_record_only() -> None:
    rule = Rule("name", "join(' ', names)")
    assert read(rule, {"names": ["Giulia", "Oro"]}) == Mapped("17", {"name": "Giulia Oro"})
    assert read(rule, {"names": 5}) == Rejection("17", "name", "cannot be read as expression")


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        pytest.param(Rule("name", "name["), "name", id="not JMESPath"),
        pytest.param(Rule("phone", "phone"), "phone", id="not a field of ours"),
        pytest.param(Rule("handle:pigeon", "x"), "handle:pigeon", id="no such kind of handle"),
    ],
)
def test_a_mapping_that_cannot_be_used_names_its_field(rule: Rule, field: str) -> None:
    with pytest.raises(BadMapping) as raised:
        mappings(rule)
    assert raised.value.field == field


def test_the_fingerprint_changes_with_the_record_and_with_the_mapping_only() -> None:
    digest = mappings(Rule("name", "name")).digest()
    assert digest == mappings(Rule("name", "name")).digest()
    assert fingerprint({"a": 1, "b": 2}, digest) == fingerprint({"b": 2, "a": 1}, digest)
    assert fingerprint({"a": 1}, digest) != fingerprint({"a": 2}, digest)
    others = [
        mappings(Rule("name", "title")),
        mappings(Rule("name", "name", on_error="keep")),
        mappings(Rule("name", "name"), region="DE"),
        mappings(Rule("name", "name"), tiers={"gold": "platinum"}),
        mappings(Rule("name", "name"), attributes={}),
    ]
    assert len({digest, *(other.digest() for other in others)}) == 6


def test_texts_that_fit_the_mapping_fit_the_database() -> None:
    for name, fact in FACTS.items():
        if fact.longest:
            column = Customer._meta.get_field(name)
            assert getattr(column, "max_length", None) == fact.longest
    assert set(HANDLES) == set(Handle.Kind.values)


def test_targets_are_our_fields_and_the_supervisors_attributes_but_not_the_id() -> None:
    offered = [str(name) for name, _ in targets([("shoe_size", "Shoe size")])]
    assert {"tier", "name", "handle:phone", "handle:customer_no", "attribute:shoe_size"} <= set(offered)
    assert "external_id" not in offered
    assert len(offered) == len(set(offered))
