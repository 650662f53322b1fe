"""Vonage's own ways: its token, its numbers without plus, its NCCO, and events while people still talk."""

import hashlib
import json
from typing import Any

import pytest

from routing.providers import base
from routing.providers.base import RawRequest, SignatureError
from routing.providers.vonage import Vonage
from tests.routing import live_folder
from tests.routing.decide_server import GOLD
from tests.routing.providers.every_peer import only
from tests.routing.providers.json_peers import VonagePeer, token
from tests.routing.providers.lines import Line

NOW = 1_800_000_000
SECRET, OLD_SECRET = "a-live-secret-of-32-bytes-or-more", "the-secret-before-with-32-bytes-or-more"
NEXT = "https://calls.example.com/api/v1/p/1/after?leg=1&signature=2"
PEER = VonagePeer()
BODY = PEER.encode(PEER.question(GOLD, live_folder.VOICE_NUMBER, "CON-1"))
CLAIMS: dict[str, Any] = {"iat": NOW, "jti": "1", "iss": "Vonage", "payload_hash": hashlib.sha256(BODY).hexdigest()}


def request(bearer: str, body: bytes = BODY, method: str = "POST") -> RawRequest:
    return RawRequest(method, "/voice", headers={"authorization": f"Bearer {bearer}"}, body=body)


def said(event: dict[str, Any]) -> RawRequest:
    return RawRequest("POST", "/after", body=json.dumps(event).encode())


@pytest.mark.parametrize(
    "bearer",
    [
        pytest.param(token(CLAIMS, SECRET), id="the live secret"),
        pytest.param(token(CLAIMS, OLD_SECRET), id="the previous secret"),
        pytest.param(token(CLAIMS | {"iat": NOW - 299}, SECRET), id="nearly five minutes old"),
        pytest.param(token(CLAIMS | {"iat": NOW + 299}, SECRET), id="from a clock that is ahead"),
        pytest.param(token(CLAIMS | {"exp": 1, "nbf": 2**40, "aud": "x"}, SECRET), id="other claims decide nothing"),
    ],
)
def test_a_token_counts(bearer: str) -> None:
    Vonage().verify(request(bearer), [SECRET, OLD_SECRET], "", NOW)


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        pytest.param(request(token(CLAIMS, "a-guess")), "no live secret", id="another secret"),
        pytest.param(request(token(CLAIMS, "")), "no live secret", id="an empty secret"),
        pytest.param(request(token(CLAIMS, SECRET, "none")), "no live secret", id="algorithm none"),
        pytest.param(request(token(CLAIMS, SECRET, "RS256")), "no live secret", id="another algorithm"),
        pytest.param(request(token(CLAIMS, SECRET)[:-2]), "no live secret", id="a token that was cut"),
        pytest.param(request("W1tb" * 2000 + ".W10.W10"), "no live secret", id="a head that nests deep"),
        pytest.param(request(""), "no live secret", id="no token"),
        pytest.param(request(token(CLAIMS | {"iat": NOW - 301}, SECRET)), "too old", id="too old"),
        pytest.param(request(token(CLAIMS | {"iat": NOW + 301}, SECRET)), "too old", id="from the future"),
        pytest.param(request(token(CLAIMS | {"iat": 1_600_000_000}, SECRET)), "too old", id="years old"),
        pytest.param(request(token(CLAIMS | {"iat": "soon"}, SECRET)), "too old", id="a time that is none"),
        pytest.param(request(token({"payload_hash": CLAIMS["payload_hash"]}, SECRET)), "no live secret", id="no time"),
        pytest.param(request(token({"iat": NOW}, SECRET)), "no live secret", id="no hash of the body"),
        pytest.param(request(token(CLAIMS, SECRET), BODY + b" "), "body is not", id="a body that was altered"),
        pytest.param(request(token(CLAIMS, SECRET), b""), "body is not", id="a body that was left out"),
        pytest.param(request(token(CLAIMS | {"payload_hash": "é"}, SECRET)), "body is not", id="a hash that is none"),
        pytest.param(request(token(CLAIMS, SECRET), BODY, "GET"), "only a posted body", id="by GET"),
        pytest.param(RawRequest("POST", "/voice", body=BODY), "only a posted body", id="an unsigned callback"),
    ],
)
def test_anything_else_is_refused(sent: RawRequest, why: str) -> None:
    with pytest.raises(SignatureError, match=why):
        Vonage().verify(sent, [SECRET, OLD_SECRET, ""], "", NOW)


