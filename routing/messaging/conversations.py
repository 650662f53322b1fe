"""Which queue a conversation has, and for how long it keeps it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from routing.models import Conversation, Delivery, InboundMessage
from routing.providers.messaging import ASSIGNED, RESOLVED

SILENT_FOR = timedelta(hours=24)
"""A conversation of which no help desk tells us ends so long after the customer's last message."""


def open_for(messages: Sequence[InboundMessage]) -> dict[int, Conversation]:
    """The open conversations that `messages` belong to, by message. One that was silent for too long is closed here."""
    whose = {f"{name}__in": {getattr(each, name) for each in messages} for name in ("account", "channel", "thread")}
    opened = {
        (each.account, each.channel, each.thread): each for each in Conversation.objects.filter(is_open=True, **whose)
    }
    found = {}
    for message in messages:
        conversation = opened.get((message.account, message.channel, message.thread))
        if conversation is None:
            continue
        if message.external_id or message.occurred_at - conversation.last_message_at < SILENT_FOR:
            found[message.pk] = conversation
        else:
            Conversation.objects.filter(pk=conversation.pk).update(is_open=False)
    return found


def queue_before(message: InboundMessage) -> str:
    """The queue of this customer's conversation before; "" for a first one."""
    earlier = Conversation.objects.filter(account=message.account, channel=message.channel, is_open=False)
    whose = {"sender": message.sender} if message.sender else {"thread": message.thread}
    return earlier.filter(**whose).values_list("queue", flat=True).first() or ""


def join(conversation: Conversation, at: datetime) -> None:
    """The customer has written again."""
    Conversation.objects.filter(pk=conversation.pk, last_message_at__lt=at).update(last_message_at=at)


def note(message: InboundMessage) -> Conversation | None:
    """Take over what the help desk says of a conversation: resolved, or assigned by somebody. None: not one of ours."""
    found = Conversation.objects.filter(account=message.account, external_id=message.external_id, is_open=True).first()
    if found is None:
        return None
    if message.kind == ASSIGNED:
        if _is_by_hand(found, message):
            Conversation.objects.filter(pk=found.pk).update(is_taken_by_hand=True)
    elif message.document.get("status") == RESOLVED:
        # A message that came after the conversation was resolved has opened it again.
        Conversation.objects.filter(pk=found.pk, opened_at__lte=message.occurred_at).update(is_open=False)
    return found


def _is_by_hand(conversation: Conversation, message: InboundMessage) -> bool:
    """Whether it was not us: an agent was named, or a team that we never gave it."""
    team = message.document.get("team", "")
    if message.document.get("assignee"):
        return True
    # What we assigned comes back as an event, perhaps before we have noted that we did.
    waiting = Delivery.objects.filter(conversation=conversation, state=Delivery.State.WAITING).exists()
    return bool(team) and not waiting and team not in (conversation.team, conversation.assigned_team)
