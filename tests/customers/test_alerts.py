"""Somebody is told once when something goes wrong, and once when it is over."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from standardwebhooks.webhooks import Webhook

from customers.alerts import handing, notices, rounds, tasks, watch
from customers.alerts.conditions import CONDITIONS
from customers.models import (
    Alert,
    AlertDestination,
    AlertNotice,
    CrmConnection,
    CrmEvent,
    CrmPush,
    Heartbeat,
    SyncRun,
)
from tests.customers.push_standin import SECRET

pytestmark = pytest.mark.django_db


@pytest.fixture
def crm() -> CrmConnection:
    return CrmConnection.objects.create(name="Company CRM", slug="crm", url="https://crm.example.com/customers")


def ran(crm: CrmConnection, state: str, hours_ago: float = 1, **figures: Any) -> SyncRun:
    """A run that ended so."""
    at = timezone.now() - timedelta(hours=hours_ago)
    run = SyncRun.objects.create(
        connection=crm, state=state, trigger="schedule", upper_bound=at, finished_at=at, **figures
    )
    SyncRun.objects.filter(pk=run.pk).update(created_at=at)
    return run


def open_alerts() -> set[tuple[str, str]]:
    rounds.look(timezone.now())
    return set(Alert.objects.filter(cleared_at__isnull=True).values_list("condition", "subject"))


def token(days: float) -> str:
    return jwt.encode({"exp": timezone.now() + timedelta(days=days)}, "of the CRM's own, which we do not know")


def pushed(crm: CrmConnection, state: str, count: int) -> None:
    now = timezone.now()
    push, _made = CrmPush.objects.get_or_create(connection=crm)
    CrmEvent.objects.bulk_create(
        CrmEvent(push=push, event_id=f"{n}", external_id="c1", occurred_at=now, received_at=now, due_at=now,
                 state=state, finished_at=now)
        for n in range(count)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("happens", "raised"),
    [
        pytest.param(lambda crm: None, None, id="nothing"),
        pytest.param(lambda crm: ran(crm, "succeeded"), None, id="a sync that succeeded"),
        pytest.param(lambda crm: ran(crm, "failed"), "sync_failed", id="a sync that failed"),
        pytest.param(lambda crm: (ran(crm, "failed"), ran(crm, "running")), "sync_failed", id="the next is running"),
        pytest.param(lambda crm: (ran(crm, "failed"), ran(crm, "pushed")), "sync_failed", id="a push in between"),
        pytest.param(lambda crm: (ran(crm, "failed"), ran(crm, "succeeded")), None, id="failed, then succeeded"),
        pytest.param(lambda crm: ran(crm, "cancelled"), None, id="cancelled by a person"),
        pytest.param(lambda crm: ran(crm, "held"), "sync_held", id="a sync that is held"),
        pytest.param(lambda crm: (ran(crm, "held"), ran(crm, "succeeded")), None, id="held, then another ran"),
        pytest.param(lambda crm: ran(crm, "succeeded", 27), "sync_overdue", id="no success in 26 hours"),
        pytest.param(lambda crm: ran(crm, "succeeded", 25), None, id="success 25 hours ago"),
        pytest.param(lambda crm: ran(crm, "cancelled", 27), "sync_overdue", id="none ever succeeded"),
        pytest.param(lambda crm: ran(crm, "partial", read=900, rejected=10), "sync_rejects", id="many set aside"),
        pytest.param(lambda crm: ran(crm, "partial", read=1000, rejected=10), None, id="one in a hundred set aside"),
        pytest.param(lambda crm: ran(crm, "partial", read=9, rejected=9), None, id="few set aside"),
        pytest.param(lambda crm: CrmConnection.objects.update(token=token(13)), "token_expires", id="13 days to go"),
        pytest.param(lambda crm: CrmConnection.objects.update(token=token(15)), None, id="15 days to go"),
        pytest.param(lambda crm: CrmConnection.objects.update(token="x.y.z"), None, id="a token that says nothing"),
        pytest.param(
            lambda crm: CrmPush.objects.create(connection=crm, held_since=timezone.now()), "push_held", id="push held"
        ),
        pytest.param(lambda crm: pushed(crm, "failed", 10), "push_failed", id="ten events failed"),
        pytest.param(lambda crm: pushed(crm, "failed", 9), None, id="nine events failed"),
        pytest.param(lambda crm: pushed(crm, "applied", 50), None, id="events that were applied"),
    ],
)
def test_what_is_wrong_raises_its_alert_and_no_other(
    crm: CrmConnection, happens: Callable[[CrmConnection], object], raised: str | None
) -> None:
    happens(crm)
    assert open_alerts() == ({(raised, "crm")} if raised else set())
    CrmConnection.objects.update(is_enabled=False)
    if raised != "push_failed":
        assert open_alerts() == set(), "a connection that is switched off raises none"


def test_every_condition_can_be_said() -> None:
    figures = {"run": 1, "hours": 27, "rejected": 10, "read": 900, "day": "2026-11-22"}
    figures |= {"waiting": 3, "failed": 11, "minutes": 6}
    for kind in CONDITIONS:
        assert "%" not in notices.text_of(Alert(condition=kind, figures=figures)).replace("100 %", "")


def test_an_alert_is_told_once_however_often_it_is_seen_and_once_when_it_is_over(crm: CrmConnection) -> None:
    AlertDestination.objects.create(name="Data team", address="data@example.com")
    AlertDestination.objects.create(name="On leave", address="away@example.com", is_enabled=False)
    ran(crm, "failed")
    for _round in range(3):
        tasks.look()
    ran(crm, "failed")  # the next night: still the same alert
    tasks.look()
    (told,) = mail.outbox
    assert (told.to, told.subject) == (["data@example.com"], "CRM sync failed: crm")
    assert "failed" in told.body
    ran(crm, "succeeded")
    for _round in range(2):
        tasks.look()
    assert [message.subject for message in mail.outbox] == ["CRM sync failed: crm", "Over: CRM sync failed: crm"]
    ran(crm, "failed")
    tasks.look()
    assert len(mail.outbox) == 3, "another one"
    assert Alert.objects.count() == 2


def test_a_name_with_a_line_break_keeps_no_alert_from_being_mailed() -> None:
    destination = AlertDestination(kind=AlertDestination.Kind.EMAIL, address="night@example.com")
    handing.hand_over(destination, handing.Message("1", "Sync of\nSalesforce failed", "text", {}), timezone.now())
    assert mail.outbox[0].subject == "Sync of Salesforce failed"


@dataclass
class Receiver:
    """Somebody else's webhook: what came, and what it answers."""

    url: str = ""
    status: int = 204
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.came.append((dict(self.headers.items()), body))
            self.send_response(state.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/hooks/alerts"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_webhook_is_signed_and_repeated_under_the_same_id_until_it_is_taken(
    crm: CrmConnection, receiver: Receiver
) -> None:
    AlertDestination.objects.create(name="Chat", kind="webhook", address=receiver.url, secret=SECRET)
    ran(crm, "failed")
    receiver.status = 500
    tasks.look()
    tasks.look()
    assert len(receiver.came) == 1, "left in peace"
    notice = AlertNotice.objects.get()
    assert (notice.state, notice.error, notice.attempts) == ("waiting", "status_500", 1)
    receiver.status = 204
    AlertNotice.objects.update(due_at=timezone.now())
    tasks.look()
    ids = {headers["webhook-id"] for headers, _body in receiver.came}
    assert (len(receiver.came), len(ids)) == (2, 1)
    headers, body = receiver.came[-1]
    proven = Webhook(SECRET).verify(body, {name.lower(): value for name, value in headers.items()})
    assert proven["type"] == "alert.raised"
    assert proven["data"]["condition"] == "sync_failed"
    assert AlertNotice.objects.get().state == "sent"


