"""Every kind of CRM against a server that speaks its dialect: all pages, changes only, one customer, and faults."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from customers.crm import (
    CONNECTORS,
    CannotFetchOne,
    ConnectionConfig,
    CrmRejected,
    CrmUnavailable,
    PaginationLoop,
    asking,
)
from customers.crm.auth import AUTHS
from customers.crm.paging import PAGINATIONS, next_link, with_query
from tests.customers.vendor_crm import Fault, Person, VendorCrm, hubspot, serve
from tests.customers.vendor_crm.json_rpc import DATABASE, PASSWORD, USER
from tests.customers.vendor_crm.people import START

COUNT = 95
NOW = datetime(2026, 11, 20, tzinfo=UTC)


@dataclass
class Memory:
    """Bookmarks that a test can look at."""

    value: str = ""

    def newest(self) -> str:
        return self.value

    def keep(self, until: datetime, value: str) -> None:
        self.value = value


@pytest.fixture(scope="module")
def running() -> Iterator[VendorCrm]:
    with serve(COUNT) as crm:
        yield crm


@pytest.fixture
def crm(running: VendorCrm) -> Iterator[VendorCrm]:
    running.journal.clear()
    before = [replace(person) for person in running.people]
    yield running
    running.people[:], running.faults[:], running.accepted = before, [], None
    running.before_answer, running.archives = lambda: None, True


REST = {"records_path": "records", "count_path": "count", "page_size_param": "limit", "page_size": 20}
RPC = {"database": DATABASE, "auth_name": USER}
ONE = {"one_url": "/rest/one/{id}", "one_path": "customer"}

DIALECTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "cursor": (
        "rest_json",
        "/rest/cursor",
        {**REST, "next_cursor_path": "next_cursor", "cursor_param": "cursor", "options": ONE},
    ),
    "page": ("rest_json", "/rest/page", {**REST, "pagination": "page", "cursor_param": "page"}),
    "offset": ("rest_json", "/rest/offset", {**REST, "pagination": "offset", "cursor_param": "offset"}),
    "keyset": ("rest_json", "/rest/keyset", {**REST, "pagination": "keyset", "cursor_param": "after"}),
    "link": ("rest_json", "/rest/link", {**REST, "pagination": "link_header"}),
    "next_url": ("rest_json", "/rest/next_url", {**REST, "pagination": "next_url", "next_cursor_path": "next"}),
    "salesforce": ("salesforce", "", {"page_size": 20, "options": {"fields": "Name, Phone, Tier__c"}}),
    "hubspot": ("hubspot", "", {"page_size": 20}),
    "dataverse": ("dataverse", "/api/data/v9.2", {"page_size": 20}),
    "odoo": ("odoo", "", {"page_size": 20, "options": {**RPC, "fields": "name, phone"}, "token": PASSWORD}),
    "tryton": ("tryton", "", {"page_size": 20, "options": RPC, "token": PASSWORD}),
    "csv": ("csv", "/export.csv", {}),
}
PAGED = [name for name in DIALECTS if name != "csv"]
CHANGES = ("salesforce", "hubspot", "dataverse", "odoo", "tryton")


def config(crm: VendorCrm, name: str, **fields: Any) -> ConnectionConfig:
    _kind, path, given = DIALECTS[name]
    given = {**given, **fields}
    if name == "tryton":
        given["credentials"] = AUTHS["basic"].make(0, given["options"], PASSWORD)
    return ConnectionConfig(url=crm.url + path, **given)


def read(
    crm: VendorCrm, name: str, since: datetime | None = None, until: datetime = NOW, **fields: Any
) -> tuple[list[Any], list[str]]:
    """All records and tombstones, each page by a connector and a configuration of its own."""
    kind = DIALECTS[name][0]
    records: list[Any] = []
    gone: list[str] = []
    cursor = ""
    for _page in range(50):
        page = type(CONNECTORS[kind])().fetch_page(config(crm, name, **fields), cursor, since, until)
        records += page.records
        gone += page.tombstones
        if page.next_cursor is None:
            return records, gone
        cursor = page.next_cursor
    raise AssertionError("it never ends")


def number(record: Any) -> int:
    """Which of the stand-in's people the record is of."""
    if "Id" in record:
        return int(record["Id"][3:15])
    return int(record.get("id") or record["contactid"][-12:])


@pytest.mark.parametrize("name", DIALECTS)
def test_everybody_is_read_once(crm: VendorCrm, name: str) -> None:
    records, _gone = read(crm, name)
    assert sorted(map(number, records)) == [person.number for person in crm.people]
    assert len(crm.journal) > 3 or name == "csv"


