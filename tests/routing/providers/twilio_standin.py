"""Twilio as far as we see it: it signs forms, reads TwiML, and reports how a leg ended. By its documentation only."""

import base64
import hashlib
import hmac
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson
from django.http import HttpResponse
from django.test import Client

from routing import spool
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, DecideServer

ACCOUNT = "22222222-2222-4222-8222-222222222222"
SECRET, OLD_SECRET = "a-live-secret", "the-secret-before"
PUBLIC_URL = "https://calls.example.com"

Fields = dict[str, str]


def signature(secret: str, url: str, fields: Fields) -> str:
    """twilio.com/docs/usage/security: the URL, then each field's name and value, sorted by name."""
    text = url + "".join(name + value for name, value in sorted(fields.items()))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


def incoming(caller: str = GOLD, **changes: str) -> Fields:
    """The form of an incoming call."""
    fields = {
        "CallSid": "CA" + "1" * 32,
        "AccountSid": "AC" + "2" * 32,
        "From": caller,
        "To": live_folder.VOICE_NUMBER,
        "CallStatus": "ringing",
        "Direction": "inbound",
        "ApiVersion": "2010-04-01",
    }
    return fields | changes


@dataclass(frozen=True)
class Twiml:
    """A TwiML document read back: its verb, what the verb dials, and the headers in the SIP address."""

    verb: str
    attributes: dict[str, str]
    noun: str
    address: str
    headers: dict[str, str]

    @property
    def action(self) -> str:
        return self.attributes.get("action", "")


def read(document: bytes) -> Twiml:
    """Read `document` strictly: one response with at most one verb with at most one noun."""
    response = ET.fromstring(document)
    assert response.tag == "Response"
    assert len(response) <= 1
    if not len(response):
        return Twiml("", {}, "", "", {})
    verb = response[0]
    assert len(verb) <= 1
    noun = verb[0] if len(verb) else verb
    address, _, query = (noun.text or "").partition("?")
    headers = {name: values[0] for name, values in parse_qs(query, strict_parsing=True).items()} if query else {}
    return Twiml(verb.tag, dict(verb.attrib), noun.tag, address, headers)


@dataclass
class TwilioStandIn:
    """Calls our webhooks as Twilio would; what is not as it should be is an argument."""

    server: DecideServer
    path: str = f"/api/v1/p/{ACCOUNT}/voice"

    def send(
        self,
        fields: Fields,
        *,
        url: str = "",
        secret: str = SECRET,
        method: str = "POST",
        signed: str | None = None,
        signed_url: str = "",
        **headers: str,
    ) -> HttpResponse:
        """Send `fields` to `url` (our path and query), signed for `signed_url` unless told otherwise."""
        url = url or self.path
        if method == "GET":
            url = f"{url}?{urlencode(fields)}"
        form = fields if method == "POST" else {}
        proof = signature(secret, signed_url or PUBLIC_URL + url, form) if signed is None else signed
        given = headers | ({"X-Twilio-Signature": proof} if proof else {})
        body = urlencode(form) if method == "POST" else ""
        kind = "application/x-www-form-urlencoded; charset=UTF-8"
        return Client().generic(method, url, body, content_type=kind, headers=given)  # type: ignore[return-value]

    def call(self, caller: str = GOLD, **changes: str) -> Twiml:
        """An incoming call; the TwiML it gets."""
        return self.read(self.send(incoming(caller, **changes)))

    def report(self, leg: Twiml, **said: str) -> Twiml:
        """Report how `leg` ended, as Twilio does at its action URL; the TwiML that follows."""
        return self.read(self.send(incoming() | said, url=self.after_path(leg)))

    def after_path(self, leg: Twiml) -> str:
        """The path and query of a leg's action URL; it lies at our public address."""
        parts = urlsplit(leg.action)
        assert f"{parts.scheme}://{parts.netloc}" == PUBLIC_URL
        return f"{parts.path}?{parts.query}"

    def read(self, response: HttpResponse) -> Twiml:
        assert response.status_code == 200, response.content
        assert response["Content-Type"] == "text/xml; charset=utf-8"
        return read(response.content)

    def spooled(self, kind: str) -> list[dict]:
        """What lies in the spool of this kind."""
        with spool.courier_end(self.server.folder / "spool.sqlite3") as rows:
            return [orjson.loads(row.document) for row in spool.unshipped(rows, 100) if row.kind == kind]
