"""The REST connector: what it asks for, and what it makes of every kind of answer."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from customers.crm import CONNECTORS, ConnectionConfig, CrmRejected, CrmUnavailable, PaginationLoop
from customers.crm.rest_json import seconds_to_wait
from demo import people
from tests.customers.crm_standin import TOKEN, Fault, Standin, page, standin

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def crm() -> Iterator[Standin]:
    with standin(25) as running:
        yield running


def fetch(crm: Standin, cursor: str = "", since: datetime | None = None, **settings: Any) -> Any:
    options: dict[str, Any] = {
        "url": crm.url,
        "token": TOKEN,
        "records_path": "records",
        "next_cursor_path": "next_cursor",
        "count_path": "count",
        "cursor_param": "cursor",
        "page_size_param": "limit",
        "page_size": 10,
        "updated_since_param": "updated_since",
    }
    return CONNECTORS["rest_json"].fetch_page(ConnectionConfig(**(options | settings)), cursor, since, NOW)


def test_pages_follow_the_cursor_to_the_end(crm: Standin) -> None:
    crm.journal.clear()
    first = fetch(crm)
    second = fetch(crm, first.next_cursor)
    third = fetch(crm, second.next_cursor)
    assert [len(one.records) for one in (first, second, third)] == [10, 10, 5]
    assert (first.expected, third.next_cursor) == (25, None)
    assert crm.journal[:2] == [{"limit": "10"}, {"cursor": "C-000010", "limit": "10"}]


def test_changes_since_are_asked_for_with_their_zone_and_only_when_the_crm_can(crm: Standin) -> None:
    crm.journal.clear()
    assert fetch(crm, since=NOW).records == []
    fetch(crm, since=NOW, updated_since_param="")
    assert crm.journal == [{"limit": "10", "updated_since": "2026-06-01T12:00:00+00:00"}, {"limit": "10"}]


def test_a_query_in_the_address_is_kept(crm: Standin) -> None:
    crm.journal.clear()
    fetch(crm, url=f"{crm.url}?region=south")
    assert crm.journal == [{"region": "south", "limit": "10"}]


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        pytest.param(Fault(429, headers=(("Retry-After", "7"),)), CrmUnavailable, "busy", id="too many requests"),
        pytest.param(Fault(503), CrmUnavailable, "busy", id="not available"),
        pytest.param(Fault(500), CrmUnavailable, "server_error", id="server error"),
        pytest.param(Fault(502, b"<html>"), CrmUnavailable, "server_error", id="bad gateway"),
        pytest.param(Fault(200, b"<html>Login</html>"), CrmUnavailable, "not_json", id="a web page with 200"),
        pytest.param(Fault(200, b'{"records": [{'), CrmUnavailable, "truncated", id="JSON cut off"),
        pytest.param(Fault(200, b""), CrmUnavailable, "truncated", id="nothing at all"),
        pytest.param(Fault(200, b"[" * 100_000), CrmUnavailable, "truncated", id="JSON nested without end"),
        pytest.param(Fault(200, b"\xff\xfe{}"), CrmUnavailable, "truncated", id="bytes that are no text"),
        pytest.param(Fault(401), CrmRejected, "token_refused", id="wrong token"),
        pytest.param(Fault(403), CrmRejected, "token_refused", id="wrong token, said as 403"),
        pytest.param(Fault(404), CrmRejected, "refused", id="not there"),
        pytest.param(Fault(204), CrmRejected, "refused", id="no content"),
        pytest.param(Fault(302, headers=(("Location", "/x"),)), CrmRejected, "refused", id="a redirect"),
        pytest.param(Fault(200, b'{"error": "no"}'), CrmRejected, "no_records", id="an error with 200"),
        pytest.param(Fault(200, b'{"records": {}}'), CrmRejected, "no_records", id="an object, not a list"),
        pytest.param(Fault(200, b"[]"), CrmRejected, "no_records", id="a list, not an object"),
        pytest.param(
            Fault(200, b'{"records": [], "next_cursor": {}}'), CrmRejected, "bad_cursor", id="an object as cursor"
        ),
        pytest.param(page([], "C-000010"), PaginationLoop, "loop", id="the same cursor again"),
    ],
)
def test_every_bad_answer_has_a_name(crm: Standin, fault: Fault, error: type[Exception], code: str) -> None:
    crm.faults = [fault]
    with pytest.raises(error) as raised:
        fetch(crm, "C-000010")
    assert raised.value.code == code  # type: ignore[attr-defined]
    assert TOKEN not in str(raised.value)
    assert people.GOLD not in str(raised.value)


@pytest.mark.parametrize("cursor", [b"null", b'""', b"false"])
def test_no_cursor_is_the_last_page(crm: Standin, cursor: bytes) -> None:
    crm.faults = [Fault(200, b'{"records": [], "next_cursor": ' + cursor + b"}")]
    assert fetch(crm).next_cursor is None


def test_a_number_can_be_a_cursor(crm: Standin) -> None:
    crm.faults = [Fault(200, b'{"records": [], "next_cursor": 200}')]
    assert fetch(crm).next_cursor == "200"


@pytest.mark.parametrize(
    ("url", "error"),
    [
        pytest.param("http://127.0.0.1:1/api", CrmUnavailable, id="nobody listens"),
        pytest.param("file:///etc/passwd", CrmRejected, id="not the web"),
        pytest.param("http://169.254.169.254/latest", CrmRejected, id="a cloud's metadata"),
        pytest.param("http://10.0.0.1/api", CrmRejected, id="a private network that nobody allowed"),
        pytest.param("", CrmRejected, id="nothing"),
    ],
)
def test_an_address_out_of_reach_has_a_name(crm: Standin, url: str, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        fetch(crm, url=url)
    assert TOKEN not in repr(raised.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param("120", 120.0, id="seconds"),
        pytest.param("0", 0.0, id="at once"),
        pytest.param("Mon, 01 Jun 2026 12:05:00 GMT", 300.0, id="a date"),
        pytest.param("Mon, 01 Jun 2026 11:00:00 GMT", 0.0, id="a date that has passed"),
        pytest.param("99999999999", 86_400.0, id="a day at most"),
        pytest.param("", None, id="nothing"),
        pytest.param("soon", None, id="a word"),
        pytest.param("-5", None, id="a negative number"),
        pytest.param("Mon, 01 Jun 2026 12:05:00 +99999999", None, id="a zone that is none"),
        pytest.param("²", None, id="a digit that is none"),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    assert seconds_to_wait(header, NOW) == seconds
