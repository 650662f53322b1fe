"""jambonz's own ways: its header, its verbs, its queues with a priority."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from routing.providers import base
from routing.providers.base import RawRequest, SignatureError
from routing.providers.jambonz import Jambonz
from tests.routing import live_folder
from tests.routing.decide_server import GOLD

NOW = 1_800_000_000
SECRET, OLD_SECRET = "a-live-secret", "the-secret-before"
NEXT = "https://calls.example.com/api/v1/p/1/after?leg=1&signature=2"
BODY = b'{"call_sid":"c-1"}'


def proof(secret: str = SECRET, at: int = NOW, body: bytes = BODY) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def request(signature: str, body: bytes = BODY, method: str = "POST") -> RawRequest:
    return RawRequest(method, "/voice", headers={"jambonz-signature": signature}, body=body)


def said(fields: dict[str, Any]) -> RawRequest:
    return RawRequest("POST", "/voice", body=json.dumps(fields).encode())


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(f"t={NOW},v1={proof()}", id="the live secret"),
        pytest.param(f"t={NOW},v1={proof(OLD_SECRET)}", id="the previous secret"),
        pytest.param(f"t={NOW}, v1=00, v1={proof()}, v2=x", id="one of several proofs, with spaces"),
        pytest.param(f"t={NOW - 300},v1={proof(at=NOW - 300)}", id="five minutes old"),
        pytest.param(f"t={NOW + 300},v1={proof(at=NOW + 300)}", id="from a clock that is ahead"),
    ],
)
def test_a_signature_counts(signature: str) -> None:
    Jambonz().verify(request(signature), [SECRET, OLD_SECRET], "", NOW)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(request(f"t={NOW},v1={proof('a-guess')}"), id="another secret"),
        pytest.param(request(f"t={NOW},v1={proof('')}"), id="an empty secret"),
        pytest.param(request(f"t={NOW},v1={proof().upper()}"), id="in capitals"),
        pytest.param(request(f"t={NOW},v1={proof()}", BODY + b" "), id="a body that was altered"),
        pytest.param(request(f"t={NOW - 1},v1={proof()}"), id="another time than was signed"),
        pytest.param(request(f"t={NOW - 301},v1={proof(at=NOW - 301)}"), id="too old"),
        pytest.param(request(f"t={NOW + 301},v1={proof(at=NOW + 301)}"), id="from the future"),
        pytest.param(request(f"t={NOW},t={NOW},v1={proof()}"), id="two times"),
        pytest.param(request(f"v1={proof()}"), id="no time"),
        pytest.param(request(f"t={NOW},v0={proof()}"), id="another version"),
        pytest.param(request(f"t={NOW},v1="), id="an empty proof"),
        pytest.param(request(f"t={NOW},v1=é"), id="a proof that is not ASCII"),
        pytest.param(request("t=٣,v1=٣"), id="foreign digits"),
        pytest.param(request(",,=,"), id="nothing but signs"),
        pytest.param(request(f"t={NOW},v1={proof()}", method="GET"), id="by GET"),
        pytest.param(RawRequest("POST", "/voice", body=BODY), id="an unsigned callback"),
    ],
)
def test_anything_else_is_refused(sent: RawRequest) -> None:
    with pytest.raises(SignatureError):
        Jambonz().verify(sent, [SECRET, OLD_SECRET, ""], "", NOW)


def test_what_jambonz_tells_of_a_call() -> None:
    headers = {"x-Customer-No": "4711", "X-Mood": "fine", "diversion": "<sip:+390255501003@example.net>", "via": "x"}
    fields = {"call_sid": "c-1", "from": "390255501001", "to": live_folder.VOICE_NUMBER, "sip": {"headers": headers}}
    contact = Jambonz().parse(said(fields), "account")
    assert (contact.call_id, contact.caller, contact.to) == ("c-1", GOLD, live_folder.VOICE_NUMBER)
    assert contact.diverted_from == "<sip:+390255501003@example.net>"
    assert dict(contact.context) == {"customer_no": "4711", "mood": "fine"}


@pytest.mark.parametrize("caller", ["", "anonymous", "5083084809", "0255501001", "sip:alice@example.org"])
def test_a_caller_without_a_country_stays_as_it_came(caller: str) -> None:
    assert Jambonz().parse(said({"from": caller}), "account").caller == caller


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"dial_call_status": "completed"}, base.ANSWERED),
        ({"dial_call_status": "busy"}, base.BUSY),
        ({"dial_call_status": "no-answer"}, base.NO_ANSWER),
        ({"dial_call_status": "failed"}, base.FAILED),
        ({"dial_call_status": "a-word-of-tomorrow"}, base.FAILED),
        ({"queue_result": "bridged"}, base.ANSWERED),
        ({"queue_result": "leave"}, base.ANSWERED),
        ({"queue_result": "hangup"}, base.CANCELED),
        ({"queue_result": "error"}, base.FAILED),
        ({}, base.FAILED),
    ],
)
def test_a_hook_says_how_the_leg_ended(fields: dict[str, Any], outcome: str) -> None:
    report = Jambonz().parse_leg(said({"call_sid": "c-1", "dial_sip_status": 486, "queue_time": 7} | fields))
    assert (report.outcome, report.call_id, report.sip_code, report.duration_s) == (outcome, "c-1", "486", 7)


SIP: dict[str, Any] = {"action": "transfer", "sip_uri": "sip:8001@pbx.example.net", "answer_timeout_ms": 20_000}
DIAL: dict[str, Any] = {"verb": "dial", "answerOnBridge": True, "actionHook": NEXT}
PHONE = {"type": "phone", "number": "+390299900000"}


@pytest.mark.parametrize(
    ("answer", "verb"),
    [
        pytest.param(
            SIP | {"headers": {"X-Queue": "vip", "X-Bad": "a\r\nX-Evil: 1", "Not-Ours": "1"}},
            DIAL
            | {"target": [{"type": "sip", "sipUri": "sip:8001@pbx.example.net"}]}
            | {"timeout": 20, "headers": {"X-Queue": "vip", "X-Bad": "aX-Evil: 1"}},
            id="a SIP address with headers, each one line",
        ),
        pytest.param(
            {"action": "transfer", "phone": "+390299900000", "caller_id": GOLD},
            DIAL | {"target": [PHONE], "timeout": 30},
            id="a phone number, with the caller's own number as it came",
        ),
        pytest.param(
            {"action": "transfer", "phone": "+390299900000"},
            DIAL | {"target": [PHONE], "timeout": 30, "callerId": live_folder.VOICE_NUMBER},
            id="a phone number and a hidden caller: the called number is shown",
        ),
        pytest.param(
            {"action": "transfer", "provider_queue": "support", "priority": 2},
            {"verb": "enqueue", "name": "support", "priority": 2, "actionHook": NEXT},
            id="a queue of jambonz with its priority",
        ),
        pytest.param(
            {"action": "transfer", "provider_queue": "support", "priority": 5000},
            {"verb": "enqueue", "name": "support", "priority": 999, "actionHook": NEXT},
            id="a priority beyond its scale comes last",
        ),
        pytest.param(
            {"action": "transfer", "team": "Desk"},
            {"verb": "redirect", "actionHook": NEXT},
            id="a team: on to the next one",
        ),
        pytest.param(
            {"action": "reject"},
            {"verb": "sip:decline", "status": 480, "reason": "Temporarily Unavailable"},
            id="nobody takes the call",
        ),
    ],
)
def test_each_kind_of_target_has_its_verb(answer: dict[str, Any], verb: dict[str, Any]) -> None:
    assert json.loads(Jambonz().render(answer, NEXT, live_folder.VOICE_NUMBER).body) == [verb]


def test_the_emergency_target_asks_for_nothing_more() -> None:
    [verb] = json.loads(Jambonz().error_reply("+390299900000").body)
    assert verb == {"verb": "dial", "target": [PHONE], "answerOnBridge": True, "timeout": 30}
    assert json.loads(Jambonz().error_reply("").body)[0]["verb"] == "sip:decline"


def test_the_end_hangs_up() -> None:
    assert json.loads(Jambonz().end().body) == [{"verb": "hangup"}]
