"""Twilio, for messages: SMS, WhatsApp and Messenger by a webhook of our own (twilio.com/docs/messaging)."""

from collections.abc import Sequence
from urllib.parse import parse_qs

from django.utils.translation import gettext_noop as _

from routing.providers.base import RawRequest, Reply
from routing.providers.messaging import INBOUND, Message, MessageDialect, capabilities, event_id, words
from routing.providers.twilio import Twilio

_PREFIXES = {"whatsapp:": "whatsapp", "messenger:": "messenger"}


class TwilioMessages(MessageDialect):
    """Signed as Twilio's calls are. The empty answer makes Twilio send nothing back to the customer."""

    slug = "twilio_messages"
    label = _("Twilio messages (SMS, WhatsApp)")
    channels = frozenset({"sms", "whatsapp", "messenger"})
    capabilities = capabilities()
    _voice = Twilio()

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        self._voice.verify(request, secrets, public_url, now)

    def parse(self, request: RawRequest) -> list[Message]:
        form = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        said = {name: words(values[0]) for name, values in form.items()}
        identifier = event_id(said.get("MessageSid") or said.get("SmsSid", ""))
        channel, sender = _split(said.get("From", ""))
        # A report of something that we would have sent carries a status; it is none of ours.
        if not identifier or not sender or said.get("MessageStatus") or said.get("SmsStatus", "received") != "received":
            return []
        return [Message(INBOUND, identifier, channel, _split(said.get("To", ""))[1], sender)]

    def accepted(self) -> Reply:
        return Reply(200, "text/xml; charset=utf-8", b'<?xml version="1.0" encoding="UTF-8"?><Response/>')


def _split(address: str) -> tuple[str, str]:
    """(channel, address): whatsapp:+39… is a WhatsApp number, +39… sends SMS."""
    for prefix, channel in _PREFIXES.items():
        if address.startswith(prefix):
            return channel, address.removeprefix(prefix)
    return "sms", address
