"""Whoever tells us of messages, by the documentation of each: what is sent, and how it is signed."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from tests.routing import live_folder
from tests.routing.messages.desk_standin import WEBHOOK_SECRET

SECRET, OLD_SECRET = "a-live-secret", "the-secret-before"
BIRD_URL = "https://calls.example.com/api/v1/p/x/message"
Headers = dict[str, str]


def _hex(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def meta_headers(body: bytes, secret: str = SECRET, **_: Any) -> Headers:
    return {"X-Hub-Signature-256": f"sha256={_hex(secret, body)}"}


def chatwoot_headers(body: bytes, secret: str = SECRET, at: float | None = None, **_: Any) -> Headers:
    timestamp = str(int(_now(at)))
    return {
        "X-Chatwoot-Timestamp": timestamp,
        "X-Chatwoot-Signature": f"sha256={_hex(secret, timestamp.encode() + b'.' + body)}",
    }


def zendesk_headers(body: bytes, secret: str = SECRET, at: float | None = None, identifier: str = "i-1") -> Headers:
    timestamp = datetime.fromtimestamp(_now(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).digest()
    return {
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
        "X-Zendesk-Webhook-Invocation-Id": identifier,
    }


def webhook_headers(
    body: bytes, secret: str = WEBHOOK_SECRET, at: float | None = None, identifier: str = "msg-1"
) -> Headers:
    """standardwebhooks.com, specification: id.timestamp.body under the decoded secret."""
    timestamp = str(int(_now(at)))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": identifier, "webhook-timestamp": timestamp, "webhook-signature": signature}


def bird_headers(body: bytes, secret: str = SECRET, at: float | None = None, **_: Any) -> Headers:
    """docs.bird.com, verifying a webhook: time, address and the hash of the body, a line each."""
    timestamp = str(int(_now(at)))
    signed = b"\n".join([timestamp.encode(), BIRD_URL.encode(), hashlib.sha256(body).digest()])
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    return {"messagebird-signature": signature, "messagebird-request-timestamp": timestamp}


def _now(at: float | None) -> float:
    return datetime.now(UTC).timestamp() if at is None else at


def as_json(document: Any) -> bytes:
    return json.dumps(document).encode()


def webhook_event(kind: str = "message.received", **data: Any) -> dict[str, Any]:
    """An event of a help desk of any kind."""
    usual = {"conversation_id": "42", "channel": "whatsapp", "to": live_folder.WHATSAPP_NUMBER}
    return {"type": kind, "timestamp": datetime.now(UTC).isoformat(), "data": usual | data}


def whatsapp_batch(*messages: dict[str, Any], statuses: int = 0) -> dict[str, Any]:
    """WhatsApp Cloud: developers.facebook.com, webhooks of messages."""
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": live_folder.WHATSAPP_NUMBER[1:], "phone_number_id": "106540352242922"},
        "messages": list(messages),
        "statuses": [{"id": f"wamid.S{n}", "status": "delivered"} for n in range(statuses)],
    }
    change = {"field": "messages", "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}


def whatsapp_message(sender: str, identifier: str = "wamid.1", **fields: Any) -> dict[str, Any]:
    text = {"type": "text", "text": {"body": "Where is my order?"}}
    now = str(int(_now(None)))
    return {"from": sender.removeprefix("+"), "id": identifier, "timestamp": now, **text, **fields}


def chatwoot_conversation(sender: str, **fields: Any) -> dict[str, Any]:
    """A conversation as Chatwoot's webhook shows it."""
    return {
        "id": 42,
        "inbox_id": 7,
        "status": "open",
        "channel": "Channel::Whatsapp",
        "contact_inbox": {"id": 3, "source_id": sender.removeprefix("+")},
        "meta": {"sender": {"id": 9, "name": "Giulia", "phone_number": sender, "identifier": None}},
        "timestamp": int(_now(None)),
        **fields,
    }
