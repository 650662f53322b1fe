"""From a contact to its answer, given what is known: the same for live calls, trials and replays.

Whatever goes wrong on the way, the contact gets a target: each rung of the fallback ladder is recorded
in `reason` and `degraded`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from contactcenter.foundation.clock import Clock
from contactcenter.foundation.logs import logger
from contactcenter.foundation.values import Value
from queues.calendars import is_open
from queues.selection import Manager, Placing, Queue, place
from routing import answers
from routing.branches import Choice, Target
from routing.contacts import Contact
from routing.release import Flow, Number, Release
from routing.variables import Gathered, World, gather

log = logger(__name__)


@dataclass(frozen=True)
class Evaluation:
    """An answer, the variables it was decided by, and the choice and placing behind it.

    `number` is the key in the release of the number that was called; "" when it is not in there.
    """

    answer: answers.Answer
    variables: Mapping[str, Value] = field(default_factory=dict)
    choice: Choice | None = None
    placing: Placing | None = None
    number: str = ""


def evaluate(contact: Contact, world: World, clock: Clock, deadline: float, identifier: str) -> Evaluation:
    """Where `contact` goes. `deadline` is on the clock's monotonic scale; never raises for a contact's sake."""
    release, now = world.release, clock.now()
    number = release.find_number(contact.channel, contact.to)
    if number is None:
        return _to_queue(contact, world, now, identifier, release.emergency_queue, "unknown_number")
    if sent := world.state.switched("send_number", number.key.partition(":")[2], now):
        return _to_queue(contact, world, now, identifier, sent.target, "switched", number.key, fallback=False)
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


def _through(
    flow: Flow, contact: Contact, number: Number, world: World, clock: Clock, deadline: float, identifier: str
) -> Evaluation:
    gathered = gather(contact, flow, number, world, clock, deadline)
    choice = flow.index.choose(gathered.values)
    now, target = clock.now(), choice.path.target
    placing = place(target.queue, world.release.queues, world.state, now, contact.channel)
    placed = answers.Placed(
        placing=placing,
        target=_ranked(target, world.release),
        reason=placing.reason or choice.reason,
        flow=flow.slug,
        branch=choice.path.slug,
        tier=str(gathered.values.get("customer.tier", "")),
        caller_id=_caller_id(gathered),
        manager=_manager(target, gathered, world, contact, now),
    )
    answer = answers.build(contact, identifier, world.release, placed, gathered.degraded)
    return Evaluation(answer, gathered.values, choice, placing, number.key)


def _ranked(target: Target, release: Release) -> Target:
    """The target with the rank it gives: a caller keeps it when another queue takes over."""
    priority_class, head_start_s = answers.rank_of(release.queues[target.queue], target)
    return replace(target, priority_class=priority_class, head_start_s=head_start_s)


def _caller_id(gathered: Gathered) -> str:
    return str(gathered.values.get("call.from", "")) if gathered.values["call.channel"] == "voice" else ""


def _manager(target: Target, gathered: Gathered, world: World, contact: Contact, now: datetime) -> Queue | None:
    """The customer's account manager as something to ring, when the branch asks for him and he is there."""
    if target.kind != "account_manager" or contact.channel != "voice":
        return None
    manager = world.state.managers.get(str(gathered.values.get("customer.account_manager", "")))
    if manager is None or not manager.present or not _at_work(manager, world.release, now):
        return None
    kind = "sip" if manager.phone_system else "phone"
    return Queue(
        slug=target.queue,
        name="",
        voice_kind=kind,
        voice_address=manager.address,
        phone_system=manager.phone_system,
        answer_timeout_s=manager.answer_timeout_s,
    )


def _at_work(manager: Manager, release: Release, now: datetime) -> bool:
    calendar = release.calendars.get(manager.calendar)
    return calendar is None or is_open(calendar, now)


def _to_queue(
    contact: Contact,
    world: World,
    now: datetime,
    identifier: str,
    slug: str | None,
    reason: str,
    number: str = "",
    *,
    fallback: bool = True,
) -> Evaluation:
    """Straight to a queue without walking a flow: emergency, default or switched."""
    release = world.release
    if slug is None or slug not in release.queues:
        slug = next(iter(release.queues), None)
    if slug is None:
        return Evaluation(answers.emergency(contact, identifier, ""), number=number)
    placing = place(slug, release.queues, world.state, now, contact.channel)
    # It is not the queue's fault that the contact came here: the first reason counts.
    placed = answers.Placed(placing, Target(placing.queue.slug), reason, fallback=fallback)
    return Evaluation(answers.build(contact, identifier, release, placed, []), {}, None, placing, number)
