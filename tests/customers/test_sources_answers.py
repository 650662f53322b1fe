"""Answers become named, typed values; what does not fit is missing and said."""

from typing import Any

import pytest

from customers.sources import SourceError, compile_source
from customers.sources.answers import ExpressionError, compile_variable, read_answer, read_content

ANSWER = {"customer": {"tier": "gold", "orders": "12", "since": "2020-02-30", "vip": "yes", "ltv": 12.5}, "tags": [1]}


def variable(expression: str, kind: str = "text", default: str = "") -> dict[str, Any]:
    return {"name": "it", "expression": expression, "type": kind, "default": default}


@pytest.mark.parametrize(
    ("entry", "value", "is_problem"),
    [
        pytest.param(variable("customer.tier"), "gold", False, id="text"),
        pytest.param(variable("customer.orders", "number"), 12, False, id="a number written as text"),
        pytest.param(variable("customer.vip", "yes_no"), True, False, id="yes or no"),
        pytest.param(variable("customer.ltv", "number"), 12.5, False, id="a fraction"),
        pytest.param(variable("customer.nothing"), None, False, id="nothing there is unknown"),
        pytest.param(variable("customer.nothing", "number", "0"), 0, False, id="nothing there takes what is set"),
        pytest.param(variable("customer.since", "date"), None, True, id="no such day"),
        pytest.param(variable("customer.ltv", "money", "5"), 5, True, id="money has no fraction"),
        pytest.param(variable("tags"), None, True, id="a list is no text"),
        pytest.param(variable("customer.tier", "number"), None, True, id="a word is no number"),
        pytest.param(variable("length(tags)", "number"), 1, False, id="a function"),
        pytest.param(variable("sum(customer)", "number"), None, True, id="a function that does not suit"),
    ],
)
def test_a_variable_reads(entry: dict[str, Any], value: object, is_problem: bool) -> None:
    reading = read_content(ANSWER, [compile_variable(entry)])
    assert reading.status == "ok"
    assert reading.values.get("it") == value
    assert ("it" in reading.problems) is is_problem


@pytest.mark.parametrize(
    ("status", "body", "ends", "values"),
    [
        pytest.param(200, b'{"a": "x"}', "ok", {"it": "x"}, id="found"),
        pytest.param(201, b"{}", "ok", {"it": "none"}, id="found without the value"),
        pytest.param(404, b"<html>", "not_found", {"it": "none"}, id="not found, whatever it says"),
        pytest.param(200, b"<html>", "error", {}, id="a page instead of an answer"),
        pytest.param(200, b"", "error", {}, id="an empty answer"),
        pytest.param(200, b"[" * 100_000, "error", {}, id="brackets without end"),
        pytest.param(200, b'{"a": NaN}', "error", {}, id="not a number"),
        pytest.param(200, b'{"a": "\xff"}', "error", {}, id="not UTF-8"),
        pytest.param(302, b'{"a": "x"}', "error", {}, id="a redirect"),
        pytest.param(401, b'{"a": "x"}', "error", {}, id="not allowed"),
        pytest.param(500, b'{"a": "x"}', "error", {}, id="broken"),
    ],
)
def test_an_answer_ends_as(status: int, body: bytes, ends: str, values: dict[str, str]) -> None:
    reading = read_answer(status, body, [compile_variable(variable("a", default="none"))])
    assert (reading.status, reading.values) == (ends, values)


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(variable("a["), id="no expression"),
        pytest.param(variable(""), id="an empty one"),
        pytest.param(variable("a" * 301), id="too long a one"),
        pytest.param(variable("[" * 300), id="too deep a one"),
        pytest.param(variable("a", "colour"), id="no type"),
        pytest.param(variable("a", "number", "many"), id="a default of another type"),
    ],
)
def test_a_bad_variable_is_refused_before_any_call(entry: dict[str, Any]) -> None:
    with pytest.raises(ExpressionError):
        compile_variable(entry)


def source(**changes: Any) -> dict[str, Any]:
    return {
        "name": "CRM",
        "method": "GET",
        "url": "https://crm.example.com/{call.from}",
        "auth": "none",
        "budget_ms": 800,
        "connect_ms": 300,
        "read_ms": 600,
        "cache_seconds": 60,
        "variables": [variable("a") | {"fills": "tier"}],
    } | changes


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"method": "DELETE"}, "method"),
        ({"url": "https://{call.from}/"}, "url"),
        ({"method": "POST", "body": "{call.from}"}, "body"),
        ({"auth": "kerberos"}, "auth"),
        ({"auth": "header"}, "auth_name"),
        ({"auth": "header", "auth_name": "Host"}, "auth_name"),
        ({"auth": "header", "auth_name": "X: y\r\nZ"}, "auth_name"),
        ({"auth": "basic", "auth_name": "a:b"}, "auth_name"),
        ({"budget_ms": 0}, "budget_ms"),
        ({"budget_ms": "many"}, "budget_ms"),
        ({"connect_ms": True}, "connect_ms"),
        ({"read_ms": 5001}, "read_ms"),
        ({"cache_seconds": -1}, "cache_seconds"),
        ({"variables": [variable("a[")]}, "variables.it"),
        ({"variables": [{"name": "it"}]}, "variables"),
    ],
)
def test_a_bad_source_is_refused_and_the_field_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(SourceError) as caught:
        compile_source("crm", source(**changes))
    assert caught.value.field == field


def test_a_source_knows_what_it_needs_and_fills() -> None:
    compiled = compile_source("crm", source(method="POST", body='{"n": "{orders.id}"}'))
    assert compiled.needs == {"call.from", "orders.id"}
    assert compiled.fills == {"it": "tier"}


def test_a_body_is_sent_with_post_only() -> None:
    assert compile_source("crm", source(body='{"n": "{orders.id}"}')).needs == {"call.from"}


@pytest.mark.parametrize(
    ("auth", "name", "header", "value"),
    [
        ("bearer", "", "Authorization", "Bearer s3cret"),
        ("basic", "me", "Authorization", "Basic bWU6czNjcmV0"),
        ("header", "X-Api-Key", "X-Api-Key", "s3cret"),
    ],
)
def test_a_source_is_told_who_asks(auth: str, name: str, header: str, value: str) -> None:
    compiled = compile_source("crm", source(auth=auth, auth_name=name))
    assert compiled.headers("s3cret")[header] == value
    assert "s3cret" not in repr(compiled)