@pytest.mark.parametrize("name", PAGED)
@pytest.mark.parametrize("size", [1, 19, 95, 200], ids=lambda size: f"{size} a page")
def test_any_size_of_a_page_reads_everybody(crm: VendorCrm, name: str, size: int) -> None:
    crm.people[:] = crm.people[:19] if size == 1 else crm.people
    records, _gone = read(crm, name, page_size=size)
    assert len({number(record) for record in records}) == len(records) == len(crm.people)


@pytest.mark.parametrize("name", CHANGES)
def test_only_what_changed_is_read(crm: VendorCrm, name: str) -> None:
    memory = Memory()
    read(crm, name, bookmarks=memory)
    late = START + timedelta(days=30)
    for person in crm.people[10:45]:
        person.modified = late  # as a batch update does: one time for more than a page
    records, _gone = read(crm, name, since=late - timedelta(minutes=10), bookmarks=memory)
    assert sorted(map(number, records)) == list(range(11, 46))


@pytest.mark.parametrize("name", CHANGES)
def test_a_customer_who_is_gone_is_reported(crm: VendorCrm, name: str) -> None:
    memory = Memory()
    crm.people[5].is_deleted = True  # long ago: not reported anew
    read(crm, name, bookmarks=memory)
    late = START + timedelta(days=30)
    crm.people[3].is_deleted, crm.people[3].modified = True, late
    records, gone = read(crm, name, since=late - timedelta(minutes=1), bookmarks=memory)
    assert records == []
    ids = {"salesforce": crm.people[3].salesforce_id, "dataverse": crm.people[3].uuid}
    assert gone == [ids.get(name, "4")]


def test_a_long_list_of_those_who_are_gone_is_read_to_its_end(crm: VendorCrm) -> None:
    late = START + timedelta(days=30)
    crm.people[:] = [Person(n, "Gone", "+390212345678", "gold", late, is_deleted=True) for n in range(1, 251)]
    records, gone = read(crm, "hubspot", since=late)
    assert (records, gone) == ([], [str(n) for n in range(1, 251)])


@pytest.mark.parametrize("name", ["odoo", "tryton"])
def test_a_model_that_archives_nobody_is_read_as_well(crm: VendorCrm, name: str) -> None:
    crm.archives = False
    crm.people[3].modified = START + timedelta(days=30)
    records, gone = read(crm, name, since=START + timedelta(days=29))
    assert (list(map(number, records)), gone) == ([4], [])


@pytest.mark.parametrize("name", ["salesforce", "hubspot", "odoo", "tryton", "keyset"])
def test_a_row_that_moves_while_we_read_pushes_nobody_past_us(crm: VendorCrm, name: str) -> None:
    def move() -> None:
        if len(crm.journal) == 3:
            crm.people[0].modified = START + timedelta(days=60)
            crm.people[1].is_deleted = True
            crm.people.append(Person(COUNT + 1, "New", "+390212345678", "gold", START))

    crm.before_answer = move
    records, _gone = read(crm, name)
    assert {number(record) for record in records} >= set(range(1, COUNT + 1))


@pytest.mark.parametrize("name", ["page", "offset"])
def test_pages_that_can_slip_do_not_claim_to_be_complete(crm: VendorCrm, name: str) -> None:
    assert CONNECTORS["rest_json"].fetch_page(config(crm, name), "", None, NOW).complete is False
    assert CONNECTORS["rest_json"].fetch_page(config(crm, "cursor"), "", None, NOW).complete is True


@pytest.mark.parametrize("name", ["cursor", "salesforce", "hubspot", "dataverse", "odoo", "tryton"])
def test_one_customer_can_be_asked_for(crm: VendorCrm, name: str) -> None:
    person, connector = crm.people[41], CONNECTORS[DIALECTS[name][0]]
    ids = {"salesforce": person.salesforce_id, "dataverse": person.uuid}
    nobody = {"salesforce": "003000000009999AAA", "dataverse": "00000000-0000-0000-0000-000000009999"}
    found = connector.fetch_one(config(crm, name), ids.get(name, "42"))
    assert number(found) == 42
    assert connector.fetch_one(config(crm, name), nobody.get(name, "9999")) is None


@pytest.mark.parametrize("name", ["page", "csv"])
def test_a_kind_that_cannot_be_asked_for_one_says_so(crm: VendorCrm, name: str) -> None:
    with pytest.raises(CannotFetchOne):
        CONNECTORS[DIALECTS[name][0]].fetch_one(config(crm, name), "42")


