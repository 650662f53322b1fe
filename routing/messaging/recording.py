"""What was decided of messages, written down: all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from routing import shipping
from routing.contacts import Contact
from routing.evaluation import Evaluation
from routing.messaging import leases, outbox
from routing.models import Conversation, InboundMessage
from routing.variables import World

HOST = "worker"


@dataclass(frozen=True)
class Decided:
    """A message with the answer it got."""

    message: InboundMessage
    contact: Contact
    evaluation: Evaluation
    at: datetime


def record(decided: Sequence[Decided], world: World) -> None:
    """Conversations, decisions, what help desks and others are to be told, and the messages as decided.

    In the caller's transaction. Raises IntegrityError when another worker was first with one of them.
    """
    opened = Conversation.objects.bulk_create([_conversation(each, world) for each in decided])
    outbox.put(
        [(conversation, each.evaluation.answer, each.at) for conversation, each in zip(opened, decided, strict=True)]
    )
    for conversation, each in zip(opened, decided, strict=True):
        if not leases.finish(each.message, state=InboundMessage.State.DECIDED, conversation=conversation):
            raise IntegrityError("another worker has decided this message")
    shipping.insert_decisions([_document(each) for each in decided], HOST)  # last: couriers wait for its rows


def _conversation(decided: Decided, world: World) -> Conversation:
    message, answer = decided.message, decided.evaluation.answer
    queue = world.release.queues.get(answer.get("queue", ""))
    known = decided.evaluation.variables.get("customer.known")
    return Conversation(
        account=message.account,
        channel=message.channel,
        thread=message.thread,
        number=message.number,
        sender=message.sender,
        external_id=message.external_id,
        queue=queue.slug if queue else "",
        help_desk=queue.help_desk if queue else "",
        team=queue.team if queue else "",
        decision_id=answer["decision_id"],
        is_known=known if isinstance(known, bool) else None,
        opened_at=message.occurred_at,
        last_message_at=message.occurred_at,
    )


def _document(decided: Decided) -> dict[str, Any]:
    contact, evaluation = decided.contact, decided.evaluation
    return {
        "contact": {
            "account": contact.account,
            "to": contact.to,
            "number": evaluation.number,
            "from": contact.caller,
            "channel": contact.channel,
            "attempt": contact.attempt,
        },
        "answer": evaluation.answer,
        "variables": dict(evaluation.variables),
        "decided_at": decided.at.isoformat(),
    }
