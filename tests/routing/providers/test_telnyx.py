"""Telnyx's own ways: what its key signs, and what TeXML does not know of TwiML."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from routing.providers.base import RawRequest, SignatureError
from routing.providers.telnyx import Telnyx
from tests.routing.providers.peers import TelnyxPeer

PUBLIC_URL = "https://calls.example.com"
NEXT = f"{PUBLIC_URL}/api/v1/p/1/after?leg=1&signature=2"
NOW = 1_790_000_000.0
BODY = b"CallSid=v3%3A1&From=%2B15550100&To=%2B15550199"
# RFC 8032, 7.1, test 3: a key pair that others published.
RFC_SECRET = bytes.fromhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
RFC_PUBLIC = b64encode(bytes.fromhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")).decode()


def request(timestamp: str = "1790000000", *, signed: bytes | None = None, **other: str) -> RawRequest:
    text = f"{timestamp}|".encode() + BODY if signed is None else signed
    proof = b64encode(Ed25519PrivateKey.from_private_bytes(RFC_SECRET).sign(text)).decode()
    headers = {"telnyx-timestamp": timestamp, "telnyx-signature-ed25519": other.get("proof", proof)}
    return RawRequest(other.get("method", "POST"), "/voice", "", headers, BODY)


def test_the_key_that_telnyx_shows_verifies_what_it_signs() -> None:
    Telnyx().verify(request(), [RFC_PUBLIC], PUBLIC_URL, NOW)


def test_a_key_that_is_none_does_not_stop_the_other_one() -> None:
    Telnyx().verify(request(), ["not a key", "", "AAAA", RFC_PUBLIC], PUBLIC_URL, NOW)


@pytest.mark.parametrize(
    ("sent", "now"),
    [
        pytest.param(request(), NOW + 301, id="older than five minutes"),
        pytest.param(request(), NOW - 301, id="five minutes from the future"),
        pytest.param(request("soon"), NOW, id="a time that is none"),
        pytest.param(request("-1790000000"), NOW, id="a time before 1970"),
        pytest.param(request("1" * 400), NOW, id="a time beyond all numbers"),
        pytest.param(request("١٧٩٠٠٠٠٠٠٠"), NOW, id="a time in other digits"),
        pytest.param(request(method="GET"), NOW, id="by GET, where the fields are not signed"),
        pytest.param(request(signed=BODY), NOW, id="the body alone was signed"),
        pytest.param(request(signed=b"1790000001|" + BODY), NOW, id="another time was signed"),
        pytest.param(request(proof="A" * 88), NOW, id="another proof"),
        pytest.param(request(proof="%%%"), NOW, id="a proof that is none"),
    ],
)
def test_anything_else_is_refused(sent: RawRequest, now: float) -> None:
    with pytest.raises(SignatureError):
        Telnyx().verify(sent, [RFC_PUBLIC], PUBLIC_URL, now)


@pytest.mark.parametrize(("wanted_ms", "rings"), [(1_000, 5), (60_000, 60), (300_000, 120)])
def test_a_leg_rings_as_long_as_telnyx_lets_it(wanted_ms: int, rings: int) -> None:
    answer = {"action": "transfer", "sip_uri": "sip:8001@pbx.example.net", "answer_timeout_ms": wanted_ms}
    assert TelnyxPeer().hear(Telnyx().render(answer, NEXT).body).ring_s == rings


def test_a_workflow_of_twilios_is_no_queue_here() -> None:
    heard = TelnyxPeer().hear(Telnyx().render({"action": "transfer", "provider_queue": "WW" + "0" * 32}, NEXT).body)
    assert (heard.does, heard.next_url) == ("go_on", NEXT)


def test_who_was_served_in_a_queue_of_telnyxs_own_is_not_sent_on() -> None:
    heard = TelnyxPeer().hear(Telnyx().render({"action": "transfer", "provider_queue": "support"}, NEXT).body)
    assert (heard.does, heard.address, heard.next_url) == ("enqueue", "support", "")


@pytest.mark.parametrize(
    ("secret", "is_right"),
    [
        pytest.param(b64encode(bytes(range(32))).decode(), True, id="32 bytes in base64"),
        pytest.param("KEY0123456789ABCDEF_abcdefghijklmnop", False, id="an API key"),
        pytest.param("-----BEGIN PUBLIC KEY-----", False, id="a key in another form"),
        pytest.param(b64encode(bytes(31)).decode(), False, id="a part of it"),
    ],
)
def test_a_public_key_is_told_from_what_is_none(secret: str, is_right: bool) -> None:
    assert (Telnyx().misfit(secret) == "") == is_right