def test_more_with_one_time_than_a_search_gives_are_read_from_hubspot(
    crm: VendorCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubspot, "CAP", 1_000)  # its own is 10,000
    late = START + timedelta(days=30)
    crm.people[:] = [Person(n, "Many", "+390212345678", "gold", late) for n in range(1, 1_041)]
    records: list[Any] = []
    pages = 0
    cursor: str | None = ""
    while cursor is not None:
        page = CONNECTORS["hubspot"].fetch_page(config(crm, "hubspot", page_size=200), cursor, late, NOW)
        records, cursor, pages = records + page.records, page.next_cursor, pages + 1
        assert pages < 10
    assert sorted(map(number, records)) == list(range(1, 1_041))


def test_an_expired_delta_means_reading_everything(crm: VendorCrm) -> None:
    memory = Memory(f"{crm.url}/api/data/v9.2/contacts?$deltatoken=expired")
    fetch = CONNECTORS["dataverse"].fetch_page
    assert fetch(config(crm, "dataverse", bookmarks=memory), "", START, NOW).is_everything
    records, _gone = read(crm, "dataverse", since=START, bookmarks=memory)
    assert len(records) == COUNT
    assert not fetch(config(crm, "dataverse", bookmarks=memory), "", NOW, NOW).is_everything
    assert "expired" not in memory.value


HTML = Fault(body=b"<!doctype html><title>Maintenance</title>")
UNAVAILABLE, REJECTED = CrmUnavailable, CrmRejected
FAULTS = {
    "too many requests": (Fault(status=429, headers=(("Retry-After", "7"),)), UNAVAILABLE, "busy"),
    "wait until a date": (
        Fault(status=503, headers=(("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"),)),
        UNAVAILABLE,
        "busy",
    ),
    "an error of the server": (Fault(status=500, body=b"<h1>oops</h1>"), UNAVAILABLE, "server_error"),
    "a web page with 200": (HTML, UNAVAILABLE, "not_json"),
    "a broken off answer": (Fault("truncate"), UNAVAILABLE, "truncated"),
    "a reset": (Fault("reset"), UNAVAILABLE, "unreachable"),
    "a redirect": (Fault(status=302, headers=(("Location", "http://169.254.169.254/"),)), REJECTED, "refused"),
    "an error with 200": (Fault(body=b'{"error": {"message": "no"}}'), REJECTED, None),
    "a list where an object should be": (Fault(body=b"[1, 2]"), REJECTED, None),
    "null": (Fault(body=b"null"), REJECTED, None),
    "refused": (
        Fault(status=400, body=b'[{"errorCode": "MALFORMED_QUERY", "message": "+39021234567"}]'),
        REJECTED,
        None,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", PAGED)
def test_a_fault_has_a_name(crm: VendorCrm, name: str, fault: str) -> None:
    happening, error, code = FAULTS[fault]
    crm.faults = [happening]
    with pytest.raises(error) as caught:
        CONNECTORS[DIALECTS[name][0]].fetch_page(config(crm, name), "", None, NOW)
    raised: Any = caught.value
    assert code is None or raised.code == code
    assert len(crm.journal) == 1, "asked once: repeating is the sync's work"
    said = str(caught.value)
    assert "+39" not in said
    assert crm.url not in said
    if fault == "too many requests":
        assert raised.retry_after == 7


@pytest.mark.parametrize("fault", ["a broken off answer", "a web page with 200", "an error of the server"])
def test_a_fault_of_a_file_has_a_name(crm: VendorCrm, fault: str) -> None:
    crm.faults = [FAULTS[fault][0]]
    with pytest.raises(CrmUnavailable):
        CONNECTORS["csv"].fetch_page(config(crm, "csv"), "", None, NOW)


def test_a_trickle_ends(crm: VendorCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "TOTAL_S", 1.0)
    crm.faults = [Fault("drip")]
    with pytest.raises(CrmUnavailable, match="could not be reached"):
        CONNECTORS["hubspot"].fetch_page(config(crm, "hubspot"), "", None, NOW)


def test_a_day_s_quota_is_waited_for(crm: VendorCrm) -> None:
    crm.faults = [Fault(status=403, body=b'[{"errorCode": "REQUEST_LIMIT_EXCEEDED"}]')]
    with pytest.raises(CrmUnavailable) as caught:
        CONNECTORS["salesforce"].fetch_page(config(crm, "salesforce"), "", None, NOW)
    assert caught.value.retry_after == 3600


def page_with(**said: Any) -> Fault:
    return Fault(body=json.dumps(said).encode())


RECORDS = [{"id": 5, "name": "A"}]
LOOPS = {
    "the same cursor": ("cursor", "5", page_with(records=RECORDS, next_cursor="5")),
    "the same address": ("next_url", "{url}/rest/next_url?from=9", page_with(records=RECORDS, next="?from=9")),
    "the same link": (
        "link",
        "{url}/rest/link?from=9",
        Fault(body=json.dumps({"records": RECORDS}).encode(), headers=(("Link", '<?from=9>; rel="next"'),)),
    ),
    "the last id once more": ("keyset", "5", page_with(records=RECORDS)),
    "ids of HubSpot that go back": (
        "hubspot",
        "9",
        Fault(body=json.dumps({"results": [{"id": str(n)} for n in range(20)][::-1]}).encode()),
    ),
    "the same place among the archived": (
        "hubspot",
        "archived:9",
        page_with(results=[], paging={"next": {"after": "9"}}),
    ),
    "ids of Odoo that go back": ("tryton", "99", page_with(result=[{"id": n} for n in range(20)])),
}


@pytest.mark.parametrize("loop", LOOPS)
def test_a_circle_is_noticed(crm: VendorCrm, loop: str) -> None:
    name, cursor, fault = LOOPS[loop]
    crm.faults = [fault]
    since = START if cursor.startswith("archived") else None
    with pytest.raises(PaginationLoop):
        CONNECTORS[DIALECTS[name][0]].fetch_page(config(crm, name), cursor.format(url=crm.url), since, NOW)


@pytest.mark.parametrize("name", ["page", "offset"])
def test_a_crm_that_ignores_the_page_is_noticed(crm: VendorCrm, name: str) -> None:
    same = page_with(records=RECORDS)
    crm.faults = [same, same]
    first = CONNECTORS["rest_json"].fetch_page(config(crm, name), "", None, NOW)
    with pytest.raises(PaginationLoop):
        CONNECTORS["rest_json"].fetch_page(config(crm, name), first.next_cursor or "", None, NOW)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("next_url", page_with(records=RECORDS, next="https://evil.example/more")),
        ("link", Fault(body=b'{"records": []}', headers=(("Link", '<https://evil.example/>; rel="next"'),))),
        ("dataverse", Fault(body=b'{"value": [], "@odata.nextLink": "http://127.0.0.1.evil.example/more"}')),
    ],
)
def test_our_token_goes_to_no_other_host(crm: VendorCrm, name: str, fault: Fault) -> None:
    crm.faults = [fault]
    with pytest.raises(CrmRejected, match="another host"):
        CONNECTORS[DIALECTS[name][0]].fetch_page(config(crm, name, token="secret"), "", None, NOW)


