"""Any other help desk: a webhook signed by Standard Webhooks tells it (standardwebhooks.com)."""

import json
from datetime import UTC, datetime

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from routing.helpdesks.base import Assigned, Assignment, Desk, DeskRejected, Pusher, ask

CONVERSATION_ASSIGNED = "conversation.assigned"


class SignedWebhook(Pusher):
    """We cannot ask what is assigned there: the other side decides whether a person's assignment stands."""

    slug = "signed_webhook"

    def assign(self, desk: Desk, assignment: Assignment) -> Assigned:
        now = datetime.now(UTC)
        data = {
            "conversation_id": assignment.conversation,
            "channel": assignment.channel,
            "to": assignment.number,
            "from": assignment.sender,
            "team": assignment.team,
            "priority": assignment.priority,
            **assignment.details,
        }
        told = {name: value for name, value in data.items() if value not in ("", None)}
        body = json.dumps({"type": CONVERSATION_ASSIGNED, "timestamp": now.isoformat(), "data": told})
        ask("POST", desk.url, signed(desk.token, assignment.key, now, body), body.encode())
        return Assigned(assignment.conversation, assignment.team)


def signed(secret: str, identifier: str, now: datetime, body: str) -> dict[str, str]:
    """The headers of a signed webhook. The same `identifier` tells the receiver of a repetition."""
    try:
        signature = Webhook(secret).sign(identifier, now, body)
    except (ValueError, EmptyWebhookSecretError):
        raise DeskRejected("secret_is_no_webhook_secret") from None
    return {"webhook-id": identifier, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