def test_numbers_get_their_plus_and_headers_become_context() -> None:
    body = json.loads(BODY) | {"SipHeader_X-Customer-No": "4711", "SipHeader_X-Other": 7, "custom": "x"}
    contact = Vonage().parse(said(body), "account")
    assert (contact.to, contact.caller, contact.call_id) == (live_folder.VOICE_NUMBER, GOLD, "CON-1")
    assert dict(contact.context) == {"customer_no": "4711", "other": 7}


@pytest.mark.parametrize("caller", ["", "anonymous", "Unknown", "8001", "0255501001", "sip:a@example.org"])
def test_a_caller_that_is_no_full_number_stays_as_it_came(caller: str) -> None:
    assert Vonage().parse(said({"from": caller, "to": "1"}), "account").caller == caller


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("busy", base.BUSY),
        ("timeout", base.NO_ANSWER),
        ("unanswered", base.NO_ANSWER),
        ("rejected", base.FAILED),
        ("failed", base.FAILED),
        ("cancelled", base.CANCELED),
        ("completed", base.ANSWERED),
        ("a-word-of-tomorrow", base.FAILED),
        (None, base.FAILED),
        ("started", ""),
        ("ringing", ""),
        ("answered", ""),
    ],
)
def test_an_event_of_the_leg_says(status: str | None, outcome: str) -> None:
    event = {"from": "390255500000", "to": "8001", "conversation_uuid": "CON-1", "status": status, "duration": "7"}
    report = Vonage().parse_leg(said(event))
    assert (report.outcome, report.call_id, report.to) == (outcome, "CON-1", live_folder.VOICE_NUMBER)
    assert (report.caller, report.duration_s) == ("", 7)


SIP: dict[str, Any] = {"action": "transfer", "sip_uri": "sip:8001@pbx.example.net", "answer_timeout_ms": 20_000}
AFTER = {"eventType": "synchronous", "eventMethod": "POST", "eventUrl": [NEXT]}
SAY_NEXT = [{"action": "notify", "payload": {"reason": "next"}, "eventMethod": "POST", "eventUrl": [NEXT]}]


@pytest.mark.parametrize(
    ("answer", "ncco"),
    [
        pytest.param(
            SIP | {"headers": {"X-Queue": "vip", "X-Bad": "a\r\nX-Evil: 1", "Not-Ours": "1"}},
            [
                {"action": "connect", "timeout": 20, "from": "390255500000", **AFTER}
                | {
                    "endpoint": [
                        {
                            "type": "sip",
                            "uri": "sip:8001@pbx.example.net",
                            "headers": {"Queue": "vip", "Bad": "aX-Evil: 1"},
                        }
                    ]
                }
            ],
            id="a SIP address with headers, each one line, to which Vonage adds X-",
        ),
        pytest.param(
            {"action": "transfer", "phone": "+390299900000", "headers": {"X-Queue": "vip"}},
            [
                {"action": "connect", "timeout": 30, "from": "390255500000", **AFTER}
                | {"endpoint": [{"type": "phone", "number": "390299900000"}]}
            ],
            id="a phone number without plus and without headers",
        ),
        pytest.param({"action": "transfer", "provider_queue": "support"}, SAY_NEXT, id="a queue that it has not: on"),
        pytest.param({"action": "transfer", "team": "Desk"}, SAY_NEXT, id="a team: on to the next one"),
        pytest.param(SIP | {"sip_uri": "sip:<x>@pbx"}, SAY_NEXT, id="an address that is none: on to the next one"),
        pytest.param({"action": "reject"}, [], id="nobody takes the call"),
    ],
)
def test_each_kind_of_target(answer: dict[str, Any], ncco: list[Any]) -> None:
    assert json.loads(Vonage().render(answer, NEXT, live_folder.VOICE_NUMBER).body) == ncco


def test_the_emergency_target_asks_for_nothing_more() -> None:
    [connect] = json.loads(Vonage().error_reply("sip:reception@pbx.example.net").body)
    assert connect == {"action": "connect", "timeout": 30} | {
        "endpoint": [{"type": "sip", "uri": "sip:reception@pbx.example.net"}]
    }
    assert json.loads(Vonage().error_reply("").body) == []


@only({"vonage": PEER})
def test_events_while_it_rings_change_nothing_and_the_last_one_counts(line: Line) -> None:
    leg = line.call(GOLD)
    for status in ("started", "ringing", "answered"):
        assert line.send(line.question() | {"status": status}, line.after(leg)).status_code == 204
    assert line.spooled("event") == []
    assert line.report(leg, "busy").address == "sip:8002@pbx.example.net"
    [event] = line.spooled("event")
    assert event["details"]["outcome"] == "busy"


def test_the_end_leaves_the_call_as_it_is() -> None:
    assert (Vonage().end().status, Vonage().end().body) == (204, b"")
