"""A message on its way from the decide server's spool into the database."""

from datetime import datetime
from typing import Any

from routing.models import InboundMessage


def message_of(document: dict[str, Any]) -> InboundMessage:
    """The row for one spooled event (`routing/api/messages.py` writes them). Raises KeyError or ValueError."""
    received_at = datetime.fromisoformat(document["received_at"])
    written_at = datetime.fromisoformat(document["occurred_at"]) if document.get("occurred_at") else received_at
    return InboundMessage(
        account=document["account"],
        message_id=document["message_id"],
        kind=document["kind"],
        channel=document["channel"],
        thread=thread_of(document),
        number=document["to"],
        sender=document["sender"],
        external_id=document["conversation"],
        occurred_at=min(written_at, received_at),
        received_at=received_at,
        due_at=received_at,
        document={name: document[name] for name in ("status", "team", "assignee", "context") if document.get(name)},
    )


def thread_of(document: dict[str, Any]) -> str:
    """What belongs together: the help desk's conversation where it names one, else one customer at one address."""
    if document["conversation"]:
        return f"conversation:{document['conversation']}"
    return f"{document['to']} {document['sender']}"
