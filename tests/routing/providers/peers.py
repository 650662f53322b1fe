"""Providers as far as we see them: they sign, ask, report and read. Each by its own documentation, not by our code.

Here those that speak forms and TwiML or its like; a new one is added in every_peer.py.
"""

import base64
import hashlib
import hmac
import xml.etree.ElementTree as ET
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Fields = dict[str, str]
Shape = tuple[Any, ...]

OUTCOMES = ("answered", "busy", "no_answer", "failed", "canceled")


@dataclass(frozen=True)
class Heard:
    """What a provider understands of our answer.

    `does`: dial, enqueue, go_on (asks `next_url` at once), reject or end. `shape` is the document without its
    texts: names of elements and attributes, or keys and lists.
    """

    does: str
    address: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    next_url: str = ""
    ring_s: int | None = None
    shows: str = ""
    shape: Shape = ()


class Peer(ABC):
    """One provider. `stored` is what an account here keeps as its secret, `newer` what it changes to."""

    slug: ClassVar[str]
    stored: ClassVar[str] = "a-live-secret-that-has-32-bytes-or-more"
    newer: ClassVar[str] = "another-secret-that-has-32-bytes-or-more"
    content_type: ClassVar[str] = "application/x-www-form-urlencoded; charset=UTF-8"
    account: ClassVar[Mapping[str, Any]] = {}
    """What else such an account needs, such as its networks."""

    window_s: ClassVar[int | None] = None
    """How long a signature is good, where it carries its time."""

    bound: ClassVar[bool] = True
    """Whether the proof covers what is sent; a password does not."""

    @abstractmethod
    def question(self, caller: str, to: str, call_id: str) -> Fields:
        """The fields of an incoming call."""

    @abstractmethod
    def report(self, outcome: str) -> Fields:
        """The fields that say how a leg ended, in the provider's words."""

    @abstractmethod
    def prove(self, method: str, url: str, body: bytes, secret: str, now: float) -> dict[str, str]:
        """Headers that prove the request; `secret` is `stored`, or another one."""

    @abstractmethod
    def hear(self, document: bytes) -> Heard:
        """Read our answer strictly."""

    def encode(self, fields: Fields) -> bytes:
        return urlencode(fields).encode()

    def arrives_as(self, headers: Mapping[str, str]) -> dict[str, str]:
        """How the phone system gets `headers`."""
        return dict(headers)


def xml_shape(element: ET.Element) -> Shape:
    return (element.tag, tuple(sorted(element.attrib)), *(xml_shape(child) for child in element))


class TwilioPeer(Peer):
    """twilio.com/docs/usage/security and voice/twiml."""

    slug = "twilio"
    words: ClassVar[Mapping[str, str]] = {
        "answered": "completed",
        "busy": "busy",
        "no_answer": "no-answer",
        "failed": "failed",
        "canceled": "canceled",
    }

    def question(self, caller: str, to: str, call_id: str) -> Fields:
        return {"CallSid": call_id, "AccountSid": "AC1", "From": caller, "To": to, "Direction": "inbound"}

    def report(self, outcome: str) -> Fields:
        return {"DialCallStatus": self.words[outcome], "DialCallDuration": "7"}

    def prove(self, method: str, url: str, body: bytes, secret: str, now: float) -> dict[str, str]:
        pairs = sorted(set(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))
        text = url + "".join(name + value for name, value in pairs)
        return {"X-Twilio-Signature": digest64(secret, text, hashlib.sha1)}

    def hear(self, document: bytes) -> Heard:
        response = ET.fromstring(document)
        assert response.tag == "Response"
        assert len(response) <= 1
        shape = xml_shape(response)
        if not len(response):
            return Heard("end", shape=shape)
        verb = response[0]
        if verb.tag == "Redirect":
            return Heard("go_on", next_url=verb.text or "", shape=shape)
        if verb.tag in ("Reject", "Hangup"):
            return Heard("reject", shape=shape)
        if verb.tag == "Enqueue":
            name = verb.get("workflowSid") or verb.text or ""
            return Heard("enqueue", name, next_url=verb.get("action", ""), shape=shape)
        return self._dialled(verb, shape)

    def _dialled(self, dial: ET.Element, shape: Shape) -> Heard:
        assert dial.tag == "Dial"
        [noun] = dial
        assert noun.tag in ("Sip", "Number")
        assert set(dial.attrib) <= {"action", "answerOnBridge", "callerId", "method", "timeout"}
        address, _, query = (noun.text or "").partition("?")
        headers = {name: value for name, [value] in parse_qs(query, strict_parsing=True).items()} if query else {}
        return Heard(
            does="dial",
            address=address,
            headers=headers,
            next_url=dial.get("action", ""),
            ring_s=int(dial.attrib["timeout"]),
            shows=dial.get("callerId", ""),
            shape=shape,
        )


