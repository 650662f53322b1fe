"""Each message is decided once, by the evaluator of calls, and its conversation keeps the queue.

Messages are worked through in batches: what all of them need is asked for in one query.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import orjson
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from contactcenter.foundation.clock import Clock, SystemClock
from contactcenter.foundation.logs import logger
from customers import facts
from customers.addresses import identifying_keys
from routing import trial
from routing.answers import decision_id
from routing.contacts import Contact
from routing.evaluation import evaluate
from routing.messaging import conversations, leases
from routing.messaging.recording import Decided, record
from routing.models import Conversation, InboundMessage, Release
from routing.providers.messaging import INBOUND
from routing.variables import World

log = logger(__name__)

DEADLINE_S = 5.0
"""Nobody waits on the line: a data source may take longer than for a call."""

BATCH = 50
BATCH_FOR_S = 20.0
"""What a batch has not reached by then is let go for the others; far below the lease."""

DELAYS = (5.0, 30.0, 120.0, 600.0, 3600.0)
_SWITCHED_OFF = timedelta(seconds=10)
State = InboundMessage.State
Result = TypeVar("Result")


def sweep(seconds: float, clock: Clock | None = None) -> int:
    """Decide what waits, for at most so many seconds; how many. Any number of workers may do so at once."""
    clock = clock or SystemClock()
    ends_at, done = clock.monotonic() + seconds, 0
    world: World | None = None
    while batch := leases.some(_due(), clock.now(), BATCH):
        world = world or live_world()
        _work(batch, world, clock)
        done += len(batch)
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


def _work(batch: Sequence[InboundMessage], world: World | None, clock: Clock) -> None:
    written = []
    for message in batch:
        if message.kind != INBOUND:
            leases.finish(message, state=State.NOTED, conversation=conversations.note(message))
        elif world is None:
            leases.finish(message, due_at=clock.now() + _SWITCHED_OFF, error="no_release")
        elif world.release.find_number(message.channel, message.number) is None:
            # A help desk tells of all its inboxes: one that is not set up here is not ours to assign.
            leases.finish(message, state=State.NOTED, error="unknown_number")
        else:
            written.append(message)
    if world is not None and written:
        _settle(written, world, clock)


def _settle(messages: Sequence[InboundMessage], world: World, clock: Clock) -> None:
    """Leave the conversations that are open where they are, and decide where the new ones go."""
    opened = conversations.open_for(messages)
    new = [message for message in messages if message.pk not in opened]
    for message in messages:
        if conversation := opened.get(message.pk):
            _join(message, conversation)
    # Fetch steps ask other systems: no transaction is open meanwhile.
    decided = _decide_all(new, world, clock)
    if not _recorded(decided, world):
        for each in decided:
            _tried(each.message, clock, partial(_record_alone, each, world))


def _decide_all(messages: Sequence[InboundMessage], world: World, clock: Clock) -> list[Decided]:
    contacts = [(message, _contact(message)) for message in messages]
    informed = _with_facts(world, [contact for _, contact in contacts])
    decided: list[Decided] = []
    ends_at = clock.monotonic() + BATCH_FOR_S
    for message, contact in contacts:
        if clock.monotonic() >= ends_at:
            leases.finish(message, due_at=clock.now())
        elif one := _tried(message, clock, partial(_decide, message, contact, informed, clock)):
            decided.append(one)
    return decided


def _tried(message: InboundMessage, clock: Clock, step: Callable[[], Result]) -> Result | None:
    """What `step` gives; None when it stumbled."""
    try:
        return step()
    except Exception as error:  # one bad message must not stop the others; it is tried again, then shown as failed
        log.exception("message_failed", message=message.pk)
        attempts = message.attempts + 1
        wait = leases.pause(attempts, DELAYS)
        again: dict[str, Any] = {"due_at": clock.now() + wait} if wait else {"state": State.FAILED}
        leases.finish(message, attempts=attempts, error=type(error).__name__, **again)
        return None


def _recorded(decided: Sequence[Decided], world: World) -> bool:
    """Whether all of them could be written at once."""
    try:
        with transaction.atomic():
            record(decided, world)
    except IntegrityError:
        return False  # another worker was first with one of them
    except Exception:  # whatever is wrong with one: each is written on its own then, and the bad one shown
        log.exception("batch_not_recorded")
        return False
    return True


def _record_alone(decided: Decided, world: World) -> None:
    try:
        with transaction.atomic():
            record([decided], world)
    except IntegrityError:
        # Another message of the same thread was first; its decision counts.
        message = decided.message
        conversation = conversations.open_for([message]).get(message.pk)
        if conversation is None:
            raise
        _join(message, conversation)


def _join(message: InboundMessage, conversation: Conversation) -> None:
    conversations.join(conversation, message.occurred_at)
    leases.finish(message, state=State.JOINED, conversation=conversation)


def _contact(message: InboundMessage) -> Contact:
    before = conversations.queue_before(message)
    return Contact(
        account=message.account,
        call_id=message.message_id,
        to=message.number,
        caller=message.sender,
        channel=message.channel,
        context=message.document.get("context", {}),
        previous_queue=before,
        waited_s=0 if before else None,
    )


def _with_facts(world: World, contacts: Sequence[Contact]) -> World:
    """`world` with what is known of these contacts already looked up."""
    known = facts.documents({key for contact in contacts for key in _keys(contact, world)})
    return replace(world, find_facts=lambda key: known[key] if key in known else facts.document(key))


def _keys(contact: Contact, world: World) -> list[str]:
    customer_no = str(contact.context.get("customer_no") or "")
    region = world.release.region_called(contact.channel, contact.to)
    return [key for _, key in identifying_keys(contact.channel, contact.caller, "", customer_no, region)]


def _decide(message: InboundMessage, contact: Contact, world: World, clock: Clock) -> Decided:
    identifier = decision_id(contact, settings.DECISION_ID_KEY.encode())
    evaluation = evaluate(contact, world, clock, clock.monotonic() + DEADLINE_S, identifier)
    return Decided(message, contact, evaluation, clock.now())
