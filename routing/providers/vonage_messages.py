"""Vonage, for messages: the Messages API's inbound webhook (developer.vonage.com, Messages API reference)."""

from collections.abc import Sequence

from django.utils.translation import gettext_noop as _

from routing.providers import payload
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
    words,
)
from routing.providers.vonage import Vonage

_CHANNELS = {"sms": "sms", "mms": "sms", "whatsapp": "whatsapp", "messenger": "messenger"}


class VonageMessages(MessageDialect):
    """Signed as Vonage's calls are. Numbers come without their plus."""

    slug = "vonage_messages"
    label = _("Vonage messages (SMS, WhatsApp)")
    channels = frozenset({"sms", "whatsapp", "messenger"})
    capabilities = capabilities(replay_window_s=TOLERANCE_S)
    _voice = Vonage()

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        self._voice.verify(request, secrets, public_url, now)

    def parse(self, request: RawRequest) -> list[Message]:
        told = json_of(request)
        channel = _CHANNELS.get(words(told.get("channel")), "")
        identifier, sender = event_id(told.get("message_uuid")), words(told.get("from"))
        # A report on something sent has a status instead of a type.
        if not channel or not identifier or not sender or "message_type" not in told:
            return []
        spelled = str if channel == "messenger" else payload.with_plus
        to = spelled(words(told.get("to")))
        return [Message(INBOUND, identifier, channel, to, spelled(sender), occurred_at=moment(told.get("timestamp")))]
