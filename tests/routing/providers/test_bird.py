"""Bird's own ways: Standard Webhooks, held against the package's own verification, and flat variables."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from routing.providers import standard_webhooks
from routing.providers.base import RawRequest, SignatureError
from routing.providers.bird import Bird
from tests.routing import live_folder
from tests.routing.decide_server import GOLD

NOW = 1_800_000_000
SECRET, OLD_SECRET, OTHER = (
    "whsec_" + base64.b64encode(text).decode()
    for text in (b"a secret of 24 bytes ...", b"the secret of before ...", b"somebody else's secret..")
)
BODY = b'{"call_id":"c-1"}'


def sign(secret: str = SECRET, at: int = NOW, body: bytes = BODY, identifier: str = "msg_1") -> str:
    """By the package, so that ours is held against it."""
    return Webhook(secret).sign(identifier, datetime.fromtimestamp(at, UTC), body.decode())


def request(signature: str, at: str = str(NOW), body: bytes = BODY, identifier: str = "msg_1") -> RawRequest:
    headers = {"webhook-id": identifier, "webhook-timestamp": at, "webhook-signature": signature}
    return RawRequest("POST", "/voice", headers=headers, body=body)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(request(sign()), id="the live secret"),
        pytest.param(request(sign(OLD_SECRET)), id="the previous secret"),
        pytest.param(request(f"v1,xx v1a,yy {sign()} junk"), id="one of several proofs, others malformed"),
        pytest.param(request(sign(at=NOW - 300), str(NOW - 300)), id="five minutes old"),
        pytest.param(request(sign(at=NOW + 300), str(NOW + 300)), id="from a clock that is ahead"),
    ],
)
def test_a_signature_counts(sent: RawRequest) -> None:
    Bird().verify(sent, [SECRET, OLD_SECRET], "", NOW)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(request(sign(OTHER)), id="another secret"),
        pytest.param(request(sign(), body=BODY + b" "), id="a body that was altered"),
        pytest.param(request(sign(), identifier="msg_2"), id="another id"),
        pytest.param(request(sign(), identifier=""), id="no id"),
        pytest.param(request(sign(), str(NOW - 1)), id="another time than was signed"),
        pytest.param(request(sign(at=NOW - 301), str(NOW - 301)), id="too old"),
        pytest.param(request(sign(at=NOW + 301), str(NOW + 301)), id="from the future"),
        pytest.param(request(sign(), ""), id="no time"),
        pytest.param(request(sign(), "٣"), id="foreign digits"),
        pytest.param(request(sign(), "1e9"), id="a time that is none"),
        pytest.param(request(sign(), "9" * 400), id="a time that no clock has"),
        pytest.param(request(""), id="an empty signature"),
        pytest.param(request("v1"), id="a signature without its comma"),
        pytest.param(request("v1,a,b"), id="a signature with two"),
        pytest.param(request("v1,="), id="a signature that is no base64"),
        pytest.param(request("v1,é"), id="a signature that is not ASCII"),
        pytest.param(request(sign(), body=b"\xff"), id="a body that is no text"),
        pytest.param(RawRequest("POST", "/voice", body=BODY), id="an unsigned callback"),
    ],
)
def test_anything_else_is_refused(sent: RawRequest) -> None:
    with pytest.raises(SignatureError):
        Bird().verify(sent, [SECRET, OLD_SECRET], "", NOW)


@pytest.mark.parametrize("secrets", [[], [""], ["whsec_"], ["whsec_é"]], ids=["none", "empty", "no key", "no base64"])
def test_without_a_usable_secret_nothing_counts(secrets: list[str]) -> None:
    with pytest.raises(SignatureError):
        standard_webhooks.verify(request(sign()), secrets, NOW)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"call_id": "c-1", "from": "390255501001", "to": "390255500000"}, id="a flow's own fields"),
        pytest.param(
            {"type": "voice_call.initiated", "data": {"id": "c-1", "from": GOLD, "to": live_folder.VOICE_NUMBER}},
            id="an event",
        ),
    ],
)
def test_what_bird_tells_of_a_call(fields: dict[str, Any]) -> None:
    contact = Bird().parse(RawRequest("POST", "/voice", body=json.dumps(fields).encode()), "account")
    assert (contact.call_id, contact.caller, contact.to) == ("c-1", GOLD, live_folder.VOICE_NUMBER)


def test_what_a_flow_collected_becomes_context() -> None:
    fields = {"context": {"customer_no": "4711", "Menu Choice": 2, "list": [1], "": "x", "urgent": True}}
    contact = Bird().parse(RawRequest("POST", "/voice", body=json.dumps(fields).encode()), "account")
    assert dict(contact.context) == {"customer_no": "4711", "menu_choice": 2, "urgent": True}


def test_the_answer_is_flat() -> None:
    answer = {
        "action": "transfer",
        "queue": "vip",
        "sip_uri": "sip:8001@pbx.example.net",
        "priority": 20,
        "fallback": False,
        "headers": {"X-Queue": "vip"},
        "routes": [{"uri": "sip:8001@pbx.example.net"}],
    }
    reply = Bird().render(answer, "")
    assert reply.content_type == "application/json"
    assert json.loads(reply.body) == {
        "action": "transfer",
        "queue": "vip",
        "sip_uri": "sip:8001@pbx.example.net",
        "priority": "20",
        "fallback": "false",
        "header_x_queue": "vip",
    }
