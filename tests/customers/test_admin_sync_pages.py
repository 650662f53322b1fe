"""What people see of a sync: how far it is, what it would do, what it set aside; and what they may do about it."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.admin.rejects import safe_cell
from customers.models import CrmConnection, Customer, LoyaltyTier, RejectedRow, StagedRecord, SyncRun
from tests.customers.crm_standin import tiers

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> SyncRun:
    connection = CrmConnection.objects.create(name="Company CRM", slug="crm", url="https://crm.example.com/customers")
    return SyncRun.objects.create(
        connection=connection,
        state="held",
        phase="judging",
        trigger="schedule",
        upper_bound=timezone.now(),
        read=1000,
        planned={"create": 1, "change": 90, "delete": 0, "tier_changed": 80, "tier_lost": 70},
        guards=[{"name": "tier_lost", "count": 70, "of": 1000, "limit": 5, "field": ""}],
    )


def stage(run: SyncRun, record_id: str, old: LoyaltyTier | None, new: LoyaltyTier | None, operation: str) -> None:
    customer = Customer.objects.create(name=f"Customer {record_id}", tier=old)
    StagedRecord.objects.create(
        run=run, external_id=record_id, operation=operation, customer=customer, old_tier=old, new_tier=new
    )


def change(run: SyncRun) -> str:
    return reverse("admin:customers_syncrun_change", args=[run.pk])


def test_a_held_run_says_why_and_asks_for_a_decision(supervisor_client: Client, run: SyncRun) -> None:
    page = supervisor_client.get(change(run)).content.decode()
    assert "70 of 1,000 customers with a tier would lose it. The limit is 5 %." in page
    assert "Approve and apply" in page
    assert "Cancel this sync" not in page


def test_an_auditor_reads_why_and_decides_nothing(auditor_client: Client, run: SyncRun) -> None:
    page = auditor_client.get(change(run)).content.decode()
    assert "would lose it" in page
    assert "Approve and apply" not in page


@pytest.mark.parametrize(
    ("way", "shown"),
    [
        pytest.param("lost", {"A-lost"}, id="tier lost"),
        pytest.param("lower", {"A-lower"}, id="a lower tier"),
        pytest.param("higher", {"A-higher"}, id="a higher tier"),
        pytest.param("gained", {"A-gained"}, id="a first tier"),
        pytest.param("moved", {"A-lost", "A-lower", "A-higher", "A-gained"}, id="any move"),
        pytest.param("", {"A-lost", "A-lower", "A-higher", "A-gained", "A-name"}, id="everything that would change"),
    ],
)
def test_the_difference_is_browsed_by_what_happens_to_the_tier(
    supervisor_client: Client, run: SyncRun, way: str, shown: set[str]
) -> None:
    tier = tiers()
    stage(run, "A-lost", tier["gold"], None, "change")
    stage(run, "A-lower", tier["gold"], tier["silver"], "change")
    stage(run, "A-higher", tier["gold"], tier["platinum"], "change")
    stage(run, "A-gained", None, tier["silver"], "change")
    stage(run, "A-name", tier["gold"], tier["gold"], "change")
    stage(run, "A-same", tier["gold"], tier["gold"], "unchanged")
    url = reverse("admin:customers_stagedrecord_changelist")
    page = supervisor_client.get(url, {"run__id__exact": run.pk} | ({"tier": way} if way else {}))
    assert {record.external_id for record in page.context["cl"].result_list} == shown


def test_what_was_set_aside_is_a_file_that_a_spreadsheet_does_not_run(supervisor_client: Client, run: SyncRun) -> None:
    RejectedRow.objects.create(run=run, external_id='=HYPERLINK("x")', field="phones", reason='no "number"', page_no=3)
    response = supervisor_client.get(reverse("admin:customers_rejectedrow_csv", args=[run.pk]))
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert list(csv.reader(io.StringIO(text)))[1] == ['\'=HYPERLINK("x")', "phones", 'no "number"', "3"]


@pytest.mark.parametrize("text", ["=1+1", "+39", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["C-000058", "a=b", "", "7"])
def test_an_ordinary_cell_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


def test_a_stranger_gets_no_file(stranger_client: Client, run: SyncRun) -> None:
    assert stranger_client.get(reverse("admin:customers_rejectedrow_csv", args=[run.pk])).status_code == 302


@pytest.mark.parametrize(
    ("fields", "share", "remaining"),
    [
        pytest.param({"read": 250, "expected": 1000}, 0.25, "left", id="reading, with a known number"),
        pytest.param({"read": 250, "expected": None}, None, "", id="reading, nobody knows how many"),
        pytest.param({"phase": "applying", "created": 1, "changed": 45}, 46 / 91, "left", id="applying"),
    ],
)
def test_a_running_sync_tells_rate_and_remaining_time(
    supervisor_client: Client, run: SyncRun, fields: dict[str, object], share: float | None, remaining: str
) -> None:
    SyncRun.objects.update(state="running", **({"phase": "reading"} | fields))
    told = supervisor_client.get(reverse("admin:customers_syncrun_progress", args=[run.pk])).json()
    assert (told["share"], remaining in told["remaining"]) == (share, True)
    assert told["rate"].endswith("a second")
    assert '<noscript><meta http-equiv="refresh"' in supervisor_client.get(change(run)).content.decode()


def test_a_failed_run_goes_on_at_a_click_and_a_stranger_may_not(
    supervisor_client: Client, auditor_client: Client, run: SyncRun
) -> None:
    SyncRun.objects.update(state="failed", guards=[], planned={})
    url = reverse("admin:customers_syncrun_resume", args=[run.pk])
    assert auditor_client.post(url).status_code == 403
    supervisor_client.post(url)
    run.refresh_from_db()
    assert (run.state, run.phase) == ("queued", "judging")


def test_a_preview_is_asked_for_on_the_page_of_the_connection(supervisor_client: Client, run: SyncRun) -> None:
    url = reverse("admin:customers_syncrun_preview", args=[run.connection_id])
    page = supervisor_client.get(reverse("admin:customers_crmconnection_change", args=[run.connection_id]))
    assert url in page.content.decode()
    supervisor_client.post(url)
    assert SyncRun.objects.latest("pk").is_dry
