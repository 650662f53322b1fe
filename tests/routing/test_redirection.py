"""Switches on numbers, and account managers, as the decide server answers by them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.routing import live_folder
from tests.routing.decide_server import GOLD, DecideServer

MOBILE = "+393331234567"
MESSAGE = {"to": live_folder.WHATSAPP_NUMBER, "channel": "whatsapp", "from": GOLD}


def switch(kind: str, subject: str = "*", minute: int = 0, **where: str) -> dict[str, Any]:
    """A switch set at a minute past eight today."""
    return {"kind": kind, "subject": subject, "set_at": f"2026-11-23T08:{minute:02}:00+00:00", **where}


SEND = switch("send_number", target="priority")
OUTSIDE = switch("send_outside", address=MOBILE)
ANNOUNCE = switch("announce", address="8900", phone_system="pbx")
OVER = {"until": (datetime.now(UTC) - timedelta(seconds=1)).isoformat()}


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        pytest.param([SEND], {"queue": "priority", "action": "transfer", "reason": "switched"}, id="all to a queue"),
        pytest.param(
            [OUTSIDE],
            {
                "phone": MOBILE,
                "action": "transfer",
                "overflow_uri": "sip:8003@pbx.example.net",
                "switch": "send_outside",
            },
            id="all outside, and the default queue behind it",
        ),
        pytest.param(
            [ANNOUNCE],
            {"action": "announce", "sip_uri": "sip:8900@pbx.example.net", "switch": "announce"},
            id="an announcement for all",
        ),
        pytest.param([SEND | {"subject": live_folder.VOICE_NUMBER}], {"queue": "priority"}, id="this number alone"),
        pytest.param([SEND | {"subject": "+39029999999"}], {"queue": "vip", "reason": "branch"}, id="another number"),
        pytest.param([SEND | OVER], {"queue": "vip", "reason": "branch"}, id="a switch that is over"),
        pytest.param(
            [ANNOUNCE, switch("send_number", live_folder.VOICE_NUMBER, 5, target="standard")],
            {"queue": "standard", "switch": "send_number"},
            id="the one set last counts: a number after everything",
        ),
        pytest.param(
            [
                switch("send_number", live_folder.VOICE_NUMBER, 0, target="standard"),
                ANNOUNCE | {"set_at": "2026-11-23T09"},
            ],
            {"action": "announce"},
            id="the one set last counts: everything after a number",
        ),
        pytest.param([SEND | {"target": "unpublished"}], {"queue": "vip"}, id="a queue the release does not know"),
        pytest.param([ANNOUNCE | {"phone_system": "new"}], {"queue": "vip"}, id="a phone system it does not know"),
        pytest.param([SEND | {"kind": "of_tomorrow"}], {"queue": "vip"}, id="a kind that this version does not know"),
    ],
)
def test_a_caller_is_answered(
    decide_server: DecideServer, switches: list[dict[str, Any]], expected: dict[str, str]
) -> None:
    decide_server.change(state={f"switch:{number}": each for number, each in enumerate(switches)})
    answer = decide_server.ask(GOLD)
    assert {key: answer.get(key) for key in expected} == expected
    assert answer["fallback"] is False


@pytest.mark.parametrize(
    ("kind", "queue"),
    [
        pytest.param(ANNOUNCE, "vip", id="a message hears no announcement"),
        pytest.param(OUTSIDE, "vip", id="a message is not dialled outside"),
        pytest.param(SEND, "priority", id="a queue with a team takes messages too"),
    ],
)
def test_a_message_is_answered(decide_server: DecideServer, kind: dict[str, Any], queue: str) -> None:
    decide_server.change(state={"switch:1": kind})
    assert decide_server.ask(GOLD, **MESSAGE)["queue"] == queue


def test_a_message_is_not_sent_where_nobody_answers_messages(decide_server: DecideServer) -> None:
    document = live_folder.demo_document()
    for slug in ("priority", "standard"):
        del document["queues"][slug]["team"]
    decide_server.change(document=document, number=2, state={"switch:1": SEND})
    assert decide_server.ask(GOLD, **MESSAGE)["queue"] == "vip"


def with_manager(decide_server: DecideServer, manager: dict[str, Any] | None, **fields: Any) -> dict[str, Any]:
    """The answer to a gold caller whose branch asks for his account manager anna."""
    document = live_folder.demo_document()
    document["flows"]["priority-customers"]["branches"][0]["target_kind"] = "account_manager"
    document["calendars"]["never"] = {"name": "Never", "time_zone": "Europe/Rome", "hours": [], "exceptions": []}
    document["queues"]["vip"] |= fields
    facts = {f"phone:{GOLD}": {"v": 1, "customer": "1", "tier": "gold", "account_manager": "anna"}}
    decide_server.change(document=document, number=2, facts=facts, state={"manager:anna": manager})
    return decide_server.ask(GOLD)


ANNA: dict[str, Any] = {
    "address": "8101",
    "phone_system": "pbx",
    "answer_timeout_s": 15,
    "calendar": "",
    "present": True,
}


@pytest.mark.parametrize(
    ("manager", "outcome"),
    [
        pytest.param(ANNA, "rung", id="he is there"),
        pytest.param(None, "unknown", id="nobody of that name is set up"),
        pytest.param(ANNA | {"present": False}, "away", id="he is away"),
        pytest.param(ANNA | {"present_until": "2020-01-01T00:00:00+00:00"}, "away", id="he was there until a time"),
        pytest.param(ANNA | {"present": False, "present_until": "2020-01-01T00:00:00+00:00"}, "rung", id="he is back"),
        pytest.param(ANNA | {"calendar": "never"}, "off_hours", id="his working hours are over"),
        pytest.param(ANNA | {"phone_system": "gone"}, "unreachable", id="his phone system is not in the release"),
    ],
)
def test_the_account_manager_is_rung_or_it_is_said_why_not(
    decide_server: DecideServer, manager: dict[str, Any] | None, outcome: str
) -> None:
    answer = with_manager(decide_server, manager)
    assert (answer["manager"], answer["queue"]) == (outcome, "vip")
    if outcome == "rung":
        assert answer["sip_uri"] == "sip:8101@pbx.example.net"
        assert answer["overflow_uri"] == "sip:8001@pbx.example.net"
        assert answer["answer_timeout_ms"] == 15_000
    else:
        assert answer["sip_uri"] == "sip:8001@pbx.example.net"


def test_a_customer_without_an_account_manager_goes_to_the_queue_behind(decide_server: DecideServer) -> None:
    with_manager(decide_server, ANNA)
    decide_server.change(facts={f"phone:{GOLD}": {"v": 1, "customer": "1", "tier": "gold"}})
    answer = decide_server.ask(GOLD, call_id="another")
    assert (answer["manager"], answer["queue"]) == ("none", "vip")


def test_a_manager_is_rung_also_while_the_queue_behind_only_takes_messages(decide_server: DecideServer) -> None:
    answer = with_manager(decide_server, ANNA, calendar="never", when_closed="voicemail", closed_address="8990")
    assert (answer["action"], answer["sip_uri"]) == ("transfer", "sip:8101@pbx.example.net")
    assert answer["overflow_uri"] == "sip:8990@pbx.example.net"


def test_no_manager_is_spoken_of_where_no_branch_asks_for_one(decide_server: DecideServer) -> None:
    assert "manager" not in decide_server.ask(GOLD)
