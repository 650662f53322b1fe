"""Push, alerts and their destinations as people set them up."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Alert, AlertDestination, AlertNotice, CrmConnection, CrmEvent, CrmPush, Heartbeat
from tests.customers.push_standin import SECRET

pytestmark = pytest.mark.django_db


@pytest.fixture
def crm() -> CrmConnection:
    options = {"one_url": "https://crm.example.com/api/customers/{id}"}
    return CrmConnection.objects.create(name="CRM", slug="crm", url="https://crm.example.com/api", options=options)


@pytest.fixture
def held(crm: CrmConnection) -> CrmPush:
    now = timezone.now()
    push = CrmPush.objects.create(connection=crm, secret=SECRET, held_since=now)
    CrmEvent.objects.create(push=push, event_id="1", external_id="c1", occurred_at=now, received_at=now, due_at=now)
    return push


def add_push(client: Client, crm: CrmConnection) -> Any:
    said = {"connection": crm.pk, "is_enabled": "on", "scheme": "hubspot", "secret": SECRET, "secret_before": ""}
    return client.post(reverse("admin:customers_crmpush_add"), said)


def test_a_supervisor_sets_it_up_and_finds_the_address_but_not_the_secret(
    supervisor_client: Client, crm: CrmConnection
) -> None:
    assert add_push(supervisor_client, crm).status_code == 302
    push = CrmPush.objects.get()
    assert (push.scheme, push.secret) == ("hubspot", SECRET)
    page = supervisor_client.get(reverse("admin:customers_crmpush_change", args=[push.pk])).content.decode()
    assert f"/api/v1/crm/{push.uuid}/events" in page
    assert SECRET not in page


@pytest.mark.parametrize(
    "change",
    [{"options": {}}, {"connector": "upload"}],
    ids=["a REST API without the address of one customer", "an uploaded list"],
)
def test_a_crm_that_cannot_be_asked_for_one_customer_is_refused(
    supervisor_client: Client, crm: CrmConnection, change: dict[str, Any]
) -> None:
    CrmConnection.objects.update(**change)
    assert "cannot be asked for one customer" in add_push(supervisor_client, crm).content.decode()
    assert not CrmPush.objects.exists()


def act(client: Client, push: CrmPush, action: str) -> None:
    url = reverse("admin:customers_crmpush_changelist")
    client.post(url, {"action": action, ACTION_CHECKBOX_NAME: [str(push.pk)]})
    push.refresh_from_db()


@pytest.mark.parametrize(("action", "state"), [("let_go", "waiting"), ("drop", "ignored")])
def test_a_person_decides_on_what_is_held_and_that_is_written_down(
    supervisor_client: Client, held: CrmPush, action: str, state: str
) -> None:
    act(supervisor_client, held, action)
    assert held.held_since is None
    assert (held.free_until is not None) == (action == "let_go")
    assert held.events.get().state == state
    assert LogEntry.objects.get().user.username == "supervisor"


def test_an_auditor_sees_it_and_decides_nothing(auditor_client: Client, held: CrmPush) -> None:
    assert auditor_client.get(reverse("admin:customers_crmevent_changelist")).status_code == 200
    act(auditor_client, held, "let_go")
    assert held.held_since is not None


@pytest.mark.parametrize(
    ("said", "error"),
    [
        pytest.param({"kind": "email", "address": "data@example.com"}, "", id="a mail address"),
        pytest.param({"kind": "email", "address": "data"}, "valid email", id="no mail address"),
        pytest.param({"kind": "webhook", "address": "https://a.example/x", "secret": SECRET}, "", id="a webhook"),
        pytest.param({"kind": "webhook", "address": "https://a.example/x"}, "needs a secret", id="without a secret"),
        pytest.param({"kind": "webhook", "address": "chat", "secret": SECRET}, "whole address", id="no address"),
        pytest.param({"kind": "webhook", "address": "https://a.example", "secret": "x"}, "whsec_", id="no secret"),
    ],
)
def test_a_destination_is_checked_in_the_form(supervisor_client: Client, said: dict[str, str], error: str) -> None:
    answer = supervisor_client.post(
        reverse("admin:customers_alertdestination_add"), {"name": "Team", "is_enabled": "on", "secret": ""} | said
    )
    assert AlertDestination.objects.exists() == (not error)
    assert error in answer.content.decode()


def test_a_secret_does_not_follow_to_another_host(supervisor_client: Client) -> None:
    made = AlertDestination.objects.create(name="T", kind="webhook", address="https://a.example/x", secret=SECRET)
    said = {"name": "T", "kind": "webhook", "address": "https://b.example/x", "secret": "", "is_enabled": "on"}
    supervisor_client.post(reverse("admin:customers_alertdestination_change", args=[made.pk]), said)
    made.refresh_from_db()
    assert made.address == "https://a.example/x"


def test_the_home_page_says_what_is_wrong_to_those_who_may_know(
    supervisor_client: Client, stranger_client: Client
) -> None:
    now = timezone.now()
    alert = Alert.objects.create(condition="sync_failed", subject="crm", figures={"run": 1}, raised_at=now)
    Alert.objects.create(condition="sync_held", subject="old", figures={"run": 1}, raised_at=now, cleared_at=now)
    Heartbeat.objects.create(pk=Heartbeat.BEAT, seen_at=now - timedelta(minutes=6))
    home = supervisor_client.get(reverse("admin:index")).content.decode()
    assert "CRM sync failed: crm" in home
    assert "The scheduler is silent" in home
    assert "old" not in home.partition("Look at this")[2].partition("</section>")[0]
    AlertNotice.objects.create(
        alert=alert,
        destination=AlertDestination.objects.create(name="T", address="t@example.com"),
        kind="raised",
        due_at=now,
    )
    page = supervisor_client.get(reverse("admin:customers_alert_change", args=[alert.pk])).content.decode()
    assert "Sync run 1 failed." in page
    alerts = reverse("admin:customers_alert_changelist")
    still, over = (supervisor_client.get(f"{alerts}?state={state}").content.decode() for state in ("now", "over"))
    row = '<td class="field-subject">old</td>'
    assert (row in still, row in over) == (False, True)
    assert stranger_client.get(alerts).status_code == 302
