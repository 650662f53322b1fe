"""What help desks are still to be told: put down with the decision, told later, at least once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from contactcenter.foundation.logs import logger
from queues.desk_priorities import DESKS
from queues.models import HelpDesk
from queues.priorities import FIRST_CLASS, LAST_CLASS
from routing.helpdesks import PUSHERS
from routing.helpdesks.base import Assigned, Assignment, Desk, DeskRejected, DeskUnavailable
from routing.messaging import leases
from routing.models import Conversation, Delivery

log = logger(__name__)

DELAYS = (2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0)
"""Seconds after each attempt that failed; after the last one the delivery is given up. 21 hours in all."""

LONGEST_HOLD = timedelta(seconds=30)
"""After it could not be reached a help desk is left in peace for at most so long, unless it asked for more."""

_TOLD = ("decision_id", "queue", "priority_class", "tier", "branch", "reason")
State = Delivery.State


def put(conversation: Conversation, answer: Mapping[str, Any], now: datetime) -> None:
    """Put down, in the caller's transaction, that the help desk is to be told of this decision."""
    Delivery.objects.create(
        key=f"{answer['decision_id']}-assign",
        conversation=conversation,
        decision_id=answer["decision_id"],
        help_desk=conversation.help_desk,
        document={name: answer[name] for name in _TOLD if name in answer},
        due_at=now,
    )


def sweep(seconds: float) -> int:
    """Tell what waits, for at most so many seconds; how many were tried. Any number of workers may do so at once."""
    ends_at, tried = timezone.now() + timedelta(seconds=seconds), 0
    for delivery in leases.each(Delivery.objects.order_by("due_at"), timezone.now):
        deliver(delivery)
        tried += 1
        if timezone.now() >= ends_at:
            break
    return tried


def resend(deliveries: "QuerySet[Delivery]") -> int:
    """Let what was given up be tried again from the start; how many."""
    given_up = deliveries.filter(state=State.DEAD)
    return given_up.update(state=State.WAITING, attempts=0, due_at=timezone.now(), error="", finished_at=None)


def deliver(delivery: Delivery) -> None:
    """One attempt, and what came of it."""
    conversation = delivery.conversation
    if not conversation.is_open:
        _end(delivery, State.SUPERSEDED)
        return
    if conversation.is_taken_by_hand:
        _end(delivery, State.KEPT)
        return
    try:
        assigned = _assign(delivery)
    except DeskUnavailable as error:
        _put_off(delivery, error)
    except DeskRejected as error:
        log.warning("delivery_given_up", delivery=delivery.pk, help_desk=delivery.help_desk, why=error.code)
        _end(delivery, State.DEAD, error.code)
    else:
        _note(conversation, assigned)
        _end(delivery, State.KEPT if assigned.by_hand else State.DELIVERED)


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
    return PUSHERS[desk.kind].assign(Desk(desk.url.rstrip("/"), desk.account, desk.token), assignment)


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


def _put_off(delivery: Delivery, error: DeskUnavailable) -> None:
    attempts = delivery.attempts + 1
    wait = leases.pause(attempts, DELAYS, error.retry_after_s)
    if wait is None:
        log.warning("delivery_given_up", delivery=delivery.pk, help_desk=delivery.help_desk, why=error.code)
        _end(delivery, State.DEAD, error.code)
        return
    leases.finish(delivery, attempts=attempts, due_at=timezone.now() + wait, error=error.code)
    if error.concerns_all:
        _hold_back(delivery.help_desk, max(min(wait, LONGEST_HOLD), timedelta(seconds=error.retry_after_s or 0.0)))


def _hold_back(help_desk: str, wait: timedelta) -> None:
    """Leave a help desk in peace that is away or busy: else every worker would wait for it at once."""
    now = timezone.now()
    due = Delivery.objects.filter(help_desk=help_desk, state=State.WAITING, due_at__lte=now)
    due.update(due_at=now + wait)


def _end(delivery: Delivery, state: str, error: str = "") -> None:
    attempts = delivery.attempts + (state in (State.DELIVERED, State.KEPT, State.DEAD))
    leases.finish(delivery, state=state, attempts=attempts, error=error, finished_at=timezone.now())