CANNOT_BE_TOLD = (
    ("Nobody there", "webhook", "http://127.0.0.1:9/", SECRET, ""),
    ("A secret that is none", "webhook", "http://127.0.0.1:9/", "no secret", "bad_secret"),
    ("Two lines", "email", "data@example.com\nBcc: x@example.com", "", "BadHeaderError"),
)


def test_those_who_cannot_be_told_are_given_up_in_the_end_and_hinder_nobody(crm: CrmConnection) -> None:
    for name, kind, address, secret, _error in CANNOT_BE_TOLD:
        AlertDestination.objects.create(name=name, kind=kind, address=address, secret=secret)
    AlertDestination.objects.create(name="Good", address="good@example.com")
    ran(crm, "failed")
    for _try in range(len(notices.DELAYS) + 2):
        tasks.look()
        AlertNotice.objects.filter(state="waiting").update(due_at=timezone.now())
    assert len(mail.outbox) == 1
    for name, *_how, error in CANNOT_BE_TOLD:
        dead = AlertNotice.objects.get(destination__name=name)
        assert (dead.state, dead.attempts) == ("dead", len(notices.DELAYS) + 1)
        assert error in dead.error


def test_when_the_scheduler_is_silent_a_worker_looks_by_itself(crm: CrmConnection) -> None:
    AlertDestination.objects.create(name="Data team", address="data@example.com")
    assert watch.look_if_silent() is False, "it was never there: nothing is set up yet"
    tasks.look()
    assert watch.look_if_silent() is False
    Heartbeat.objects.update(seen_at=timezone.now() - timedelta(minutes=6))
    assert watch.look_if_silent() is True
    assert [message.subject for message in mail.outbox] == ["The scheduler is silent"]
    tasks.look()
    assert mail.outbox[-1].subject == "Over: The scheduler is silent"


