"""Bird, for messages: a webhook subscription of its Channels API (docs.bird.com, notifications API)."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Sequence

from django.utils.translation import gettext_noop as _

from routing.providers.base import RawRequest
from routing.providers.messaging import (
    INBOUND,
    TOLERANCE_S,
    Message,
    MessageDialect,
    capabilities,
    event_id,
    json_of,
    moment,
    part,
    require_one,
    within,
    words,
)

_CHANNELS = {"sms.inbound": "sms", "whatsapp.inbound": "whatsapp"}


class BirdMessages(MessageDialect):
    """The subscription's signing key is the secret. A number is its own, or the channel's id where Bird names none."""

    slug = "bird_messages"
    label = _("Bird messages (SMS, WhatsApp)")
    channels = frozenset({"sms", "whatsapp"})
    capabilities = capabilities(replay_window_s=TOLERANCE_S)

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        timestamp = request.header("messagebird-request-timestamp")
        within(moment(timestamp), now)
        head = f"{timestamp}\n{request.url(public_url)}\n".encode("utf-8", "replace")
        signed = head + hashlib.sha256(request.body).digest()
        expected = [b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode() for secret in secrets]
        require_one(expected, request.header("messagebird-signature"))

    def parse(self, request: RawRequest) -> list[Message]:
        document = json_of(request)
        told = part(document, "payload")
        channel, identifier = _CHANNELS.get(words(document.get("event")), ""), event_id(told.get("id"))
        sender = words(part(told, "sender", "contact").get("identifierValue"))
        if not channel or not identifier or not sender or words(told.get("direction")) == "outgoing":
            return []
        to = words(part(told, "receiver", "connector").get("identifierValue")) or words(told.get("channelId"))
        return [Message(INBOUND, identifier, channel, to, sender, occurred_at=moment(told.get("createdAt")))]