class TelnyxPeer(TwilioPeer):
    """developers.telnyx.com: the timestamp, a bar and the raw body, signed with ed25519."""

    slug = "telnyx"
    window_s = 300
    keys: ClassVar[dict[str, Ed25519PrivateKey]] = {}

    def prove(self, method: str, url: str, body: bytes, secret: str, now: float) -> dict[str, str]:
        # Whoever has no key of the account signs with one of his own.
        key = self.keys.get(secret) or Ed25519PrivateKey.generate()
        timestamp = str(int(now))
        proof = base64.b64encode(key.sign(f"{timestamp}|".encode() + body)).decode()
        return {"Telnyx-Timestamp": timestamp, "Telnyx-Signature-Ed25519": proof}

    @classmethod
    def new_key(cls, seed: int) -> str:
        """The public key, as Telnyx shows it, of a private key made from `seed`."""
        private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        public = base64.b64encode(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
        cls.keys[public] = private
        return public


TelnyxPeer.stored, TelnyxPeer.newer = TelnyxPeer.new_key(1), TelnyxPeer.new_key(2)


class SignalWirePeer(TwilioPeer):
    """developer.signalwire.com: as Twilio, but a repeated field keeps the order in which it was sent."""

    slug = "signalwire"

    def prove(self, method: str, url: str, body: bytes, secret: str, now: float) -> dict[str, str]:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        names = sorted({name for name, _ in pairs})
        text = url + "".join(name + value for each in names for name, value in pairs if name == each)
        return {"X-SignalWire-Signature": digest64(secret, text, hashlib.sha1)}


class PlivoPeer(TwilioPeer):
    """docs.plivo.com: numbers without plus; V3 signatures over the address, the fields and a nonce."""

    slug = "plivo"
    words = {
        "answered": "completed",
        "busy": "busy",
        "no_answer": "no-answer",
        "failed": "failed",
        "canceled": "cancel",
    }

    def question(self, caller: str, to: str, call_id: str) -> Fields:
        bare = {"From": caller.removeprefix("+"), "To": to.removeprefix("+")}
        return {"CallUUID": call_id, "CallStatus": "ringing", "Direction": "inbound", **bare}

    def report(self, outcome: str) -> Fields:
        return {"DialStatus": self.words[outcome], "DialBLegDuration": "7"}

    def prove(self, method: str, url: str, body: bytes, secret: str, now: float) -> dict[str, str]:
        address, _, query = url.partition("?")
        asked = sorted(f"{name}={value}" for name, value in parse_qsl(query, keep_blank_values=True))
        posted = sorted(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        text = address + ("?" if asked or posted else "") + "&".join(asked) + ("." if asked and posted else "")
        text += "".join(name + value for name, value in posted)
        nonce = str(int(now * 1000))
        proof = digest64(secret, f"{text}.{nonce}", hashlib.sha256)
        return {"X-Plivo-Signature-V3": proof, "X-Plivo-Signature-V3-Nonce": nonce}

    def _dialled(self, dial: ET.Element, shape: Shape) -> Heard:
        assert dial.tag == "Dial"
        [noun] = dial
        assert noun.tag in ("User", "Number")
        assert set(dial.attrib) <= {"action", "callerId", "method", "timeout"}
        pairs = [pair.split("=") for pair in noun.get("sipHeaders", "").split(",") if pair]
        number = noun.tag == "Number"
        return Heard(
            does="dial",
            address=f"+{noun.text}" if number else noun.text or "",
            headers={f"X-PH-{name}": value for name, value in pairs},
            next_url=dial.get("action", ""),
            ring_s=int(dial.attrib["timeout"]),
            shows=f"+{dial.attrib['callerId']}" if "callerId" in dial.attrib else "",
            shape=shape,
        )

    def arrives_as(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {
            "X-PH-" + name.removeprefix("X-").replace("-", "").capitalize(): value.replace("-", "")
            for name, value in headers.items()
        }


def digest64(secret: str, text: str, algorithm: Any) -> str:
    return base64.b64encode(
        hmac.new(secret.encode(), text.encode("utf-8", "surrogatepass"), algorithm).digest()
    ).decode()


def path_of(url: str, public_url: str) -> str:
    """Path and query of an address of ours; it must lie at our public address."""
    parts = urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}" == public_url
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
