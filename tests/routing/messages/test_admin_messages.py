"""Messages in the portal: read by those who may, customers masked, what was given up sent again by those who may."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contactcenter.accounts.models import User
from routing.models import Conversation, Delivery, InboundMessage, Notification, NotificationTarget, ProviderAccount
from routing.providers.meta import Meta
from tests.routing.admin_form import filled
from tests.routing.messages.desk_standin import WEBHOOK_SECRET

pytestmark = pytest.mark.django_db

CUSTOMER = "+393471234578"
LISTS = ["conversation", "inboundmessage", "delivery", "notification"]


@pytest.fixture
def rows() -> dict[str, Any]:
    now = timezone.now()
    conversation = Conversation.objects.create(
        account="a", channel="whatsapp", thread="conversation:42", sender=CUSTOMER, external_id="42", queue="vip",
        help_desk="desk", team="vip", decision_id="d" * 32, opened_at=now, last_message_at=now,
    )  # fmt: skip
    message = InboundMessage.objects.create(
        account="a", message_id="m-1", kind="inbound", channel="whatsapp", thread="conversation:42", sender=CUSTOMER,
        occurred_at=now, received_at=now, due_at=now, state="decided", conversation=conversation,
    )  # fmt: skip
    delivery = Delivery.objects.create(
        key="k", conversation=conversation, decision_id="d" * 32, help_desk="desk", due_at=now, state="dead",
        error="no_such_team", attempts=1,
    )  # fmt: skip
    notification = Notification.objects.create(
        key="n", target="key-accounts", decision_id="d" * 32, due_at=now, state="dead", error="status_410", attempts=1
    )
    return {
        "conversation": conversation, "inboundmessage": message, "delivery": delivery, "notification": notification,
    }  # fmt: skip


def send_again(client: Client, row: Any) -> int:
    form = {"action": "send_again", "_selected_action": [row.pk]}
    return client.post(f"/admin/routing/{row._meta.model_name}/", form).status_code


@pytest.mark.parametrize("model", LISTS)
def test_lists_and_pages_open_and_lists_mask_the_customer(
    rows: dict[str, Any], model: str, supervisor_client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        listed = supervisor_client.get(f"/admin/routing/{model}/").content.decode()
    assert CUSTOMER not in listed
    with django_assert_max_num_queries(12):
        page = supervisor_client.get(f"/admin/routing/{model}/{rows[model].pk}/change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()


def test_what_stopped_a_delivery_is_said_in_words(rows: dict[str, Any], supervisor_client: Client) -> None:
    assert "has no team of this name" in supervisor_client.get("/admin/routing/delivery/").content.decode()


def test_the_page_of_an_account_at_meta_says_its_verify_token(supervisor_client: Client) -> None:
    given = {"dialect": "meta", "secret": "app-secret", "public_url": "https://calls.example.com"}
    account = ProviderAccount.objects.create(name="Meta", slug="meta", **given)
    page = supervisor_client.get(f"/admin/routing/provideraccount/{account.pk}/change/").content.decode()
    assert Meta().verify_token(str(account.uuid), "app-secret") in page
    assert "app-secret" not in page


@pytest.mark.parametrize("model", [Delivery, Notification])
def test_a_supervisor_sends_again_what_was_given_up(
    rows: dict[str, Any], supervisor_client: Client, model: Any
) -> None:
    assert send_again(supervisor_client, rows[model._meta.model_name]) == 302
    row = model.objects.get()
    assert (row.state, row.attempts, row.error) == ("waiting", 0, "")


def test_an_auditor_and_a_stranger_send_nothing(
    rows: dict[str, Any], auditor_client: Client, stranger_client: Client
) -> None:
    for client in (auditor_client, stranger_client):
        for model in (Delivery, Notification):
            send_again(client, rows[str(model._meta.model_name)])
            assert model.objects.get().state == "dead"


def target(**fields: str) -> dict[str, str]:
    return {"name": "Key", "slug": "key", "url": "https://events.example.com/x", "secret": WEBHOOK_SECRET} | fields


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        pytest.param({}, "", id="as it should be"),
        pytest.param({"url": "http://events.example.com/x"}, "url", id="without encryption"),
        pytest.param({"url": ""}, "url", id="no address"),
        pytest.param({"secret": ""}, "secret", id="no secret"),
        pytest.param({"secret": "a plain password"}, "secret", id="no secret of Standard Webhooks"),
        pytest.param({"secret": "whsec_c2hvcnQ="}, "secret", id="a short secret"),
    ],
)
def test_a_target_that_could_not_be_told_is_refused(supervisor: User, fields: dict[str, str], wrong: str) -> None:
    assert list(filled(NotificationTarget(), target(**fields), supervisor).errors) == ([wrong] if wrong else [])


def _errors(answer: Any) -> list[str]:
    return list(answer.context["adminform"].form.errors) if answer.context else []


def test_the_secret_of_a_target_stays_with_its_host(supervisor_client: Client) -> None:
    supervisor_client.post("/admin/routing/notificationtarget/add/", target())
    page = f"/admin/routing/notificationtarget/{NotificationTarget.objects.get().pk}/change/"
    assert WEBHOOK_SECRET not in supervisor_client.get(page).content.decode()
    assert supervisor_client.post(page, target(secret="", url="https://events.example.com/y")).status_code == 302
    assert NotificationTarget.objects.get().secret == WEBHOOK_SECRET
    assert _errors(supervisor_client.post(page, target(secret="", url="https://thief.example.net"))) == ["secret"]