@pytest.mark.parametrize(
    "cursor", ["' OR Name LIKE '%", '["2026-01-01T00:00:00Z", "\' OR 1"]', '["x", "y"]', "[1]", "{}"]
)
def test_a_cursor_cannot_write_a_query(crm: VendorCrm, cursor: str) -> None:
    with pytest.raises(CrmRejected):
        CONNECTORS["salesforce"].fetch_page(config(crm, "salesforce"), cursor, START, NOW)
    assert crm.journal == []


def test_a_field_cannot_write_a_query(crm: VendorCrm) -> None:
    options = {"fields": "Name FROM User LIMIT 1 --"}
    with pytest.raises(CrmRejected):
        CONNECTORS["salesforce"].fetch_page(config(crm, "salesforce", options=options), "", None, NOW)


@pytest.mark.parametrize(
    ("header", "link"),
    [
        ('<https://a.example/?p=2>; rel="next"', "https://a.example/?p=2"),
        ("<?p=2>; rel=next", "?p=2"),
        ('</1>; rel="prev", </3>; title="a, b; rel=next"; rel="last next"', "/3"),
        ('</1>; rel="prev"', None),
        ('</1>; rel="nextish"', None),
        ("", None),
        ("garbage <", None),
        ('</2>; REL="NEXT"', "/2"),
    ],
)
def test_the_next_link_is_found(header: str, link: str | None) -> None:
    assert next_link(header) == link


def test_parameters_of_the_address_stay() -> None:
    assert with_query("https://a.example/c?sort=id&limit=5", {"limit": "20", "x": ""}) == (
        "https://a.example/c?sort=id&limit=20"
    )


@pytest.mark.parametrize("name", [*CONNECTORS, *AUTHS, *PAGINATIONS])
def test_what_to_type_has_its_row(name: str) -> None:
    page = Path("docs/connectors.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| (?:`\w+`, )*`{name}`", page, re.MULTILINE)