def test_a_look_costs_the_same_however_many_runs_there_are(
    crm: CrmConnection, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for hours in reversed(range(60)):
        ran(crm, "succeeded", hours)
    with django_assert_max_num_queries(10):
        rounds.look(timezone.now())


def test_mail_is_set_up_by_one_variable(settings: Settings) -> None:
    assert settings.EMAIL_TIMEOUT == 10
    assert settings.DEFAULT_FROM_EMAIL


def test_the_document_of_a_webhook_is_what_the_page_says(crm: CrmConnection) -> None:
    alert = Alert.objects.create(condition="sync_failed", subject="crm", figures={"run": 12}, raised_at=timezone.now())
    document = notices.document_of(AlertNotice(alert=alert, kind="raised"))
    assert list(document) == ["type", "timestamp", "data"]
    assert json.dumps(document["data"]).startswith(f'{{"id": {alert.pk}, "condition": "sync_failed"')


def said_after_a_test(client: Client, destination: AlertDestination) -> str:
    """What the page says after “Send a test”."""
    response = client.post(reverse("admin:customers_alertdestination_test", args=[destination.pk]), follow=True)
    assert response.redirect_chain
    return " ".join(str(message) for message in response.context["messages"])


def test_a_test_of_an_address_is_a_mail(supervisor_client: Client) -> None:
    destination = AlertDestination.objects.create(name="Data team", address="data@example.com")
    assert "The mail server took the test." in said_after_a_test(supervisor_client, destination)
    assert (mail.outbox[0].to, "This is a test" in mail.outbox[0].body) == (["data@example.com"], True)


def test_a_test_of_a_webhook_is_signed(supervisor_client: Client, receiver: Receiver) -> None:
    destination = AlertDestination.objects.create(name="Chat", kind="webhook", address=receiver.url, secret=SECRET)
    assert said_after_a_test(supervisor_client, destination) == "The receiver took the test."
    headers, body = receiver.came[0]
    proven = Webhook(SECRET).verify(body, {name.lower(): value for name, value in headers.items()})
    assert proven["type"] == "alert.test"
    assert AlertNotice.objects.count() == 0


@pytest.mark.parametrize(
    ("status", "address", "said"),
    [
        pytest.param(401, "", "does it have the same secret?", id="another secret"),
        pytest.param(500, "", "answered with an error (HTTP 500)", id="an error of the receiver"),
        pytest.param(204, "http://127.0.0.1:9/", "Nobody listens at this address.", id="nobody there"),
        pytest.param(204, "http://169.254.169.254/", "lies in a private network", id="an address that is not allowed"),
        pytest.param(204, "https://no.such.host.invalid/", "There is no host of this name.", id="no such host"),
    ],
)
def test_a_test_that_fails_says_why(
    supervisor_client: Client, receiver: Receiver, status: int, address: str, said: str
) -> None:
    receiver.status = status
    destination = AlertDestination.objects.create(
        name="Chat", kind="webhook", address=address or receiver.url, secret=SECRET
    )
    found = said_after_a_test(supervisor_client, destination)
    assert found.startswith("The test was not sent.")
    assert said in found


def test_without_a_mail_server_nobody_believes_that_mail_was_sent(
    supervisor_client: Client, crm: CrmConnection, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = handing.NO_MAIL
    destination = AlertDestination.objects.create(name="Data team", address="data@example.com")
    assert "EMAIL_URL" in said_after_a_test(supervisor_client, destination)
    ran(crm, "failed")
    tasks.look()
    assert (AlertNotice.objects.get().state, AlertNotice.objects.get().error) == ("waiting", "no_mail_server")


def test_who_may_not_change_a_destination_may_not_try_it(auditor_client: Client, receiver: Receiver) -> None:
    destination = AlertDestination.objects.create(name="Chat", kind="webhook", address=receiver.url, secret=SECRET)
    url = reverse("admin:customers_alertdestination_test", args=[destination.pk])
    assert auditor_client.post(url).status_code == 403
    assert receiver.came == []
