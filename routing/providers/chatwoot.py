"""Chatwoot, as a help desk that asks: its account webhook (chatwoot.com/docs, webhooks; developer API)."""

import hmac
from collections.abc import Sequence
from typing import Any

from contactcenter.foundation.values import Value
from routing.providers.base import RawRequest, context_name
from routing.providers.messaging import (
    ASSIGNED,
    INBOUND,
    OPEN,
    RESOLVED,
    STATUS,
    TOLERANCE_S,
    Message,
    MessageDialect,
    capabilities,
    event_id,
    json_of,
    moment,
    objects,
    part,
    require_one,
    within,
    words,
)

_CHANNELS = {
    "Channel::Whatsapp": "whatsapp",
    "Channel::Sms": "sms",
    "Channel::TwilioSms": "sms",
    "Channel::FacebookPage": "messenger",
    "Channel::Instagram": "instagram",
}


class Chatwoot(MessageDialect):
    """Chatwoot keeps the channel. A number here is one of its inboxes: `inbox:7`."""

    slug = "chatwoot"
    label = "Chatwoot"
    channels = frozenset({"sms", "whatsapp", "instagram", "messenger"})
    capabilities = capabilities(replay_window_s=TOLERANCE_S)

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        timestamp = request.header("x-chatwoot-timestamp")
        within(moment(timestamp), now)
        signed = timestamp.encode() + b"." + request.body
        expected = [f"sha256={hmac.digest(secret.encode(), signed, 'sha256').hex()}" for secret in secrets]
        require_one(expected, request.header("x-chatwoot-signature"))

    def parse(self, request: RawRequest) -> list[Message]:
        document = json_of(request)
        event = words(document.get("event"))
        if event == "message_created":
            return _written(document)
        if event == "conversation_created":
            return _event(INBOUND, document, event_id(event, document.get("id")))
        if event == "conversation_status_changed":
            return _status_changed(event, document)
        if event == "conversation_updated":
            return _updated(event, document)
        return []


def _written(document: dict[str, Any]) -> list[Message]:
    """A message of the customer's; those of agents, bots and notes are not."""
    conversation = part(document, "conversation")
    if words(document.get("message_type")) not in ("incoming", "0") or document.get("private") is True:
        return []
    whole = conversation | {"timestamp": document.get("created_at")}
    return _event(INBOUND, whole, event_id("message", document.get("id")))


def _status_changed(event: str, document: dict[str, Any]) -> list[Message]:
    status = RESOLVED if words(document.get("status")) == "resolved" else OPEN
    changed_at = words(document.get("updated_at")) or words(document.get("timestamp"))
    identifier = event_id(event, document.get("id"), status, changed_at)
    return _event(STATUS, document, identifier, status=status)


def _updated(event: str, document: dict[str, Any]) -> list[Message]:
    """Somebody, a rule of the help desk or we ourselves assigned the conversation."""
    team, assignee = _changed_to(document, "team_id"), _changed_to(document, "assignee_id")
    if not team and not assignee:
        return []
    changed_at = words(document.get("updated_at")) or words(document.get("timestamp"))
    identifier = event_id(event, document.get("id"), f"{team}/{assignee}", changed_at)
    return _event(ASSIGNED, document, identifier, team=team, assignee=assignee)


def _changed_to(document: dict[str, Any], attribute: str) -> str:
    for change in objects(document, "changed_attributes"):
        if attribute in change:
            return words(part(change, attribute).get("current_value"))
    return ""


def _event(kind: str, conversation: dict[str, Any], identifier: str, **fields: str) -> list[Message]:
    number, inbox = words(conversation.get("id")), words(conversation.get("inbox_id"))
    if not identifier or not number:
        return []
    person = part(conversation, "meta", "sender")
    channel = _channel(conversation)
    message = Message(
        kind=kind,
        message_id=identifier,
        channel=channel,
        to=f"inbox:{inbox}",
        sender=_sender(conversation, person, channel),
        conversation=number,
        occurred_at=moment(conversation.get("timestamp")),
        context=_context(person, conversation),
        **fields,
    )
    return [message]


def _channel(conversation: dict[str, Any]) -> str:
    channel = _CHANNELS.get(words(conversation.get("channel")), "")
    source = words(part(conversation, "contact_inbox").get("source_id"))
    return "whatsapp" if channel == "sms" and source.startswith("whatsapp:") else channel


def _sender(conversation: dict[str, Any], person: dict[str, Any], channel: str) -> str:
    """The customer's address on the channel; a phone number also where the inbox has an id of its own for him."""
    source = words(part(conversation, "contact_inbox").get("source_id"))
    if channel in ("messenger", "instagram"):
        return source
    return words(person.get("phone_number")) or source


def _context(person: dict[str, Any], conversation: dict[str, Any]) -> dict[str, Value]:
    """The contact's identifier is our customer number; attributes of the conversation are the flow's to use."""
    context: dict[str, Value] = {}
    for name, value in list(part(conversation, "custom_attributes").items())[:50]:
        key = context_name(str(name))
        if key and isinstance(value, str | int | float | bool):
            context[key] = words(value, 256) if isinstance(value, str) else value
    if identifier := words(person.get("identifier")):
        context["customer_no"] = identifier
    return context
