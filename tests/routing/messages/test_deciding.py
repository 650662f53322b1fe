"""Each message is decided once, and a conversation stays with its queue until it is resolved."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import IntegrityError, connection, transaction

from contactcenter.foundation.clock import FixedClock
from customers.models import Customer, Handle, LoyaltyTier
from routing import shipping
from routing.messaging import deciding, leases
from routing.models import Conversation, Decision, Delivery, InboundMessage, Number, Release
from routing.spool import MESSAGE, Row
from tests.routing import live_folder
from tests.routing.decide_server import GOLD
from tests.routing.messages.world import ACCOUNT, publish

pytestmark = pytest.mark.django_db

PLAIN = "+390255509999"
BEGIN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def arrive(number: int, sender: str = GOLD, after: timedelta = timedelta(), **fields: Any) -> None:
    """An event comes out of a spool, as the courier ships it."""
    at = (BEGIN + after).isoformat()
    document = {
        "v": 1, "account": ACCOUNT, "message_id": f"m-{number}", "kind": "inbound", "channel": "whatsapp",
        "to": live_folder.WHATSAPP_NUMBER, "sender": sender, "conversation": "42",
        "received_at": at, "occurred_at": at,
    } | fields  # fmt: skip
    assert shipping.insert([Row(number, MESSAGE, orjson.dumps(document))], "host") == set()


def sweep(after: timedelta = timedelta(minutes=1)) -> int:
    return deciding.sweep(20, FixedClock(BEGIN + after))


def states() -> list[str]:
    return list(InboundMessage.objects.order_by("pk").values_list("state", flat=True))


@pytest.fixture
def published() -> None:
    publish("https://desk.example.com")


@pytest.mark.parametrize(
    ("sender", "queue", "branch", "priority_class"),
    [
        pytest.param(GOLD, "vip", "gold", 1, id="the gold customer"),
        pytest.param(GOLD[3:], "vip", "gold", 1, id="the gold customer without country code"),
        pytest.param(PLAIN, "standard", "last_path", 3, id="somebody unknown"),
        pytest.param("source-id", "standard", "last_path", 3, id="an address that is no number"),
        pytest.param("", "standard", "last_path", 3, id="nobody"),
    ],
)
def test_a_first_message_is_decided(published: None, sender: str, queue: str, branch: str, priority_class: int) -> None:
    arrive(1, sender)
    assert sweep() == 1
    decision, conversation, delivery = Decision.objects.get(), Conversation.objects.get(), Delivery.objects.get()
    assert (decision.queue, decision.branch, decision.call_id, decision.channel) == (queue, branch, "m-1", "whatsapp")
    assert (conversation.queue, conversation.external_id, conversation.is_open) == (queue, "42", True)
    assert conversation.decision_id == delivery.decision_id == decision.decision_id
    assert (delivery.help_desk, delivery.document["priority_class"]) == ("desk", priority_class)
    assert states() == ["decided"]


@pytest.mark.parametrize("fields", [{"to": "inbox:8"}, {"channel": ""}, {"channel": "sms"}])
def test_what_is_written_to_an_address_that_is_not_set_up_is_left_alone(
    published: None, fields: dict[str, Any]
) -> None:
    arrive(1, **fields)
    sweep()
    assert (states(), InboundMessage.objects.get().error) == (["noted"], "unknown_number")
    assert not Decision.objects.exists()
    assert not Delivery.objects.exists()


def test_an_open_conversation_stays_with_its_queue(published: None) -> None:
    for number in range(3):
        arrive(number, PLAIN if number else GOLD, timedelta(days=number))
    sweep(timedelta(days=9))
    assert states() == ["decided", "joined", "joined"]
    assert (Decision.objects.count(), Delivery.objects.count()) == (1, 1)
    assert Conversation.objects.get().last_message_at == BEGIN + timedelta(days=2)


def test_after_it_was_resolved_a_message_is_decided_anew_and_knows_the_queue_before(published: None) -> None:
    arrive(1, PLAIN)
    arrive(2, PLAIN, timedelta(hours=1), kind="status", status="resolved")
    arrive(3, PLAIN, timedelta(hours=2), conversation="43")
    sweep(timedelta(hours=3))
    assert states() == ["decided", "noted", "decided"]
    last = Decision.objects.get(call_id="m-3")
    assert (last.branch, last.queue) == ("again", "vip")
    assert last.document["variables"]["call.previous_queue"] == "standard"
    assert [each.is_open for each in Conversation.objects.order_by("pk")] == [False, True]


def test_a_resolution_from_before_the_conversation_closes_nothing(published: None) -> None:
    arrive(1, GOLD, timedelta(hours=2))
    arrive(2, GOLD, timedelta(hours=1), kind="status", status="resolved")
    sweep(timedelta(hours=3))
    assert Conversation.objects.get().is_open


@pytest.mark.parametrize(("silent_for", "queues"), [(timedelta(hours=23), 1), (timedelta(hours=24), 2)])
def test_without_a_help_desk_a_day_of_silence_ends_it(published: None, silent_for: timedelta, queues: int) -> None:
    arrive(1, PLAIN, conversation="")
    arrive(2, PLAIN, timedelta(hours=5), conversation="")
    arrive(3, PLAIN, timedelta(hours=5) + silent_for, conversation="")
    sweep(timedelta(days=3))
    assert Decision.objects.count() == Conversation.objects.count() == queues


@pytest.mark.parametrize(
    ("said", "by_hand"),
    [
        pytest.param({"assignee": "9"}, True, id="an agent"),
        pytest.param({"team": "8"}, True, id="another team"),
        pytest.param({"team": "5"}, False, id="the team that we assigned"),
        pytest.param({}, False, id="nobody any more"),
    ],
)
def test_what_somebody_assigned_is_noted(published: None, said: dict[str, Any], by_hand: bool) -> None:
    arrive(1)
    sweep()
    Delivery.objects.update(state="delivered")
    Conversation.objects.update(assigned_team="5")
    arrive(2, kind="assigned", **said)
    sweep()
    assert Conversation.objects.get().is_taken_by_hand is by_hand


def test_a_sender_without_number_is_found_by_his_id_on_the_platform(published: None) -> None:
    tier = LoyaltyTier.objects.get(slug="gold")
    customer = Customer.objects.create(name="Marco", tier=tier)
    for kind in ("messenger", "instagram"):
        Handle.objects.create(customer=customer, kind=kind, value=f"psid-{kind}")
        arrive(len(states()), f"psid-{kind}", channel=kind, to="page-1", conversation="")
    number = Number.objects.get(channel="whatsapp", address="inbox:7")
    release = Release.objects.get()
    document = orjson.loads(release.document)
    for kind in ("messenger", "instagram"):
        document["numbers"][f"{kind}:page-1"] = document["numbers"][f"whatsapp:{number.address}"]
    Release.objects.update(document=orjson.dumps(document).decode())
    assert sweep() == 2
    assert set(Decision.objects.values_list("channel", "queue")) == {("messenger", "vip"), ("instagram", "vip")}


def test_a_contact_of_the_help_desk_is_found_by_his_customer_number(published: None) -> None:
    Handle.objects.create(customer=Customer.objects.get(), kind="customer_no", value="4711")
    arrive(1, "somebody", context={"customer_no": "4711"})
    sweep()
    assert Decision.objects.get().document["variables"]["customer.identified_by"] == "customer_no"
    assert Conversation.objects.get().queue == "vip"


def test_nothing_is_decided_before_a_release_and_nothing_is_lost() -> None:
    arrive(1)
    sweep()
    assert (states(), InboundMessage.objects.get().error) == (["waiting"], "no_release")
    publish("https://desk.example.com")
    sweep(timedelta(minutes=5))
    assert states() == ["decided"]


def test_a_message_that_makes_us_stumble_stops_no_other(published: None, monkeypatch: pytest.MonkeyPatch) -> None:
    arrive(1, conversation="1")
    arrive(2, conversation="2")
    whole = deciding._decide

    def stumbles(message: InboundMessage, *others: Any) -> Any:
        if message.message_id == "m-1":
            raise RuntimeError("as the test wants")
        return whole(message, *others)

    monkeypatch.setattr(deciding, "_decide", stumbles)
    for hours in range(10):
        sweep(timedelta(hours=hours + 1))
    assert states() == ["failed", "decided"]
    assert InboundMessage.objects.get(message_id="m-1").error == "RuntimeError"


def test_a_lease_that_ran_out_writes_nothing(published: None) -> None:
    arrive(1)
    (slow,) = leases.some(InboundMessage.objects.all(), BEGIN, 9)
    assert leases.some(InboundMessage.objects.all(), BEGIN, 9) == []
    assert sweep(timedelta(minutes=5)) == 1
    assert leases.finish(slow, state="failed") is False
    assert states() == ["decided"]


def test_the_database_refuses_a_second_open_conversation(published: None) -> None:
    arrive(1)
    sweep()
    again = Conversation.objects.get()
    again.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "events",
    [
        pytest.param([("m-1", "42")] * 8, id="the same message eight times"),
        pytest.param([(f"m-{n}", "42") for n in range(8)], id="eight messages of one conversation"),
    ],
)
def test_eight_workers_make_one_decision_and_one_delivery(published: None, events: list[tuple[str, str]]) -> None:
    def work(number: int) -> None:
        try:
            identifier, conversation = events[number]
            arrive(number, message_id=identifier, conversation=conversation)
            deciding.sweep(20, FixedClock(BEGIN + timedelta(minutes=1)))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    sweep()
    assert (Decision.objects.count(), Delivery.objects.count(), Conversation.objects.count()) == (1, 1, 1)
    assert sorted(states()) == ["decided"] + ["joined"] * (len(set(events)) - 1)


@pytest.mark.django_db(transaction=True)
def test_two_that_decide_the_same_conversation_at_once_agree(published: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one finds the conversation that the first has made in the meantime."""
    arrive(1, GOLD)
    whole: Callable[..., Any] = deciding._decide

    def overtaken(message: InboundMessage, *others: Any) -> Any:
        decided = whole(message, *others)
        fields = {"account": ACCOUNT, "channel": "whatsapp", "thread": "conversation:42", "queue": "standard"}
        Conversation.objects.create(decision_id="d" * 32, opened_at=BEGIN, last_message_at=BEGIN, **fields)
        return decided

    monkeypatch.setattr(deciding, "_decide", overtaken)
    sweep()
    assert (states(), Decision.objects.count(), Delivery.objects.count()) == (["joined"], 0, 0)
    assert Conversation.objects.get().queue == "standard"
