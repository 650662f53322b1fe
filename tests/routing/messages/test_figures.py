"""How messages stand: who is unknown on which channel, what waits, what was given up."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from routing.messaging import figures
from routing.models import Conversation, Delivery, InboundMessage, Notification

pytestmark = [pytest.mark.django_db, pytest.mark.portable]


def conversation(number: int = 0, days_ago: float = 0, **fields: Any) -> Conversation:
    at = timezone.now() - timedelta(days=days_ago)
    usual: dict[str, Any] = {"account": "a", "channel": "messenger", "queue": "vip"} | fields
    return Conversation.objects.create(thread=str(number), opened_at=at, last_message_at=at, **usual)


def given_up(days_ago: float) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    key, usual = f"{days_ago}", {"state": "dead", "due_at": at, "finished_at": at}
    Delivery.objects.create(key=key, conversation=conversation(1, is_open=False), help_desk="desk", **usual)
    Notification.objects.create(key=key, target="key-accounts", **usual)


def test_the_share_of_unknown_customers_is_told_by_channel(supervisor_client: Client) -> None:
    for number, known in enumerate([True, False, False, False, None]):
        conversation(number, is_known=known)
    conversation(10, channel="whatsapp", is_known=True)
    conversation(11, days_ago=8, is_known=False)
    found = [
        (share.channel, share.conversations, share.unknown, share.percent) for share in figures.shares(timezone.now())
    ]
    assert found == [("Messenger", 4, 3, 75), ("WhatsApp", 1, 0, 0)]
    page = supervisor_client.get("/admin/routing/conversation/").content.decode()
    assert '<th scope="row">Messenger</th><td>4</td><td>3</td><td>75 %</td>' in page


def test_the_metrics_say_what_waits_and_what_was_given_up() -> None:
    at = timezone.now() - timedelta(seconds=90)
    for number in range(3):
        state = "waiting" if number else "decided"
        message = {"message_id": str(number), "kind": "inbound", "state": state, "thread": str(number)}
        received = at + timedelta(seconds=number)
        InboundMessage.objects.create(account="a", occurred_at=at, received_at=received, due_at=at, **message)
    Delivery.objects.create(key="w", conversation=conversation(), due_at=at)
    for days_ago in (0.5, 3, 9):
        given_up(days_ago)
    shown = metrics()
    assert 88 <= shown.pop("routing_messages_oldest_age_seconds") < 120
    assert shown == {
        "routing_messages_waiting": 2,
        "routing_deliveries_waiting": 1,
        "routing_deliveries_given_up": 1,
        "routing_notifications_waiting": 0,
        "routing_notifications_given_up": 1,
    }


def metrics() -> dict[str, float]:
    lines = Client().get("/metrics").content.decode().splitlines()
    ours = ("routing_messages", "routing_deliveries", "routing_notifications")
    return {name: float(value) for name, _, value in (line.partition(" ") for line in lines) if name.startswith(ours)}


def test_home_says_what_was_given_up_within_a_week_and_leads_there(
    supervisor_client: Client, stranger_client: Client
) -> None:
    given_up(9)
    assert "Given up" not in supervisor_client.get("/admin/").content.decode()
    for days_ago in (0.5, 3):
        given_up(days_ago)
    page = supervisor_client.get("/admin/").content.decode()
    assert "Given up in the last seven days: 2 deliveries" in page
    assert "Given up in the last seven days: 2 notifications" in page
    listed = supervisor_client.get("/admin/routing/delivery/?state__exact=dead")
    assert listed.content.decode().count('class="action-select"') == 3
