"""Providers that speak JSON, and FreeSWITCH, as far as we see them: by their own documentation, not by our code."""

import base64
import hashlib
import hmac
import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any, ClassVar

from tests.routing.providers.peers import Fields, Heard, Peer, Shape, xml_shape


def json_shape(value: Any) -> Shape:
    """A document without its texts and numbers."""
    if isinstance(value, dict):
        return tuple((key, json_shape(each)) for key, each in sorted(value.items()))
    return tuple(json_shape(each) for each in value) if isinstance(value, list) else (type(value).__name__,)


class VonagePeer(Peer):
    """developer.vonage.com: a JWT over the body's SHA-256; numbers without plus; one NCCO action."""

    slug = "vonage"
    stored = "a-live-secret-of-32-bytes-or-more"
    content_type = "application/json"
    window_s = 300
    words: ClassVar[Mapping[str, str]] = {
        "answered": "completed",
        "busy": "busy",
        "no_answer": "unanswered",
        "failed": "failed",
        "canceled": "cancelled",
    }

    def question(self, caller: str, to: str, call_id: str) -> Fields:
        call = {"from": caller.removeprefix("+"), "to": to.removeprefix("+"), "uuid": "aaaaaaaa-bbbb"}
        return call | {"conversation_uuid": call_id, "region_url": "https://api-eu-3.vonage.com"}

    def report(self, outcome: str) -> Fields:
        return {"status": self.words[outcome], "direction": "outbound", "duration": "7"}

    def encode(self, fields: Fields) -> bytes:
        return json.dumps(fields).encode()

    def prove(self, method: str, url: str, body: bytes, secret: str, now: float) -> dict[str, str]:
        claims = {"iat": int(now), "jti": "1", "iss": "Vonage", "payload_hash": hashlib.sha256(body).hexdigest()}
        return {"Authorization": f"Bearer {token(claims | {'api_key': 'a1b2c3', 'application_id': 'a'}, secret)}"}

    def hear(self, document: bytes) -> Heard:
        if not document:
            return Heard("end")  # the call goes on as it is, and the leg has ended
        actions = json.loads(document)
        # The calling number is left out where the called one is none.
        shape = json_shape([{key: each for key, each in action.items() if key != "from"} for action in actions])
        if not actions:
            return Heard("reject", shape=shape)
        [action] = actions
        [next_url] = action.get("eventUrl", [""])
        if action["action"] == "notify":
            return Heard("go_on", next_url=next_url, shape=shape)
        assert action["action"] == "connect"
        assert set(action) <= {"action", "from", "timeout", "endpoint", "eventType", "eventMethod", "eventUrl"}
        [endpoint] = action["endpoint"]
        assert set(endpoint) <= {"type", "uri", "number", "headers"}
        assert action.get("from", "0").isdigit()
        return Heard(
            does="dial",
            address=endpoint["uri"] if endpoint["type"] == "sip" else f"+{endpoint['number']}",
            headers={f"X-{name}": value for name, value in endpoint.get("headers", {}).items()},
            next_url=next_url,
            ring_s=action["timeout"],
            shows=f"+{action['from']}" if "from" in action else "",
            shape=shape,
        )


class JambonzPeer(Peer):
    """docs.jambonz.org: `t` and `v1` over the time, a dot and the body; a list of one verb."""

    slug = "jambonz"
    content_type = "application/json"
    window_s = 300
    words: ClassVar[Mapping[str, Fields]] = {
        "answered": {"dial_call_status": "completed"},
        "busy": {"dial_call_status": "busy"},
        "no_answer": {"dial_call_status": "no-answer"},
        "failed": {"dial_call_status": "failed"},
        "canceled": {"queue_result": "hangup"},
    }

    def question(self, caller: str, to: str, call_id: str) -> Fields:
        return {"call_sid": call_id, "from": caller.removeprefix("+"), "to": to, "direction": "inbound"}

    def report(self, outcome: str) -> Fields:
        return {"call_status": "in-progress", **self.words[outcome]}

    def encode(self, fields: Fields) -> bytes:
        return json.dumps(fields).encode()

    def prove(self, method: str, url: str, body: bytes, secret: str, now: float) -> dict[str, str]:
        signed = f"{int(now)}.".encode() + body
        return {"Jambonz-Signature": f"t={int(now)},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"}

    def hear(self, document: bytes) -> Heard:
        [verb] = json.loads(document)
        next_url, shape = verb.get("actionHook", ""), json_shape([verb])
        match verb["verb"]:
            case "hangup":
                return Heard("end", shape=shape)
            case "sip:decline":
                return Heard("reject", shape=shape)
            case "redirect":
                return Heard("go_on", next_url=next_url, shape=shape)
            case "enqueue":
                assert 0 <= verb["priority"] <= 999
                return Heard("enqueue", verb["name"], next_url=next_url, shape=shape)
        assert verb["verb"] == "dial"
        assert set(verb) <= {"verb", "target", "headers", "answerOnBridge", "timeout", "actionHook", "callerId"}
        [target] = verb["target"]
        return Heard(
            does="dial",
            address=target["sipUri"] if target["type"] == "sip" else target["number"],
            headers=verb.get("headers", {}),
            next_url=next_url,
            ring_s=verb["timeout"],
            shows=verb.get("callerId", ""),
            shape=shape,
        )


