"""What a client asks: endless requests, each a new call by any of the customers, one in twenty by a stranger."""

import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from urllib.parse import urlencode

from bench import contact_centre

Questions = Callable[[int, int, str], Iterator[bytes]]
"""Requests for a port, a number of customers and the name of a run."""


def native(port: int, customers: int, run: str) -> Iterator[bytes]:
    """Our own JSON."""
    for call_id, caller in _calls(customers, run):
        yield _native(port, call_id, caller)


def stranger(port: int, call_id: str) -> bytes:
    """One question in our own JSON, about a caller whom nobody knows."""
    return _native(port, call_id, "+390299999999")


def _native(port: int, call_id: str, caller: str) -> bytes:
    head = _head("/api/v1/decisions", port, "application/json")
    asked = {
        "call_id": call_id,
        "to": contact_centre.NUMBER,
        "from": caller,
        "channel": "voice",
        "context": {"language": "it", "menu": "2"},
    }
    return _request(f"{head}Authorization: Bearer {contact_centre.KEY}\r\nAccept: */*\r\n", json.dumps(asked))


def twilio(port: int, customers: int, run: str) -> Iterator[bytes]:
    """Signed forms, with the fields of an incoming call (twilio.com/docs/voice/twiml, usage/security)."""
    path = f"/api/v1/p/{contact_centre.TWILIO_ACCOUNT}/voice"
    head = _head(path, port, "application/x-www-form-urlencoded")
    url, secret = f"{contact_centre.PUBLIC_URL}{path}", contact_centre.TWILIO_SECRET.encode()
    for call_id, caller in _calls(customers, run):
        form = {
            "AccountSid": "AC" + "0" * 32,
            "ApiVersion": "2010-04-01",
            "CallSid": call_id,
            "CallStatus": "ringing",
            "Direction": "inbound",
            "From": caller,
            "To": contact_centre.NUMBER,
        }
        signed = url + "".join(name + value for name, value in form.items())  # in the order of their names
        signature = b64encode(hmac.digest(secret, signed.encode(), "sha1")).decode()
        yield _request(f"{head}X-Twilio-Signature: {signature}\r\n", urlencode(form))


@dataclass(frozen=True)
class Manner:
    """A way of asking, and what is in every answer that says where a call goes."""

    questions: Questions
    proof: bytes


NATIVE = Manner(native, b'"queue":')
TWILIO = Manner(twilio, b"<Sip>sip:")


def _calls(customers: int, run: str) -> Iterator[tuple[str, str]]:
    """(call id, caller)."""
    dice, number = Random(run), 0
    while True:
        number += 1
        yield f"{run}-{number}", contact_centre.phone(int(dice.random() * customers * 1.05))


def _head(path: str, port: int, content_type: str) -> str:
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {content_type}\r\n"


def _request(head: str, body: str) -> bytes:
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()
