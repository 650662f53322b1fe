"""Each message is decided once, by the evaluator of calls, and its conversation keeps the queue."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from contactcenter.foundation.clock import Clock, SystemClock
from contactcenter.foundation.logs import logger
from routing import shipping, trial
from routing.answers import decision_id
from routing.contacts import Contact
from routing.evaluation import Evaluation, evaluate
from routing.messaging import conversations, leases, outbox
from routing.models import Conversation, Decision, InboundMessage, Release
from routing.providers.messaging import INBOUND
from routing.variables import World

log = logger(__name__)

DEADLINE_S = 5.0
"""Nobody waits on the line: a data source may take longer than for a call."""

HOST = "worker"
DELAYS = (5.0, 30.0, 120.0, 600.0, 3600.0)
_SWITCHED_OFF = timedelta(seconds=10)
State = InboundMessage.State


@dataclass(frozen=True)
class Decided:
    """A message with the answer it got."""

    contact: Contact
    evaluation: Evaluation
    at: datetime


def sweep(seconds: float, clock: Clock | None = None) -> int:
    """Decide what waits, for at most so many seconds; how many. Any number of workers may do so at once."""
    clock = clock or SystemClock()
    ends_at, done = clock.monotonic() + seconds, 0
    world: World | None = None
    for message in leases.each(_due(), clock.now):
        world = world or live_world()
        _work(message, world, clock)
        done += 1
        if clock.monotonic() >= ends_at:
            break
    return done


def live_world() -> World | None:
    """What contacts are decided by now, from the database; None while nothing was published."""
    release = Release.objects.first()
    return trial.world_of(orjson.loads(release.document), release.number) if release else None


def _due() -> "QuerySet[InboundMessage]":
    """What waits, the oldest first; of a thread and of a customer only the first: events keep their order."""
    waiting = InboundMessage.objects.filter(state=State.WAITING)
    before = waiting.filter(account=OuterRef("account"), pk__lt=OuterRef("pk"))
    same_thread = Exists(before.filter(thread=OuterRef("thread")))
    same_customer = Exists(before.filter(sender=OuterRef("sender")).exclude(sender=""))
    return waiting.filter(~same_thread, ~same_customer).order_by("pk")


def _work(message: InboundMessage, world: World | None, clock: Clock) -> None:
    if message.kind != INBOUND:
        leases.finish(message, state=State.NOTED, conversation=conversations.note(message))
    elif world is None:
        leases.finish(message, due_at=clock.now() + _SWITCHED_OFF, error="no_release")
    else:
        _tried(message, clock, lambda: _settle(message, world, clock))


def _tried(message: InboundMessage, clock: Clock, settle: Callable[[], None]) -> None:
    try:
        settle()
    except Exception as error:  # one bad message must not stop the others; it is tried again, then shown as failed
        log.exception("message_failed", message=message.pk)
        attempts = message.attempts + 1
        wait = leases.pause(attempts, DELAYS)
        again: dict[str, Any] = {"due_at": clock.now() + wait} if wait else {"state": State.FAILED}
        leases.finish(message, attempts=attempts, error=type(error).__name__, **again)


def _settle(message: InboundMessage, world: World, clock: Clock) -> None:
    """Leave the conversation where it is, or decide where the new one goes."""
    if world.release.find_number(message.channel, message.number) is None:
        # A help desk tells of all its inboxes: one that is not set up here is not ours to assign.
        leases.finish(message, state=State.NOTED, error="unknown_number")
        return
    if conversation := conversations.open_for(message):
        _join(message, conversation)
        return
    # Fetch steps ask other systems: no transaction is open meanwhile.
    decided = _decide(message, world, clock)
    try:
        with transaction.atomic():
            _record(message, decided, world)
    except IntegrityError:
        # Another message of the same thread was first; its decision counts.
        conversation = conversations.open_for(message)
        if conversation is None:
            raise
        _join(message, conversation)


def _join(message: InboundMessage, conversation: Conversation) -> None:
    conversations.join(conversation, message.occurred_at)
    leases.finish(message, state=State.JOINED, conversation=conversation)


def _decide(message: InboundMessage, world: World, clock: Clock) -> Decided:
    before = conversations.queue_before(message)
    contact = Contact(
        account=message.account,
        call_id=message.message_id,
        to=message.number,
        caller=message.sender,
        channel=message.channel,
        context=message.document.get("context", {}),
        previous_queue=before,
        waited_s=0 if before else None,
    )
    identifier = decision_id(contact, settings.DECISION_ID_KEY.encode())
    return Decided(contact, evaluate(contact, world, clock, clock.monotonic() + DEADLINE_S, identifier), clock.now())


def _record(message: InboundMessage, decided: Decided, world: World) -> None:
    """Conversation, decision, what the help desk is to be told, and the message as decided: all or nothing."""
    answer = decided.evaluation.answer
    queue = world.release.queues.get(answer.get("queue", ""))
    conversation = Conversation.objects.create(
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
        opened_at=message.occurred_at,
        last_message_at=message.occurred_at,
    )
    document = _document(decided)
    Decision.objects.bulk_create([shipping.decision_row(document, HOST)], ignore_conflicts=True)
    outbox.put(conversation, answer, decided.at)
    if not leases.finish(message, state=State.DECIDED, conversation=conversation):
        raise IntegrityError("another worker has decided this message")


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
