"""What help desks are still to be told: put down with the decision, told later, at least once."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from queues.desk_priorities import DESKS
from queues.models import HelpDesk
from queues.priorities import FIRST_CLASS, LAST_CLASS
from routing.helpdesks import PUSHERS
from routing.helpdesks.base import Assigned, Assignment, DeskError, DeskRejected, desk_of
from routing.messaging import attempts, leases
from routing.models import Conversation, Delivery

HOLD = timedelta(seconds=10)
"""After it could not be reached a help desk is left in peace for so long, unless it asked for more."""

_TOLD = ("decision_id", "queue", "priority_class", "tier", "branch", "reason")
State = Delivery.State


def put(decided: Iterable[tuple[Conversation, Mapping[str, Any], datetime]]) -> None:
    """Put down, in the caller's transaction, that help desks are to be told of these decisions."""
    Delivery.objects.bulk_create(
        Delivery(
            key=f"{answer['decision_id']}-assign",
            conversation=conversation,
            decision_id=answer["decision_id"],
            help_desk=conversation.help_desk,
            document={name: answer[name] for name in _TOLD if name in answer},
            due_at=at,
        )
        for conversation, answer, at in decided
    )


def sweep(seconds: float) -> int:
    """Tell what waits, for at most so many seconds; how many were tried. Any number of workers may do so at once."""
    ends_at, tried = timezone.now() + timedelta(seconds=seconds), 0
    due = Delivery.objects.order_by("due_at").select_related("conversation")
    # One at a time: what waits in vain for a help desk that is away would be leased for nothing.
    while rows := leases.some(due, timezone.now(), 1):
        deliver(rows[0])
        tried += 1
        if timezone.now() >= ends_at:
            break
    return tried


def deliver(delivery: Delivery) -> None:
    """One attempt, and what came of it."""
    conversation = delivery.conversation
    if not conversation.is_open:
        attempts.end(delivery, State.SUPERSEDED, tried=False)
        return
    if conversation.is_taken_by_hand:
        attempts.end(delivery, State.KEPT)
        return
    try:
        assigned = _assign(delivery)
    except DeskError as error:
        if away := attempts.fail(delivery, error):
            _hold_back(delivery.help_desk, away.retry_after_s or 0.0)
    else:
        _note(conversation, assigned)
        attempts.end(delivery, State.KEPT if assigned.by_hand else State.DELIVERED)


def _assign(delivery: Delivery) -> Assigned:
    conversation = delivery.conversation
    desk = HelpDesk.objects.filter(slug=delivery.help_desk).first()
    if desk is None or not desk.url or not conversation.team:
        raise DeskRejected("no_help_desk")
    said = int(delivery.document.get("priority_class", LAST_CLASS))
    rank = min(max(said, FIRST_CLASS), LAST_CLASS)
    assignment = Assignment(
        key=delivery.key,
        conversation=conversation.external_id,
        channel=conversation.channel,
        number=conversation.number,
        sender=conversation.sender,
        team=conversation.team,
        priority=DESKS[desk.kind].priorities[rank],
        assigned_before=_assigned_before(conversation),
        details=delivery.document,
    )
    return PUSHERS[desk.kind].assign(desk_of(desk), assignment)


def _assigned_before(conversation: Conversation) -> str:
    """The team that we gave this conversation last, now or before it was resolved."""
    if conversation.assigned_team or not conversation.external_id:
        return conversation.assigned_team
    same = Conversation.objects.filter(account=conversation.account, external_id=conversation.external_id)
    return same.exclude(assigned_team="").values_list("assigned_team", flat=True).first() or ""


def _note(conversation: Conversation, assigned: Assigned) -> None:
    fields: dict[str, Any] = {"external_id": assigned.conversation}
    fields |= {"is_taken_by_hand": True} if assigned.by_hand else {"assigned_team": assigned.team}
    Conversation.objects.filter(pk=conversation.pk).update(**fields)


def _hold_back(help_desk: str, asked_for_s: float) -> None:
    """Leave a help desk in peace that is away or busy: else every worker would wait for it at once."""
    now = timezone.now()
    due = Delivery.objects.filter(help_desk=help_desk, state=State.WAITING, due_at__lte=now)
    due.update(due_at=now + max(HOLD, timedelta(seconds=asked_for_s)))
