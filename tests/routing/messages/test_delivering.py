"""Help desks are told at least once, in their own words, and what people have assigned is left alone."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from queues.desk_priorities import DESKS
from queues.models import HelpDesk
from routing.helpdesks import PUSHERS
from routing.messaging import attempts, leases, outbox
from routing.models import Conversation, Delivery
from tests.routing.decide_server import GOLD
from tests.routing.messages.desk_standin import (
    AGENT,
    PRIORITY_TEAM,
    TOKEN,
    VIP_TEAM,
    WEBHOOK_SECRET,
    Desk,
    running,
)

pytestmark = pytest.mark.django_db

KINDS = {"chatwoot": {"account": "1", "token": TOKEN}, "zendesk": {"account": AGENT, "token": TOKEN}}
both = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with running() as desk:
        yield desk


def delivery(desk: Desk, kind: str, number: str = "42", team: str = "vip", **fields: Any) -> Delivery:
    """Something to be told to a help desk of this kind."""
    HelpDesk.objects.update_or_create(
        slug="desk", defaults={"name": "Desk", "kind": kind, "url": f"{desk.url}/"} | KINDS.get(kind, {})
    )
    now = timezone.now()
    usual = {"account": "a", "channel": "whatsapp", "thread": number or GOLD, "sender": GOLD, "queue": "vip"}
    conversation = Conversation.objects.create(
        **usual | {"external_id": number, "help_desk": "desk", "team": team, "decision_id": "d" * 32} | fields,
        opened_at=now,
        last_message_at=now,
    )
    answer = {"decision_id": conversation.decision_id, "queue": "vip", "priority_class": 1, "tier": "gold"}
    outbox.put([(conversation, answer, now)])
    return Delivery.objects.get()


def told(delivery: Delivery) -> tuple[str, int, str]:
    """Try what is due; what then stands there of this one."""
    outbox.sweep(10)
    delivery.refresh_from_db()
    return delivery.state, delivery.attempts, delivery.error


def again(delivery: Delivery) -> tuple[str, int, str]:
    """The same once its time has come."""
    Delivery.objects.update(due_at=timezone.now())
    return told(delivery)


def assigned(desk: Desk) -> tuple[int | None, str | None]:
    return desk.conversations[42]["team_id"], desk.conversations[42]["priority"]


def test_every_kind_of_help_desk_has_a_pusher_and_words_for_all_classes() -> None:
    assert set(DESKS) == set(PUSHERS)
    assert all(set(kind.priorities) == {1, 2, 3, 4, 5} for kind in DESKS.values())


@both
@pytest.mark.parametrize("team", ["vip", "VIP", str(VIP_TEAM)])
def test_a_conversation_gets_its_team_and_priority(desk: Desk, kind: str, team: str) -> None:
    desk.add(42, GOLD)
    assert told(delivery(desk, kind, team=team)) == ("delivered", 1, "")
    assert assigned(desk) == (VIP_TEAM, "urgent")
    assert Conversation.objects.get().assigned_team == str(VIP_TEAM)


@both
@pytest.mark.parametrize(
    ("there", "is_kept"),
    [
        pytest.param({"assignee_id": 9}, True, id="an agent has it"),
        pytest.param({"assignee_id": 9, "team_id": VIP_TEAM}, True, id="an agent of the same team has it"),
        pytest.param({"team_id": PRIORITY_TEAM}, True, id="another team has it"),
        pytest.param({"team_id": VIP_TEAM}, False, id="the team has it already"),
    ],
)
def test_what_a_person_assigned_is_left_alone(desk: Desk, kind: str, there: dict[str, Any], is_kept: bool) -> None:
    desk.add(42, GOLD, **there)
    before = assigned(desk)
    assert told(delivery(desk, kind))[0] == ("kept" if is_kept else "delivered")
    assert (assigned(desk) == before) is is_kept
    assert Conversation.objects.get().is_taken_by_hand is is_kept


@both
def test_what_we_assigned_ourselves_is_no_persons_doing(desk: Desk, kind: str) -> None:
    """The conversation was resolved, the customer wrote again, and another team is better for him now."""
    desk.add(42, GOLD, team_id=PRIORITY_TEAM)
    first = {"account": "a", "external_id": "42", "assigned_team": str(PRIORITY_TEAM), "is_open": False}
    Conversation.objects.create(**first, opened_at=timezone.now(), last_message_at=timezone.now())
    assert told(delivery(desk, kind))[0] == "delivered"
    assert assigned(desk)[0] == VIP_TEAM


@both
def test_what_was_assigned_by_hand_or_resolved_meanwhile_is_not_even_asked(desk: Desk, kind: str) -> None:
    desk.add(42, GOLD)
    waiting = delivery(desk, kind)
    Conversation.objects.update(is_taken_by_hand=True)
    assert told(waiting) == ("kept", 1, "")
    Delivery.objects.update(state="waiting")
    Conversation.objects.update(is_taken_by_hand=False, is_open=False)
    assert again(waiting)[0] == "superseded"
    assert desk.journal == []


@both
def test_a_conversation_that_does_not_exist_yet_is_looked_for_until_it_does(desk: Desk, kind: str) -> None:
    waiting = delivery(desk, kind, number="")
    desk.contacts[1] = {"phone_number": GOLD + "0"}
    assert told(waiting) == ("waiting", 1, "no_conversation_yet")
    desk.add(41, GOLD, status="resolved" if kind == "chatwoot" else "solved")
    assert again(waiting) == ("waiting", 2, "no_conversation_yet")
    desk.add(42, GOLD)
    assert again(waiting)[0] == "delivered"
    assert assigned(desk) == (VIP_TEAM, "urgent")
    assert Conversation.objects.get().external_id == "42"


def test_chatwoot_is_not_searched_for_ids_of_a_platform(desk: Desk) -> None:
    assert told(delivery(desk, "chatwoot", number="", sender="psid-1"))[2] == "sender_cannot_be_found"


def test_a_conversation_on_another_channel_is_not_this_one(desk: Desk) -> None:
    desk.add(42, GOLD, channel="Channel::Email")
    assert told(delivery(desk, "chatwoot", number=""))[2] == "no_conversation_yet"


@both
@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_heal_is_tried_again(desk: Desk, kind: str, status: int) -> None:
    desk.add(42, GOLD)
    desk.faults = [(status, {})]
    waiting = delivery(desk, kind)
    assert told(waiting) == ("waiting", 1, f"status_{status}")
    assert timedelta() < waiting.due_at - timezone.now() < timedelta(seconds=2.6)
    assert again(waiting)[0] == "delivered"


@both
@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 422])
def test_what_cannot_heal_is_given_up_at_once(desk: Desk, kind: str, status: int) -> None:
    desk.faults = [(status, {})]
    assert told(delivery(desk, kind)) == ("dead", 1, f"status_{status}")


@pytest.mark.parametrize("as_date", [False, True])
def test_nobody_is_asked_before_he_wants_to_be(desk: Desk, as_date: bool) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=900), usegmt=True) if as_date else "900"
    desk.faults = [(429, {"Retry-After": later})]
    waiting = delivery(desk, "chatwoot")
    told(waiting)
    assert timedelta(seconds=880) < waiting.due_at - timezone.now() <= timedelta(seconds=900)


@pytest.mark.portable
def test_a_help_desk_that_is_busy_is_left_in_peace(desk: Desk) -> None:
    """Else each worker would stand there, and nobody would be left for the other help desks."""
    desk.add(42, GOLD)
    waiting = delivery(desk, "chatwoot")
    for number in range(5):
        Delivery.objects.create(
            key=str(number), conversation=waiting.conversation, help_desk="desk", due_at=timezone.now()
        )
    desk.faults = [(503, {})] * 9
    outbox.sweep(10)
    assert len(desk.journal) == 1
    assert not Delivery.objects.filter(due_at__lte=timezone.now()).exists()
    desk.faults = []
    Delivery.objects.update(due_at=timezone.now())
    outbox.sweep(10)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_a_help_desk_that_cannot_be_reached_is_given_up_in_the_end_and_can_be_told_again(desk: Desk) -> None:
    desk.add(42, GOLD)
    waiting = delivery(desk, "chatwoot")
    HelpDesk.objects.update(url="http://127.0.0.1:9")
    for number in range(len(attempts.DELAYS)):
        assert again(waiting) == ("waiting", number + 1, "refused")
    assert again(waiting) == ("dead", len(attempts.DELAYS) + 1, "refused")
    assert waiting.finished_at
    HelpDesk.objects.update(url=desk.url)
    assert attempts.resend(Delivery.objects.all()) == 1
    assert told(waiting)[0] == "delivered"
    assert attempts.resend(Delivery.objects.all()) == 0


def test_pauses_grow_and_are_never_the_same() -> None:
    pauses = [leases.pause(attempt, attempts.DELAYS) for attempt in range(1, len(attempts.DELAYS) + 1)]
    assert [pause.total_seconds() for pause in pauses if pause] == pytest.approx(attempts.DELAYS, rel=0.26)
    assert len({leases.pause(5, attempts.DELAYS) for _ in range(5)}) > 1
    assert leases.pause(len(attempts.DELAYS) + 1, attempts.DELAYS) is None


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        pytest.param({"url": ""}, "no_help_desk", id="no address"),
        pytest.param({"url": "http://169.254.169.254"}, "forbidden_address", id="an address inside"),
        pytest.param({"account": "one/../2"}, "account_is_no_number", id="an account that is a path"),
        pytest.param({"token": "wrong"}, "status_401", id="a wrong token"),
    ],
)
def test_a_help_desk_that_is_set_up_wrongly_is_given_up(desk: Desk, fields: dict[str, str], error: str) -> None:
    waiting = delivery(desk, "chatwoot")
    for each in HelpDesk.objects.all():
        for name, value in fields.items():
            setattr(each, name, value)
        each.save()
    assert told(waiting) == ("dead", 1, error)


def test_a_team_that_does_not_exist_is_given_up(desk: Desk) -> None:
    desk.add(42, GOLD)
    assert told(delivery(desk, "chatwoot", team="nobody"))[2] == "no_such_team"


def test_zendesk_refuses_a_ticket_that_somebody_changed_meanwhile_and_we_look_again(desk: Desk) -> None:
    desk.add(42, GOLD)
    waiting = delivery(desk, "zendesk", team=str(VIP_TEAM))
    desk.faults = []
    whole = desk.conversations[42]
    answered = iter([{**whole, "version": 3}, whole])
    desk.conversations = type("Changing", (dict,), {"__getitem__": lambda self, key: next(answered, whole)})(
        {42: whole}
    )
    assert told(waiting) == ("waiting", 1, "status_409")
    assert again(waiting)[0] == "delivered"


@pytest.mark.portable
def test_any_other_help_desk_gets_a_signed_webhook_with_the_same_id_each_time(desk: Desk) -> None:
    desk.faults = [(503, {})]
    waiting = delivery(desk, "signed_webhook")
    for each in HelpDesk.objects.all():
        each.token = WEBHOOK_SECRET
        each.save()
    assert told(waiting)[0] == "waiting"
    assert again(waiting)[0] == "delivered"
    attempts.resend(Delivery.objects.all())
    ((headers, body),) = desk.webhooks
    Webhook(WEBHOOK_SECRET).verify(body, headers)
    assert headers["webhook-id"] == f"{'d' * 32}-assign"
    event = json.loads(body)
    assert event["type"] == "conversation.assigned"
    data = event["data"]
    assert (data["conversation_id"], data["team"], data["queue"], data["priority"]) == ("42", "vip", "vip", "urgent")


def test_a_webhook_without_a_webhook_secret_is_given_up(desk: Desk) -> None:
    assert told(delivery(desk, "signed_webhook"))[2] == "secret_is_no_webhook_secret"
