"""Zendesk, as a help desk that asks: a webhook that a trigger of tickets calls (developer.zendesk.com, webhooks)."""

import base64
import hmac
from collections.abc import Sequence

from contactcenter.foundation.values import Value
from routing.providers.base import RawRequest
from routing.providers.messaging import (
    ASSIGNED,
    CHANNELS,
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
    require_one,
    within,
    words,
)

_KINDS = {"message": INBOUND, "status": STATUS, "assigned": ASSIGNED}


class Zendesk(MessageDialect):
    """The trigger's JSON is ours (docs/messages.md): Zendesk fills placeholders into it and signs the whole."""

    slug = "zendesk"
    label = "Zendesk"
    channels = CHANNELS
    capabilities = capabilities(replay_window_s=TOLERANCE_S)

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        timestamp = request.header("x-zendesk-webhook-signature-timestamp")
        within(moment(timestamp), now)
        signed = timestamp.encode() + request.body
        expected = [base64.b64encode(hmac.digest(each.encode(), signed, "sha256")).decode() for each in secrets]
        require_one(expected, request.header("x-zendesk-webhook-signature"))

    def parse(self, request: RawRequest) -> list[Message]:
        document = json_of(request)
        kind, ticket = _KINDS.get(words(document.get("event")), ""), words(document.get("ticket_id"))
        channel = words(document.get("channel"))
        # Zendesk repeats a request that failed under the same invocation id.
        identifier = event_id("zendesk", request.header("x-zendesk-webhook-invocation-id"))
        if not kind or not ticket or not identifier:
            return []
        context: dict[str, Value] = {}
        if customer_no := words(document.get("customer_no")):
            context["customer_no"] = customer_no
        message = Message(
            kind=kind,
            message_id=identifier,
            channel=channel if channel in CHANNELS else "",
            to=words(document.get("to")),
            sender=words(document.get("from")),
            conversation=ticket,
            status=RESOLVED if words(document.get("status")).lower() in ("solved", "closed") else OPEN,
            team=words(document.get("group_id")),
            assignee=words(document.get("assignee_id")),
            occurred_at=moment(document.get("at")),
            context=context,
        )
        return [message]
