"""Many customers of Salesforce are read by a job of theirs, few by its REST API, and neither misses anybody."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from customers.crm import (
    CONNECTORS,
    ConnectionConfig,
    CrmRejected,
    CrmUnavailable,
    Page,
    PaginationLoop,
    salesforce_bulk,
)
from customers.crm.trial import try_connection
from tests.customers.vendor_crm import Fault, VendorCrm, serve
from tests.customers.vendor_crm.people import START

COUNT = 95
NOW = datetime(2026, 11, 20, tzinfo=UTC)
JOBS = "/services/data/v62.0/jobs/query"


@pytest.fixture
def crm(monkeypatch: pytest.MonkeyPatch) -> Iterator[VendorCrm]:
    """Ninety-five are many here."""
    monkeypatch.setattr(salesforce_bulk, "FROM", COUNT)
    monkeypatch.setattr(salesforce_bulk, "AT_ONCE", 20)
    with serve(COUNT) as running:
        yield running


def config(crm: VendorCrm) -> ConnectionConfig:
    return ConnectionConfig(url=crm.url, page_size=20, options={"fields": "Name, Phone, Tier__c"})


def fetch(crm: VendorCrm, cursor: str = "", since: datetime | None = None) -> Page:
    """By a connector of its own each time: any worker may read the next page."""
    return type(CONNECTORS["salesforce"])().fetch_page(config(crm), cursor, since, NOW)


def started(crm: VendorCrm) -> str:
    """The cursor of a job that is done."""
    cursor = fetch(crm).next_cursor
    assert cursor is not None
    with pytest.raises(CrmUnavailable):
        fetch(crm, cursor)
    return cursor


def read_on(crm: VendorCrm, cursor: str | None) -> list[Any]:
    records: list[Any] = []
    while cursor is not None:
        page = fetch(crm, cursor)
        records, cursor = records + page.records, page.next_cursor
    return records


def test_many_are_read_by_a_job_each_once(crm: VendorCrm) -> None:
    first = fetch(crm)
    assert (first.records, first.expected) == ([], COUNT)
    records = read_on(crm, started(crm))
    assert [record["Id"] for record in records] == [person.salesforce_id for person in crm.people]
    assert records[6]["Phone"] == crm.people[6].phone
    assert len(crm.asked_of(JOBS)) == 2 + 2 + 5, "two made, asked twice whether one is done, five parts"


def test_few_are_read_by_rest_and_counted_once(crm: VendorCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salesforce_bulk, "FROM", COUNT + 1)
    assert fetch(crm).expected == COUNT
    crm.journal.clear()
    assert len(read_on(crm, "")) == COUNT
    assert crm.asked_of(JOBS) == []
    assert sum("COUNT()" in asked.query["q"] for asked in crm.journal) == 1


def test_changes_are_read_by_rest(crm: VendorCrm) -> None:
    assert len(fetch(crm, since=START - timedelta(days=1)).records) == 20
    assert crm.asked_of(JOBS) == []


def test_a_trial_starts_no_job(crm: VendorCrm) -> None:
    trial = try_connection("salesforce", config(crm))
    assert (trial.problem, trial.count, trial.has_more) == ("", 5, True)
    assert len(crm.journal) == 1


def test_who_changes_or_comes_while_we_read_pushes_nobody_past_us(crm: VendorCrm) -> None:
    cursor = started(crm)
    first = fetch(crm, cursor)
    crm.people[0].is_deleted = True
    crm.people.append(replace(crm.people[1], number=COUNT + 1))
    records = first.records + read_on(crm, first.next_cursor)
    assert {record["Id"] for record in records} >= {person.salesforce_id for person in crm.people[1:COUNT]}


def test_a_job_that_is_not_done_puts_the_run_off(crm: VendorCrm) -> None:
    cursor = fetch(crm).next_cursor
    with pytest.raises(CrmUnavailable) as caught:
        fetch(crm, cursor or "")
    assert caught.value.code == "preparing"
    assert len(read_on(crm, cursor)) == COUNT


@pytest.mark.parametrize("state", ["Failed", "Aborted"])
def test_a_job_that_failed_fails_the_run(crm: VendorCrm, state: str) -> None:
    cursor = fetch(crm).next_cursor
    crm.jobs["750000000000001AAA"].state = state
    with pytest.raises(CrmRejected) as caught:
        fetch(crm, cursor or "")
    assert caught.value.code == "job_failed"


@pytest.mark.parametrize("status", [400, 403, 404])
def test_where_no_job_can_be_had_rest_reads_everybody(crm: VendorCrm, status: int) -> None:
    crm.faults = [None, None, Fault(status=status, body=b'[{"errorCode": "FEATURENOTENABLED"}]')]
    first = fetch(crm)
    assert len(first.records + read_on(crm, first.next_cursor)) == COUNT
    assert len(crm.asked_of(JOBS)) == 1


def test_a_day_s_calls_that_are_used_up_are_waited_for_and_not_gone_round(crm: VendorCrm) -> None:
    crm.faults = [None, None, Fault(status=403, body=b'[{"errorCode": "REQUEST_LIMIT_EXCEEDED"}]')]
    with pytest.raises(CrmUnavailable) as caught:
        fetch(crm)
    assert caught.value.retry_after == 3600


PART = b'"Id","Name","Account.Tier__c"\n"003000000000001AAA","Rossi\nAnna",""\n"003000000000002AAA","Bo","gold"\n'
WHOLE = (("Sforce-NumberOfRecords", "2"), ("Sforce-Locator", "null"))


def test_a_part_is_read_as_rest_would_give_it(crm: VendorCrm) -> None:
    cursor = started(crm)
    crm.faults = [None, Fault(body=PART, headers=WHOLE)]
    assert fetch(crm, cursor) == Page(
        [
            {"Id": "003000000000001AAA", "Name": "Rossi\nAnna", "Account": {"Tier__c": None}},
            {"Id": "003000000000002AAA", "Name": "Bo", "Account": {"Tier__c": "gold"}},
        ],
        None,
    )


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(body=PART[:-20], headers=WHOLE), id="breaks off in a line"),
        pytest.param(Fault(body=PART[:60], headers=WHOLE), id="has fewer records than it says"),
        pytest.param(Fault(body=PART), id="does not say how many there are"),
        pytest.param(Fault(body=PART + b"\xff", headers=WHOLE), id="is no text"),
        pytest.param(Fault("truncate"), id="breaks off on the way"),
    ],
)
def test_a_part_is_asked_for_again_when_it(crm: VendorCrm, fault: Fault) -> None:
    cursor = started(crm)
    crm.faults = [None, fault]
    with pytest.raises(CrmUnavailable):
        fetch(crm, cursor)
    assert len(read_on(crm, cursor)) == COUNT


def test_a_job_that_leads_back_is_noticed(crm: VendorCrm) -> None:
    cursor = f"{started(crm)}14"
    crm.faults = [Fault(body=PART, headers=(WHOLE[0], ("Sforce-Locator", "14")))]
    with pytest.raises(PaginationLoop):
        fetch(crm, cursor)


@pytest.mark.parametrize("cursor", ["bulk:", "bulk:../../sobjects:", "bulk:750000000000001AAA:a&b", "bulk:750:x"])
def test_a_cursor_cannot_write_an_address(crm: VendorCrm, cursor: str) -> None:
    with pytest.raises(CrmRejected):
        fetch(crm, cursor)
    assert crm.journal == []
