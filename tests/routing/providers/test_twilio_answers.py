"""What Twilio is told to do, read back from its XML."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest

from routing.providers import twiml
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, SILVER, STRANGER
from tests.routing.live_folder import Document
from tests.routing.providers.twilio_standin import ACCOUNT, PUBLIC_URL, TwilioStandIn, incoming, read

NEXT = f"{PUBLIC_URL}/api/v1/p/{ACCOUNT}/after?leg=1&signature=2"


@pytest.mark.parametrize(
    ("caller", "address", "queue", "priority"),
    [
        pytest.param(GOLD, "sip:8001@pbx.example.net", "vip", "20", id="a gold caller reaches the VIP queue"),
        pytest.param(SILVER, "sip:8002@pbx.example.net", "priority", "15", id="a silver caller the priority queue"),
        pytest.param(STRANGER, "sip:8003@pbx.example.net", "standard", "10", id="a stranger the standard queue"),
        pytest.param("anonymous", "sip:8003@pbx.example.net", "standard", "10", id="anonymous"),
        pytest.param("Restricted", "sip:8003@pbx.example.net", "standard", "10", id="restricted"),
        pytest.param("+266696687", "sip:8003@pbx.example.net", "standard", "10", id="anonymous as a number"),
        pytest.param("", "sip:8003@pbx.example.net", "standard", "10", id="no caller at all"),
        pytest.param("sip:alice@example.org", "sip:8003@pbx.example.net", "standard", "10", id="a SIP caller"),
    ],
)
def test_a_call_is_dialled_to_its_queue(
    twilio: TwilioStandIn, caller: str, address: str, queue: str, priority: str
) -> None:
    dialled = twilio.call(caller)
    assert (dialled.verb, dialled.noun, dialled.address) == ("Dial", "Sip", address)
    assert dialled.headers["X-Queue"] == queue
    assert dialled.headers["X-Priority"] == priority
    assert dialled.attributes["timeout"] == "10"
    assert dialled.attributes["answerOnBridge"] == "true"
    assert dialled.attributes["method"] == "POST"
    assert dialled.action.startswith(f"{PUBLIC_URL}/api/v1/p/{ACCOUNT}/after?")
    assert "callerId" not in dialled.attributes


def test_the_decision_is_recorded_under_the_id_that_the_phone_system_is_given(twilio: TwilioStandIn) -> None:
    dialled = twilio.call(GOLD)
    [decision] = twilio.spooled("decision")
    assert decision["answer"]["decision_id"] == dialled.headers["X-Decision-Id"]
    assert decision["contact"]["account"] == ACCOUNT


def test_a_repeated_call_id_gets_the_same_answer_even_after_a_change(twilio: TwilioStandIn) -> None:
    first = twilio.send(incoming())
    twilio.server.change(state={"switch:1": {"kind": "close_queue", "subject": "vip"}})
    assert twilio.send(incoming()).content == first.content
    assert twilio.call(CallSid="CA" + "9" * 32).headers["X-Queue"] == "priority"
    assert len(twilio.spooled("decision")) == 2


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"SipHeader_X-Customer-No": "4711"}, id="a customer number from a SIP header"),
        pytest.param({"ForwardedFrom": GOLD}, id="the original caller of a diverted call"),
    ],
)
def test_what_twilio_tells_besides_the_caller_is_used(twilio: TwilioStandIn, fields: dict[str, str]) -> None:
    assert twilio.call(STRANGER, **fields).headers["X-Queue"] == "vip"


def test_digits_and_sip_headers_become_context(twilio: TwilioStandIn) -> None:
    twilio.call(Digits="12", **{"SipHeader_X-Mood-Of.Caller": "fine", "SipHeader_X-€": "lost", "CallerCity": "Rome"})
    [decision] = twilio.spooled("decision")
    context = {name: value for name, value in decision["variables"].items() if name.startswith("call.context.")}
    assert context == {
        "call.context.digits": "12",
        "call.context.mood_of_caller": "fine",
        "call.context.direction": "inbound",
    }


SIP: dict[str, Any] = {"action": "transfer", "sip_uri": "sip:8001@pbx.example.net", "answer_timeout_ms": 20_000}
PHONE: dict[str, Any] = {"action": "transfer", "phone": "+390299900000", "caller_id": GOLD}
WORKFLOW = "WW" + "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("answer", "golden"),
    [
        pytest.param(
            SIP | {"headers": {"X-Queue": "vip", "X-Priority": "20"}},
            '<Dial action="{next}" answerOnBridge="true" method="POST" timeout="20">'
            "<Sip>sip:8001@pbx.example.net?X-Queue=vip&amp;X-Priority=20</Sip></Dial>",
            id="a SIP address with headers",
        ),
        pytest.param(
            SIP | {"headers": {"X-Queue": "a&b <c>", "Not-Ours": "1", "X-Bad\r\n": "1"}},
            '<Dial action="{next}" answerOnBridge="true" method="POST" timeout="20">'
            "<Sip>sip:8001@pbx.example.net?X-Queue=a%26b%20%3Cc%3E</Sip></Dial>",
            id="header values are escaped, other names left out",
        ),
        pytest.param(
            PHONE,
            '<Dial action="{next}" answerOnBridge="true" method="POST" timeout="30">'
            "<Number>+390299900000</Number></Dial>",
            id="a phone number, with the caller's own number as it came",
        ),
        pytest.param(
            PHONE | {"caller_id": "", "headers": {"X-Queue": "vip"}},
            '<Dial action="{next}" answerOnBridge="true" callerId="+390255500000" method="POST" timeout="30">'
            "<Number>+390299900000</Number></Dial>",
            id="a phone number and a hidden caller: the called number is shown, no headers",
        ),
        pytest.param(
            {"action": "transfer", "provider_queue": "support"},
            '<Enqueue action="{next}" method="POST">support</Enqueue>',
            id="a queue of Twilio's own",
        ),
        pytest.param(
            {"action": "transfer", "provider_queue": "a\x00\x0b<b>\ufffe"},
            '<Enqueue action="{next}" method="POST">a&lt;b&gt;</Enqueue>',
            id="what XML cannot hold is left out",
        ),
        pytest.param(
            {"action": "transfer", "provider_queue": WORKFLOW, "queue": "vip", "priority": 20},
            f'<Enqueue action="{{next}}" method="POST" workflowSid="{WORKFLOW}">'
            '<Task priority="20">{{"queue": "vip"}}</Task></Enqueue>',
            id="a TaskRouter workflow with its priority",
        ),
        pytest.param({"action": "reject"}, '<Reject reason="rejected" />', id="nobody takes the call"),
        pytest.param(
            {"action": "transfer", "team": "Desk"},
            '<Redirect method="POST">{next}</Redirect>',
            id="a target that Twilio cannot reach: on to the next one",
        ),
        pytest.param(
            SIP | {"sip_uri": f"sip:8001@{'a' * 250}.example.net"},
            '<Redirect method="POST">{next}</Redirect>',
            id="a SIP address that is too long for Twilio: on to the next one",
        ),
        pytest.param(
            SIP | {"answer_timeout_ms": 2000},
            '<Dial action="{next}" answerOnBridge="true" method="POST" timeout="5">'
            "<Sip>sip:8001@pbx.example.net</Sip></Dial>",
            id="no shorter ringing than Twilio takes",
        ),
    ],
)
def test_each_kind_of_target_has_its_verb(answer: dict[str, Any], golden: str) -> None:
    document = twiml.render(answer, NEXT, live_folder.VOICE_NUMBER).body.decode()
    expected = golden.format(next=NEXT.replace("&", "&amp;"))
    assert document == f'<?xml version="1.0" encoding="UTF-8"?><Response>{expected}</Response>'


def test_headers_beyond_the_limit_are_left_out() -> None:
    headers = {f"X-Header-{number}": "e" * 80 for number in range(20)}
    document = twiml.render(SIP | {"headers": headers}, NEXT).body
    query = (ET.fromstring(document)[0][0].text or "").partition("?")[2]
    assert 800 < len(query) <= 1024
    assert set(read(document).headers.values()) == {"e" * 80}


def closed(action: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        document["calendars"]["never"] = {"name": "Never", "time_zone": "Europe/Rome", "hours": [], "exceptions": []}
        document["queues"]["vip"] |= {"calendar": "never", "when_closed": action, "closed_address": "9001"}

    return change


@pytest.mark.parametrize("action", ["announce", "voicemail"])
def test_a_closed_queue_is_dialled_at_the_extension_that_speaks_for_it(twilio: TwilioStandIn, action: str) -> None:
    document = live_folder.demo_document()
    closed(action)(document)
    twilio.server.change(document=document)
    assert twilio.call(GOLD).address == "sip:9001@pbx.example.net"


def test_without_a_release_the_emergency_target_is_dialled(twilio: TwilioStandIn, no_release: None) -> None:
    dialled = twilio.call(GOLD)
    assert (dialled.verb, dialled.address, dialled.headers) == ("Dial", "sip:emergency@pbx.example.net", {})
    assert twilio.report(dialled, DialCallStatus="failed").verb == ""


def test_task_attributes_are_json() -> None:
    answer = {"action": "transfer", "provider_queue": WORKFLOW, "queue": "vip", "tier": "gold", "decision_id": "d"}
    task = ET.fromstring(twiml.render(answer, NEXT).body)[0][0]
    assert json.loads(task.text or "") == {"queue": "vip", "tier": "gold", "decision_id": "d"}
