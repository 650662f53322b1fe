"""A CRM is read into the database: completely, once, and without losing or inventing anything."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from socket import socket
from time import monotonic, sleep
from urllib.request import urlopen

import pytest
from django.db import connection as database
from django.utils import timezone

from contactcenter.foundation.models import Change
from customers import facts, sync
from customers.crm.configuration import config_of
from customers.models import (
    Customer,
    ExternalIdentity,
    FieldMapping,
    Handle,
    RejectedRow,
    SyncRun,
    TierChange,
    TierMapping,
    TierOverride,
)
from demo import people
from tests.customers.crm_standin import TOKEN, Fault, Standin, connect, counters, page, run_to_end, standin

pytestmark = [pytest.mark.django_db, pytest.mark.portable]


@pytest.fixture
def crm() -> Iterator[Standin]:
    with standin() as running:
        yield running


def record(record_id: str, number: str, status: str = "gold") -> people.Record:
    return {"id": record_id, "name": "Somebody", "phones": [{"number": number}], "loyalty": {"status": status}}


def test_the_demo_crm_is_read_whole_by_its_own_process() -> None:
    port = _free_port()
    command = [sys.executable, "-m", "demo.crm_server", "--port", port, "--customers", "1000", "--token", TOKEN]
    process = subprocess.Popen(command)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health")
        run = run_to_end(connect(f"http://127.0.0.1:{port}/api/customers", page_size=200))
    finally:
        process.kill()
        process.wait()
    assert (run.state, run.error) == ("partial", "")
    assert counters(run) == (1000, 997, 0, 0, 3)
    assert (run.page_no, run.expected) == (5, 1000)
    assert Customer.objects.count() == Handle.objects.count() == 997
    gold = facts.document(f"phone:{people.GOLD}")
    assert gold is not None
    assert (gold["tier"], gold["purchases"], gold["account_manager"]) == ("gold", 42, "anna-rossi")
    assert facts.document(f"phone:{people.STRANGER}") is None


def _free_port() -> str:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _wait_for(url: str) -> None:
    for _ in range(100):
        try:
            urlopen(url, timeout=1)
        except OSError:
            sleep(0.05)
        else:
            return
    raise AssertionError("The CRM did not start.")


def test_bad_rows_are_set_aside_with_field_and_reason_and_nothing_else_is_lost(crm: Standin) -> None:
    run = run_to_end(connect(crm.url))
    assert counters(run) == (60, 57, 0, 0, 3)
    found = list(RejectedRow.objects.values_list("external_id", "field", "reason", "page_no"))
    assert found == [
        ("C-000058", "handle:phone", "is not a telephone number", 3),
        ("C-000059", "tier", "“diamond” is not in the list of tiers", 3),
        ("C-000060", "lifetime_value", "cannot be read as a number", 3),
    ]


def test_a_second_run_with_nothing_changed_writes_no_customer(crm: Standin) -> None:
    connection = connect(crm.url)
    run_to_end(connection)
    before = list(Customer.objects.order_by("pk").values_list("pk", "updated_at"))
    Change.objects.all().delete()
    with database.execute_wrapper(_Refuse("customers_customer", "customers_handle", "customers_externalidentity")):
        run = run_to_end(connection)
    assert counters(run) == (60, 0, 0, 57, 3)
    assert list(Customer.objects.order_by("pk").values_list("pk", "updated_at")) == before
    assert not Change.objects.exists()


class _Refuse:
    """Fails a test that writes to one of these tables."""

    def __init__(self, *tables: str) -> None:
        self.tables = tables

    def __call__(self, execute: object, sql: str, params: object, many: bool, context: object) -> object:
        writes = sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))
        assert not (writes and any(f'"{table}"' in sql for table in self.tables)), sql[:80]
        return execute(sql, params, many, context)  # type: ignore[operator]


def test_a_promotion_in_the_crm_arrives_with_the_next_run_and_is_recorded(crm: Standin) -> None:
    connection = connect(crm.url, updated_since_param="updated_since")
    run_to_end(connection)
    Change.objects.all().delete()
    crm.crm.change("C-000004", {"loyalty": {"status": "Platinum"}})
    run = run_to_end(connection)
    assert counters(run) == (1, 0, 1, 0, 0)
    assert run.state == "succeeded"
    change = TierChange.objects.get()
    assert (change.old_tier, change.new_tier, change.cause, change.run) == ("bronze", "platinum", "sync", run)
    assert list(Change.objects.values_list("topic", "key")) == [("facts", f"phone:{people.BRONZE}")]
    document = facts.document(f"phone:{people.BRONZE}")
    assert document is not None
    assert document["tier"] == "platinum"


def test_an_override_survives_the_sync(crm: Standin) -> None:
    connection = connect(crm.url)
    run_to_end(connection)
    customer = Handle.objects.get(value=people.BRONZE).customer
    tier = TierMapping.objects.get(value="gold").tier
    TierOverride.objects.create(customer=customer, tier=tier, reason="Complaint", starts_at=timezone.now())
    crm.crm.change("C-000004", {"loyalty": {"status": "silver"}})
    run_to_end(connection)
    document = facts.document(f"phone:{people.BRONZE}")
    assert document is not None
    assert (document["tier"], document["spans"][0]["tier"]) == ("silver", "gold")


def test_a_number_that_moved_to_another_customer_moves(crm: Standin) -> None:
    connection = connect(crm.url)
    run_to_end(connection)
    Change.objects.all().delete()
    crm.crm.change("C-000001", {"phones": []})
    crm.crm.change("C-000003", {"phones": [{"number": people.SILVER}, {"number": people.GOLD}]})
    run = run_to_end(connection)
    assert run.changed == 2
    owners = Handle.objects.filter(value=people.GOLD).values_list("customer__identities__external_id", flat=True)
    assert list(owners) == ["C-000003"]
    keys = set(Change.objects.values_list("key", flat=True))
    assert keys == {f"phone:{people.GOLD}", f"phone:{people.SILVER}"}


def test_a_removed_number_is_marked_and_leaves_nobody_behind(crm: Standin) -> None:
    connection = connect(crm.url)
    run_to_end(connection)
    Change.objects.all().delete()
    crm.crm.change("C-000001", {"phones": []})
    run_to_end(connection)
    assert list(Change.objects.values_list("key", flat=True)) == [f"phone:{people.GOLD}"]
    assert facts.document(f"phone:{people.GOLD}") is None


def test_handles_of_kinds_that_are_not_mapped_are_left_alone(crm: Standin) -> None:
    connection = connect(crm.url)
    run_to_end(connection)
    customer = Handle.objects.get(value=people.GOLD).customer
    Handle.objects.create(customer=customer, kind="messenger", value="4711")
    crm.crm.change("C-000001", {"plan": "plus"})
    run_to_end(connection)
    assert set(customer.handles.values_list("kind", flat=True)) == {"phone", "messenger"}


def test_the_next_run_reads_from_before_the_last_ones_bound_but_only_after_success(crm: Standin) -> None:
    connection = connect(crm.url, updated_since_param="updated_since")
    crm.faults = [Fault(404)]
    assert run_to_end(connection).state == "failed"
    connection.refresh_from_db()
    assert connection.synced_until is None
    first = run_to_end(connection)
    connection.refresh_from_db()
    assert connection.synced_until == first.upper_bound
    assert timedelta(seconds=119) < first.created_at - first.upper_bound < timedelta(seconds=121)
    second = run_to_end(connection)
    assert second.since == first.upper_bound - timedelta(minutes=10)
    assert crm.journal[-1]["updated_since"] == second.since.isoformat()


def test_another_mapping_makes_the_next_run_read_and_apply_everything(crm: Standin) -> None:
    connection = connect(crm.url, updated_since_param="updated_since")
    run_to_end(connection)
    FieldMapping.objects.filter(target="plan").update(expression="category")
    TierMapping.objects.create(connection=connection, value="Diamond", tier=TierMapping.objects.all()[0].tier)
    run = run_to_end(connection)
    assert run.since is None
    assert (run.read, run.created, run.rejected) == (60, 1, 2)
    assert Customer.objects.get(name="Giulia Oro").plan == "hospitality"


def test_one_customer_twice_on_a_page_is_one_customer_with_the_later_record(crm: Standin) -> None:
    crm.faults = [page([record("1", "+390255503001", "silver"), record("1", "+390255503001", "gold")])]
    run = run_to_end(connect(crm.url))
    assert (counters(run), run.repeated) == ((2, 1, 0, 0, 0), 1)
    customer = Customer.objects.get()
    assert customer.tier is not None
    assert customer.tier.slug == "gold"


def test_rubbish_among_the_records_costs_only_the_rubbish(crm: Standin) -> None:
    unusable_ids = [None, "x" * 500, {"a": 1}, "a\u0000b"]
    rubbish: list[object] = [None, 7, "x", [], {}, *({"id": unusable} for unusable in unusable_ids)]
    bad_fields = [
        record("2", "+390255503002") | {"name": "a\u0000b"},
        record("3", "+390255503002") | {"name": "\ud800"},
        record("4", "+390255503002") | {"order_count": -1},
        record("5", "+390255503002") | {"order_count": 10**30},
        record("6", "+390255503002") | {"plan": "x" * 100},
        record("7", "+390255503002") | {"phones": [{"number": {"a": 1}}]},
        record("8", "+390255503002") | {"phones": "x"},
    ]
    crm.faults = [page([*rubbish, *bad_fields, record("1", "+390255503001")])]
    run = run_to_end(connect(crm.url))
    assert run.state == "partial"
    assert run.rejected == len(rubbish) + len(bad_fields) - 1, "phones that are text have no numbers: nothing wrong"
    assert set(ExternalIdentity.objects.values_list("external_id", flat=True)) == {"1", "8"}


def test_the_token_is_nowhere_to_be_seen(crm: Standin, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    connection = connect(crm.url)
    crm.faults = [Fault(500, body=TOKEN.encode()), Fault(401, body=TOKEN.encode())]
    run = run_to_end(connection)
    SyncRun.objects.filter(pk=run.pk).update(not_before=None)
    sync.step(run.pk, monotonic() + 5)
    run.refresh_from_db()
    assert run.state == "failed"
    assert TOKEN not in caplog.text + run.error + repr(config_of(connection))
    with database.cursor() as cursor:
        cursor.execute("SELECT token FROM customers_crmconnection")
        assert TOKEN not in cursor.fetchone()[0]


def test_no_number_reaches_the_log(crm: Standin, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    run_to_end(connect(crm.url))
    ours = [entry.getMessage() for entry in caplog.records if not entry.name.startswith("django.db")]
    assert people.GOLD[3:] not in " ".join(ours), "neither with nor without its country"


def test_a_connection_that_is_off_is_not_read(crm: Standin) -> None:
    with pytest.raises(sync.Disabled):
        sync.start(connect(crm.url, is_enabled=False), SyncRun.Trigger.SCHEDULE)


def test_a_mapping_that_cannot_be_used_is_named(crm: Standin) -> None:
    connection = connect(crm.url)
    FieldMapping.objects.filter(target="plan").update(expression="plan[")
    with pytest.raises(sync.NotSetUp, match="plan"):
        sync.start(connection, SyncRun.Trigger.MANUAL)
