"""Any other help desk: events signed by Standard Webhooks (standardwebhooks.com, specification 1.0.0)."""

from collections.abc import Sequence

from django.utils.translation import gettext_noop as _

from contactcenter.foundation.values import Value
from routing.providers import standard_webhooks
from routing.providers.base import RawRequest, context_name
from routing.providers.messaging import (
    ASSIGNED,
    CHANNELS,
    INBOUND,
    OPEN,
    RESOLVED,
    STATUS,
    Message,
    MessageDialect,
    capabilities,
    event_id,
    json_of,
    moment,
    part,
    words,
)

MOST_CONTEXT = 50
_KINDS = {
    "message.received": INBOUND,
    "conversation.created": INBOUND,
    "conversation.resolved": STATUS,
    "conversation.opened": STATUS,
    "conversation.assigned": ASSIGNED,
}


class SignedWebhook(MessageDialect):
    """A help desk, or a script beside it, that speaks our own words."""

    slug = "signed_webhook"
    label = _("Signed webhook (Standard Webhooks)")
    channels = CHANNELS
    capabilities = capabilities(replay_window_s=standard_webhooks.TOLERANCE_S)

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        standard_webhooks.verify(request, secrets, now)

    def parse(self, request: RawRequest) -> list[Message]:
        document = json_of(request)
        said, data = words(document.get("type")), part(document, "data")
        kind, channel = _KINDS.get(said, ""), words(data.get("channel"))
        identifier = event_id("webhook", request.header("webhook-id"))
        conversation = words(data.get("conversation_id"))
        if not kind or not identifier or not conversation:
            return []
        message = Message(
            kind=kind,
            message_id=identifier,
            channel=channel if channel in CHANNELS else "",
            to=words(data.get("to")),
            sender=words(data.get("from")),
            conversation=conversation,
            status=RESOLVED if said == "conversation.resolved" else OPEN,
            team=words(data.get("team")),
            assignee=words(data.get("assignee")),
            occurred_at=moment(document.get("timestamp")),
            context=_context(part(data, "context")),
        )
        return [message]


def _context(said: dict[str, object]) -> dict[str, Value]:
    context: dict[str, Value] = {}
    for name, value in list(said.items())[:MOST_CONTEXT]:
        key = context_name(name)
        if key and isinstance(value, str | int | float | bool):
            context[key] = words(value, 256) if isinstance(value, str) else value
    return context