class FreeSwitchPeer(Peer):
    """mod_xml_curl: a form with Basic authentication; what it does first in the dialplan that it gets."""

    slug = "freeswitch"
    stored = "a-secret-that-has-32-bytes-or-more"
    account: ClassVar[Mapping[str, Any]] = {"networks": ["127.0.0.0/8"]}
    bound = False

    def question(self, caller: str, to: str, call_id: str) -> Fields:
        call = {"Unique-ID": call_id, "Caller-Caller-ID-Number": caller, "Caller-Destination-Number": to}
        return {"hostname": "fs1", "section": "dialplan", "Caller-Context": "public", **call}

    def report(self, outcome: str) -> Fields:
        return {}

    def prove(self, method: str, url: str, body: bytes, secret: str, now: float) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(f"freeswitch:{secret}".encode()).decode()}

    def hear(self, document: bytes) -> Heard:
        root = ET.fromstring(document)
        assert root.attrib == {"type": "freeswitch/xml"}
        actions = root.findall("./section[@name='dialplan']/context[@name='global']/extension/condition/action")
        does = [(action.attrib["application"], action.attrib["data"]) for action in actions]
        rings = [int(data.partition("=")[2]) for what, data in does if data.startswith("call_timeout=")]
        for what, data in does:
            if what == "bridge":
                return self._dialled(data, rings[0], xml_shape(root))
            if what == "callcenter":
                return Heard("enqueue", data, shape=xml_shape(root))
        return Heard("reject", shape=xml_shape(root))

    def _dialled(self, data: str, ring_s: int, shape: Shape) -> Heard:
        variables, _, address = data.rpartition("]")
        named = dict(pair.split("=") for pair in variables.removeprefix("[").split(",") if pair)
        kind, profile, target = address.split("/", 2)
        assert (kind, profile) in {("sofia", "external"), ("sofia", "gateway")}
        uri = target if target.startswith("sips:") else f"sip:{target}"
        return Heard(
            does="dial",
            address=uri if profile == "external" else target.removeprefix("pstn/"),
            headers={name.removeprefix("sip_h_"): value for name, value in named.items() if name.startswith("sip_h_")},
            ring_s=ring_s,
            shows=named.get("origination_caller_id_number", ""),
            shape=shape,
        )


class BirdPeer(Peer):
    """Standard Webhooks; the answer's keys become variables of a flow, which dials `sip_uri` or `phone`."""

    slug = "bird"
    stored = "whsec_" + base64.b64encode(b"a secret of Bird, 24 bytes").decode()
    newer = "whsec_" + base64.b64encode(b"another secret, 24 bytes").decode()
    content_type = "application/json"
    window_s = 300

    def question(self, caller: str, to: str, call_id: str) -> Fields:
        return {"call_id": call_id, "from": caller, "to": to}

    def report(self, outcome: str) -> Fields:
        return {}

    def encode(self, fields: Fields) -> bytes:
        return json.dumps(fields).encode()

    def prove(self, method: str, url: str, body: bytes, secret: str, now: float) -> dict[str, str]:
        key = base64.b64decode(secret.removeprefix("whsec_") + "==")
        signed = f"msg_1.{int(now)}.".encode() + body
        proof = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return {"webhook-id": "msg_1", "webhook-timestamp": str(int(now)), "webhook-signature": f"v1,{proof}"}

    def hear(self, document: bytes) -> Heard:
        variables = json.loads(document)
        assert all(isinstance(value, str) for value in variables.values())
        shape = tuple(sorted(name for name in variables if name in ("sip_uri", "phone", "provider_queue")))
        if not {"sip_uri", "phone"} & set(variables):
            return Heard("enqueue" if "provider_queue" in variables else "reject", shape=shape)
        return Heard(
            does="dial",
            address=variables.get("sip_uri") or variables["phone"],
            headers={
                "-".join(part.capitalize() for part in name.split("_")[1:]): value
                for name, value in variables.items()
                if name.startswith("header_")
            },
            shape=shape,
        )


def token(claims: Mapping[str, Any], secret: str, algorithm: str = "HS256") -> str:
    """A JSON Web Token (RFC 7519), made by hand."""
    head = _part({"alg": algorithm, "typ": "JWT"}) + "." + _part(claims)
    return f"{head}.{_base64url(hmac.new(secret.encode(), head.encode(), hashlib.sha256).digest())}"


def _part(value: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(value).encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
