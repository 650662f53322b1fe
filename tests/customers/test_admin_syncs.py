"""The admin of CRM connections and sync runs: the schedule, “Sync now”, progress, cancelling."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from customers.models import CrmConnection, RejectedRow, SyncRun

pytestmark = pytest.mark.django_db

SECRET = "the-crm-token"


@pytest.fixture
def crm(db: None) -> CrmConnection:
    return CrmConnection.objects.create(
        name="Company CRM", slug="crm", url="https://crm.example.com/customers", token=SECRET
    )


@pytest.fixture
def running(crm: CrmConnection) -> SyncRun:
    return SyncRun.objects.create(
        connection=crm,
        state="running",
        trigger="manual",
        upper_bound=timezone.now(),
        expected=1000,
        read=250,
        changed=7,
    )


def form(**fields: str) -> dict[str, str]:
    data = {
        "name": "Company CRM",
        "slug": "crm",
        "connector": "rest_json",
        "is_enabled": "on",
        "nightly_at": "02:30",
        "time_zone": "Asia/Jakarta",
        "url": "https://crm.example.com/customers",
        "auth": "bearer",
        "token": "",
        "pagination": "cursor",
        "records_path": "records",
        "next_cursor_path": "next_cursor",
        "cursor_param": "cursor",
        "page_size_param": "limit",
        "page_size": "200",
        "external_id_path": "id",
        "region": "it",
        "unmapped_tier": "reject",
    }
    for prefix in ("mappings", "tier_mappings"):
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return data | fields


def change(crm: CrmConnection) -> str:
    return reverse("admin:customers_crmconnection_change", args=[crm.pk])


def sync_url(crm: CrmConnection) -> str:
    return reverse("admin:customers_crmconnection_sync", args=[crm.pk])


def test_saving_a_connection_sets_its_nightly_start(supervisor_client: Client) -> None:
    response = supervisor_client.post(reverse("admin:customers_crmconnection_add"), form())
    assert response.status_code == 302, response.content.decode()
    nightly = PeriodicTask.objects.get(name__contains="nightly").crontab
    assert (nightly.hour, nightly.minute, str(nightly.timezone)) == ("2", "30", "Asia/Jakarta")
    assert CrmConnection.objects.get().region == "IT"


def test_deleting_a_connection_forgets_its_nightly_start(supervisor_client: Client) -> None:
    supervisor_client.post(reverse("admin:customers_crmconnection_add"), form())
    crm = CrmConnection.objects.get()
    supervisor_client.post(reverse("admin:customers_crmconnection_delete", args=[crm.pk]), {"post": "yes"})
    assert not CrmConnection.objects.exists()
    assert not PeriodicTask.objects.filter(name__contains="nightly").exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"url": "https://evil.example/customers"}, ["another host"], id="another host with the old token"),
        pytest.param(
            {"url": "crm.example.com", "records_path": "a..b", "region": "XX"},
            ["whole address", "JMESPath", "two letters"],
            id="no scheme, no expression, no country",
        ),
    ],
)
def test_a_wrong_connection_is_refused(
    supervisor_client: Client, crm: CrmConnection, fields: dict[str, str], said: list[str]
) -> None:
    page = supervisor_client.post(change(crm), form(**fields)).content.decode()
    assert [words for words in said if words not in page] == []
    crm.refresh_from_db()
    assert not [field for field, value in fields.items() if getattr(crm, field) == value]


def test_the_token_is_kept_and_never_shown(supervisor_client: Client, crm: CrmConnection) -> None:
    assert SECRET not in supervisor_client.get(change(crm)).content.decode()
    assert supervisor_client.post(change(crm), form()).status_code == 302
    crm.refresh_from_db()
    assert crm.token == SECRET


def test_sync_now_starts_a_run_once(supervisor_client: Client, crm: CrmConnection) -> None:
    response = supervisor_client.post(sync_url(crm))
    run = SyncRun.objects.get()
    assert response["Location"] == reverse("admin:customers_syncrun_change", args=[run.pk])
    again = supervisor_client.post(sync_url(crm), follow=True).content.decode()
    assert "A sync of this CRM is running already." in again
    assert SyncRun.objects.count() == 1


def test_a_connection_that_is_off_is_not_read(supervisor_client: Client, crm: CrmConnection) -> None:
    CrmConnection.objects.update(is_enabled=False)
    assert "switched off" in supervisor_client.post(sync_url(crm), follow=True).content.decode()
    assert not SyncRun.objects.exists()


def test_progress_is_told_in_words_and_figures(supervisor_client: Client, running: SyncRun) -> None:
    told = supervisor_client.get(reverse("admin:customers_syncrun_progress", args=[running.pk])).json()
    assert (told["words"], told["share"]) == ("Reading the CRM. Nothing has been altered yet.", 0.25)
    assert not told["finished"]
    assert (told["figures"]["read"], told["figures"]["changed"]) == ("250", "7")


def test_the_page_watches_a_running_sync_and_leaves_an_ended_one(supervisor_client: Client, running: SyncRun) -> None:
    url = reverse("admin:customers_syncrun_change", args=[running.pk])
    assert "data-progress=" in supervisor_client.get(url).content.decode()
    SyncRun.objects.update(state="failed", error="The CRM refused the token.")
    page = supervisor_client.get(url).content.decode()
    assert "data-progress=" not in page
    assert "The CRM refused the token." in page


def test_a_running_sync_is_cancelled_and_an_ended_one_is_not(supervisor_client: Client, running: SyncRun) -> None:
    url = reverse("admin:customers_syncrun_cancel", args=[running.pk])
    supervisor_client.post(url)
    running.refresh_from_db()
    assert running.cancel_requested
    SyncRun.objects.update(state="succeeded", cancel_requested=False)
    assert "ended already" in supervisor_client.post(url, follow=True).content.decode()
    running.refresh_from_db()
    assert not running.cancel_requested


@pytest.mark.parametrize(("who", "status"), [("stranger", 302), ("auditor", 403)])
def test_nobody_without_the_permission_starts_cancels_or_saves(
    request: pytest.FixtureRequest, who: str, status: int, running: SyncRun
) -> None:
    client: Client = request.getfixturevalue(f"{who}_client")
    crm = running.connection
    urls = [sync_url(crm), reverse("admin:customers_syncrun_cancel", args=[running.pk]), change(crm)]
    assert [client.post(url, form()).status_code for url in urls] == [status] * 3
    running.refresh_from_db()
    assert not running.cancel_requested


def test_an_auditor_watches_and_a_stranger_does_not(
    auditor_client: Client, stranger_client: Client, running: SyncRun
) -> None:
    url = reverse("admin:customers_syncrun_progress", args=[running.pk])
    assert auditor_client.get(url).status_code == 200
    assert stranger_client.get(url).status_code == 302


def test_the_rows_set_aside_are_listed_for_their_run(supervisor_client: Client, running: SyncRun) -> None:
    RejectedRow.objects.create(run=running, external_id="crm-77", field="phones", reason="no number", page_no=3)
    url = reverse("admin:customers_rejectedrow_changelist")
    page = supervisor_client.get(url, {"run__id__exact": running.pk}).content.decode()
    assert "crm-77" in page
    assert "no number" in page
    assert "crm-77" not in supervisor_client.get(url, {"run__id__exact": running.pk + 1}).content.decode()
