"""Messages in the portal: read by those who may, customers masked, what was given up sent again by those who may."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from routing.models import Conversation, Delivery, InboundMessage

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

CUSTOMER = "+393471234578"
LISTS = ["conversation", "inboundmessage", "delivery"]


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
    return {"conversation": conversation, "inboundmessage": message, "delivery": delivery}


def send_again(client: Client, delivery: Delivery) -> int:
    form = {"action": "send_again", "_selected_action": [delivery.pk]}
    return client.post("/admin/routing/delivery/", form).status_code


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


def test_a_supervisor_sends_again_what_was_given_up(rows: dict[str, Any], supervisor_client: Client) -> None:
    assert send_again(supervisor_client, rows["delivery"]) == 302
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.error) == ("waiting", 0, "")


def test_an_auditor_and_a_stranger_send_nothing(
    rows: dict[str, Any], auditor_client: Client, stranger_client: Client
) -> None:
    for client in (auditor_client, stranger_client):
        send_again(client, rows["delivery"])
    assert Delivery.objects.get().state == "dead"
