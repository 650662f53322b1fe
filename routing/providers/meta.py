"""Meta: WhatsApp Cloud, Messenger and Instagram, by our own subscription (developers.facebook.com, webhooks)."""

import hmac
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs

from routing.providers.base import RawRequest, Reply, SignatureError
from routing.providers.messaging import (
    INBOUND,
    Message,
    MessageDialect,
    capabilities,
    event_id,
    json_of,
    moment,
    objects,
    part,
    require_one,
    words,
)

_CHALLENGE = re.compile(r"[A-Za-z0-9_.\-]{1,200}", re.ASCII)
_PAGES = {"page": "messenger", "instagram": "instagram"}


class Meta(MessageDialect):
    """One app at Meta. The secret is the app's; the verify token of its webhook is made from it."""

    slug = "meta"
    label = "Meta (WhatsApp, Messenger, Instagram)"
    channels = frozenset({"whatsapp", "messenger", "instagram"})
    capabilities = capabilities()

    def handshake(self, request: RawRequest, account: str, secrets: Sequence[str]) -> Reply | None:
        asked = {name: values[0] for name, values in parse_qs(request.query_string).items()}
        challenge = asked.get("hub.challenge", "")
        # What we send back is plain: it must not become a page that somebody else wrote.
        if asked.get("hub.mode") != "subscribe" or not _CHALLENGE.fullmatch(challenge):
            raise SignatureError("the handshake is not one of Meta's")
        require_one([self.verify_token(account, secret) for secret in secrets], asked.get("hub.verify_token", ""))
        return Reply(200, "text/plain", challenge.encode())

    def verify_token(self, account: str, secret: str) -> str:
        # The account's id stands in our address: whoever reads that cannot make this from it.
        return hmac.digest(secret.encode(), f"verify token of {account}".encode(), "sha256").hex()[:40]

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        given = request.header("x-hub-signature-256")
        expected = [f"sha256={hmac.digest(secret.encode(), request.body, 'sha256').hex()}" for secret in secrets]
        require_one(expected, given)

    def parse(self, request: RawRequest) -> list[Message]:
        document = json_of(request)
        kind = words(document.get("object"))
        read = _whatsapp if kind == "whatsapp_business_account" else _page
        return [
            message
            for entry in objects(document, "entry")
            for message in read(entry, _PAGES.get(kind, "whatsapp"))
            if message.message_id and message.sender and (kind in _PAGES or read is _whatsapp)
        ]


def _whatsapp(entry: dict[str, Any], channel: str) -> Iterator[Message]:
    """Messages of customers; a batch of statuses has none."""
    for change in objects(entry, "changes"):
        value = part(change, "value")
        metadata = part(value, "metadata")
        number = words(metadata.get("display_phone_number")) or words(metadata.get("phone_number_id"))
        for each in objects(value, "messages"):
            sender = words(each.get("from"))
            yield Message(
                kind=INBOUND,
                message_id=event_id(each.get("id")),
                channel=channel,
                to=_plus(number),
                sender=_plus(sender) or words(each.get("user_id")),
                occurred_at=moment(each.get("timestamp")),
            )


def _page(entry: dict[str, Any], channel: str) -> Iterator[Message]:
    """Messages to a page or an Instagram account; what the page itself wrote is an echo."""
    for each in objects(entry, "messaging"):
        message, sender = part(each, "message"), words(part(each, "sender").get("id"))
        recipient = words(part(each, "recipient").get("id"))
        # Instagram marks no echo: there it is what our own account sent.
        if not message or message.get("is_echo") is True or sender == words(entry.get("id")):
            continue
        yield Message(
            kind=INBOUND,
            message_id=event_id(message.get("mid")),
            channel=channel,
            to=recipient,
            sender=sender,
            occurred_at=moment(each.get("timestamp")),
        )


def _plus(number: str) -> str:
    """WhatsApp writes numbers with country code and without plus; ids of numbers stay as they are."""
    digits = re.sub(r"[ ()\-]", "", number)
    return f"+{digits}" if digits.isdigit() and 7 <= len(digits) <= 15 else digits
