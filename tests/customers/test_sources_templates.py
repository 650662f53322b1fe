"""A value fills its place in an address or a body, and nothing more."""

import json

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3.util import parse_url

from customers.sources.templates import (
    CannotFill,
    TemplateError,
    check_body,
    check_url,
    fill_body,
    fill_url,
    names,
)

URL = "https://crm.example.com:8443/v1/customers/{call.from}/orders/{call.context.customer_no}?q={call.from}&fixed=1"


def test_the_variables_of_a_template_are_found() -> None:
    assert names(URL + ' {"a": {"b": "{my-step.id}"}} {nothing} {}') == {
        "call.from",
        "call.context.customer_no",
        "my-step.id",
    }


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param("+39347", "%2B39347", id="a plus stays a plus"),
        pytest.param("a/../b", "a%2F..%2Fb", id="a slash is no path"),
        pytest.param("a&admin=1#x?", "a%26admin%3D1%23x%3F", id="no parameter is added"),
        pytest.param("100%", "100%25", id="a percent sign is itself"),
        pytest.param("\r\nHost: x", "%0D%0AHost%3A%20x", id="no line is added"),
        pytest.param("é", "%C3%A9", id="UTF-8"),
        pytest.param("\ud800", "%3F", id="half a character is a question mark"),
        pytest.param(True, "true", id="yes"),
        pytest.param(12, "12", id="a number"),
        pytest.param(0, "0", id="zero is a value"),
        pytest.param(False, "false", id="no is a value"),
    ],
)
def test_a_value_is_percent_encoded(value: str | int | bool, written: str) -> None:
    assert fill_url("https://a.example/x?q={call.from}", {"call.from": value}) == f"https://a.example/x?q={written}"


@pytest.mark.parametrize("values", [{}, {"call.from": ""}], ids=["missing", "empty"])
def test_without_a_value_nothing_is_asked(values: dict[str, str]) -> None:
    with pytest.raises(CannotFill, match=r"^missing: call\.from$"):
        fill_url("https://a.example/{call.from}", values)


@pytest.mark.parametrize("value", [".", ".."])
def test_a_value_cannot_step_up_the_path(value: str) -> None:
    with pytest.raises(CannotFill, match="unusable"):
        fill_url("https://a.example/customers/{call.from}/orders", {"call.from": value})
    assert fill_url("https://a.example/?q={call.from}", {"call.from": value}) == f"https://a.example/?q={value}"


def test_two_values_cannot_step_up_together() -> None:
    with pytest.raises(CannotFill, match="unusable"):
        fill_url("https://a.example/{a.b}{a.c}/", {"a.b": ".", "a.c": "."})


@given(st.text(st.characters(), min_size=1, max_size=40), st.text(min_size=1, max_size=40))
@settings(max_examples=400, deadline=None)
def test_whatever_is_filled_in_the_address_keeps_its_shape(caller: str, number: str) -> None:
    try:
        url = fill_url(URL, {"call.from": caller, "call.context.customer_no": number})
    except CannotFill:
        assert {caller, number} & {".", ".."}
        return
    sent = requests.Request("GET", url).prepare().url  # as it goes over the wire
    assert sent is not None
    parts = parse_url(sent)
    assert (parts.scheme, parts.auth, parts.host, parts.port) == ("https", None, "crm.example.com", 8443)
    assert parts.path is not None
    segments = parts.path.split("/")
    assert [segments[index] for index in (0, 1, 2, 4)] == ["", "v1", "customers", "orders"]
    assert len(segments) == 6
    assert parts.query is not None
    assert [pair.partition("=")[0] for pair in parts.query.split("&")] == ["q", "fixed"]
    assert parts.fragment is None


@given(st.text(st.characters(), min_size=1, max_size=40))
@settings(max_examples=200, deadline=None)
def test_whatever_is_filled_in_a_body_stays_inside_its_quotes(value: str) -> None:
    body = fill_body('{"phone": "{call.from}", "kind": "x-{call.from}"}', {"call.from": value})
    assert json.loads(body) == {"phone": value, "kind": f"x-{value}"}


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("", id="nothing"),
        pytest.param("crm.example.com/x", id="no scheme"),
        pytest.param("ftp://crm.example.com/", id="another scheme"),
        pytest.param("{call.context.scheme}://crm.example.com/", id="a variable as scheme"),
        pytest.param("https://{call.context.host}/", id="a variable as host"),
        pytest.param("https://{call.from}.example.com/", id="a variable in the host"),
        pytest.param("https://crm.example.com{call.from}/", id="a variable at the end of the host"),
        pytest.param("https://crm.example.com:{call.from}/", id="a variable as port"),
        pytest.param("https://user:word@crm.example.com/", id="a password in the address"),
        pytest.param("https:///path", id="no host"),
        pytest.param("https://crm.example.com/{callfrom}", id="a name without its group"),
        pytest.param("https://crm.example.com/{call.from", id="a brace left open"),
        pytest.param("https://crm.example.com/a/../{call.from}", id="a step up"),
        pytest.param("https://crm.example.com/a/%2e%2e/{call.from}", id="a hidden step up"),
        pytest.param("https://crm.example.com/#{call.from}", id="a fragment"),
        pytest.param("https://crm.example.com/a b", id="a blank"),
        pytest.param("https://crm.example.com\\@evil.example/", id="a backslash"),
    ],
)
def test_an_address_that_could_lead_elsewhere_is_refused(template: str) -> None:
    with pytest.raises(TemplateError):
        check_url(template)


@pytest.mark.parametrize(
    "template", [URL, "http://127.0.0.1:8002/customers", "HTTPS://crm.example.com?q={call.from}", "https://[::1]/x"]
)
def test_a_good_address_is_accepted(template: str) -> None:
    check_url(template)


@pytest.mark.parametrize(
    ("template", "good"),
    [
        pytest.param('{"phone": "{call.from}"}', True, id="inside quotes"),
        pytest.param('{"a": ["{call.from}", 1]}', True, id="in a list"),
        pytest.param('{"phone": {call.from}}', False, id="outside quotes it could add keys"),
        pytest.param('{"n": 1{call.from}}', False, id="beside a number"),
        pytest.param('{"a": "\\{call.from}"}', False, id="behind a backslash"),
        pytest.param('{"a": "\\u00{call.from}"}', False, id="inside an escape"),
        pytest.param('{"a": ', False, id="not finished"),
        pytest.param("[" * 100_000, False, id="too deep"),
    ],
)
def test_a_body_is_json_with_variables_inside_quotes(template: str, good: bool) -> None:
    if good:
        check_body(template)
    else:
        with pytest.raises(TemplateError):
            check_body(template)
