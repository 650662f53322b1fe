"""From a contact to its answer, given what is known: the same for live calls, trials and replays.

Whatever goes wrong on the way, the contact gets a target: each rung of the fallback ladder is recorded
in `reason` and `degraded`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from contactcenter.foundation.clock import Clock
from contactcenter.foundation.logs import logger
from contactcenter.foundation.values import Value
from customers.addresses import NO_COUNTRY
from queues.selection import Placing, Queue, place
from routing import answers, managers
from routing.branches import Choice, Target
from routing.callers import REJECT, TO_QUEUE, Block
from routing.contacts import Contact
from routing.redirection import redirected
from routing.release import Flow, Number, Release
from routing.variables import Gathered, World, gather

log = logger(__name__)

BLOCKED = "blocked"
"""The reason of an answer to a blocked caller; its `block` is the entry in the list."""


@dataclass(frozen=True)
class Evaluation:
    """An answer, the variables it was decided by, and the choice and placing behind it.

    `number` is the key in the release of the number that was called; "" when it is not in there. `origins` says where
    variables came from, as far as they do not say so themselves.
    """

    answer: answers.Answer
    variables: Mapping[str, Value] = field(default_factory=dict)
    choice: Choice | None = None
    placing: Placing | None = None
    number: str = ""
    origins: Mapping[str, Any] | None = None


def evaluate(contact: Contact, world: World, clock: Clock, deadline: float, identifier: str) -> Evaluation:
    """Where `contact` goes. `deadline` is on the clock's monotonic scale; never raises for a contact's sake."""
    release, now = world.release, clock.now()
    number = release.find_number(contact.channel, contact.to)
    if world.callers.stops and (before_it := stopped(contact, number, world, now, identifier)):
        return before_it
    if number is None:
        return _to_queue(contact, world, now, identifier, release.emergency_queue, "unknown_number")
    if sent := redirected(contact, number, release, world.state, now):
        return Evaluation(
            answers.build(contact, identifier, release, sent, []), placing=sent.placing, number=number.key
        )
    flow = release.flows.get(number.flow or "")
    if flow is None:
        return _to_queue(contact, world, now, identifier, number.default_queue, "last_path", number.key)
    try:
        return _through(flow, contact, number, world, clock, deadline, identifier)
    except Exception:  # a call without an answer is worse than any fault of ours
        log.exception("flow_failed", flow=flow.slug, decision_id=identifier)
        failed = _to_queue(contact, world, now, identifier, number.default_queue, "last_path", number.key)
        failed.answer["degraded"].append("flow:error")
        return failed


def stopped(contact: Contact, number: Number | None, world: World, now: datetime, identifier: str) -> Evaluation | None:
    """What becomes of a blocked caller before any flow; None for everybody else.

    A queue that is not in the release, or takes no calls, stops nobody.
    """
    release, key = world.release, number.key if number else ""
    block = world.callers.block_of(contact, number.region if number else NO_COUNTRY, now)
    if block is None:
        return None
    if block.treatment == REJECT:
        answer = answers.rejected(contact, identifier, release, BLOCKED)
        return Evaluation(_says_who(answer, block), number=key)
    if block.treatment != TO_QUEUE or block.queue not in release.queues:
        return None
    placing = place(block.queue, release.queues, world.state, now, contact.channel)
    if not placing.queue.serves(contact.channel):
        return None
    placed = answers.Placed(placing, Target(placing.queue.slug), BLOCKED)
    answer = answers.build(contact, identifier, release, placed, [])
    return Evaluation(_says_who(answer, block), placing=placing, number=key)


def _says_who(answer: answers.Answer, block: Block) -> answers.Answer:
    """Names the entry that stopped him, among the scalars."""
    return {"decision_id": answer["decision_id"], "block": block.id} | answer


def _through(
    flow: Flow, contact: Contact, number: Number, world: World, clock: Clock, deadline: float, identifier: str
) -> Evaluation:
    gathered = gather(contact, flow, number, world, clock, deadline)
    choice = flow.index.choose(gathered.values)
    now, target = clock.now(), choice.path.target
    placing = place(target.queue, world.release.queues, world.state, now, contact.channel)
    first, manager = _manager(target, gathered, world, contact, now)
    placed = answers.Placed(
        placing=placing,
        target=_ranked(target, world.release),
        reason=placing.reason or choice.reason,
        flow=flow.slug,
        branch=choice.path.slug,
        tier=str(gathered.values.get("customer.tier", "")),
        caller_id=_caller_id(gathered),
        first=first,
        manager=manager,
        variables=gathered.values,
    )
    answer = answers.build(contact, identifier, world.release, placed, gathered.degraded)
    return Evaluation(answer, gathered.values, choice, placing, number.key, gathered.origins)


def _ranked(target: Target, release: Release) -> Target:
    """The target with the rank it gives: a caller keeps it when another queue takes over."""
    priority_class, head_start_s = answers.rank_of(release.queues[target.queue], target)
    return replace(target, priority_class=priority_class, head_start_s=head_start_s)


def _manager(
    target: Target, gathered: Gathered, world: World, contact: Contact, now: datetime
) -> tuple[Queue | None, str]:
    """The customer's account manager, when the branch asks for him and it is a call; and what became of that."""
    if target.kind != "account_manager" or contact.channel != "voice":
        return None, ""
    return managers.ask(target, gathered.values, world.state, world.release, now)


def _caller_id(gathered: Gathered) -> str:
    return str(gathered.values.get("call.from", "")) if gathered.values["call.channel"] == "voice" else ""


def _to_queue(
    contact: Contact,
    world: World,
    now: datetime,
    identifier: str,
    slug: str | None,
    reason: str,
    number: str = "",
) -> Evaluation:
    """Straight to a queue without walking a flow: emergency or default."""
    release = world.release
    if slug is None or slug not in release.queues:
        slug = next(iter(release.queues), None)
    if slug is None:
        return Evaluation(answers.emergency(contact, identifier, ""), number=number)
    placing = place(slug, release.queues, world.state, now, contact.channel)
    # It is not the queue's fault that the contact came here: the first reason counts.
    placed = answers.Placed(placing, Target(placing.queue.slug), reason, fallback=True)
    return Evaluation(answers.build(contact, identifier, release, placed, []), {}, None, placing, number)
