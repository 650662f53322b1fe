"""Where a switch sends everybody who calls a number: to a queue, outside, or to an announcement. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from queues import state as kinds
from queues.selection import Placing, Queue, place
from queues.state import State, Switched
from routing.answers import Placed
from routing.branches import Target
from routing.contacts import Contact
from routing.release import Number, Release

SWITCHED = "switched"
OUTSIDE_RINGS_S = 30
"""Shorter than a mailbox takes to answer, longer than it takes to get a mobile out of a pocket."""


def redirected(contact: Contact, number: Number, release: Release, state: State, now: datetime) -> Placed | None:
    """What the switch that was set last says; None without one, or when this contact cannot follow any.

    A message cannot hear an announcement, and a queue that the release does not know takes nobody: such a
    contact goes on as if there were no such switch.
    """
    for switch in state.on_number(number.key.partition(":")[2], now):
        placed = _WAYS[switch.kind](switch, contact, number, release, state, now)
        if placed is not None:
            return placed
    return None


def _to_queue(
    switch: Switched, contact: Contact, _number: Number, release: Release, state: State, now: datetime
) -> Placed | None:
    if switch.target is None or switch.target not in release.queues:
        return None
    placing = place(switch.target, release.queues, state, now, contact.channel)
    if not placing.queue.serves(contact.channel):
        return None
    return _placed(placing, switch)


def _outside(
    switch: Switched, contact: Contact, number: Number, release: Release, state: State, now: datetime
) -> Placed | None:
    """The outside number, and behind it the number's default queue: an outside line may be busy."""
    if contact.channel != "voice":
        return None
    placing = place(number.default_queue, release.queues, state, now, contact.channel)
    outside = Queue(
        placing.queue.slug, "", voice_kind="phone", voice_address=switch.address, answer_timeout_s=OUTSIDE_RINGS_S
    )
    return replace(_placed(placing, switch), first=outside)


def _announcement(
    switch: Switched, contact: Contact, number: Number, release: Release, _state: State, _now: datetime
) -> Placed | None:
    system = release.phone_systems.get(switch.phone_system)
    if contact.channel != "voice" or system is None or not system.hosts:
        return None
    queue = replace(
        release.queues[number.default_queue], voice_kind="sip", phone_system=switch.phone_system, headers=(), skills=()
    )
    return _placed(Placing(queue, kinds.ANNOUNCE, switch.address), switch)


_Way = Callable[[Switched, Contact, Number, Release, State, datetime], Placed | None]
_WAYS: Mapping[str, _Way] = {
    kinds.SEND: _to_queue,
    kinds.SEND_OUTSIDE: _outside,
    kinds.ANNOUNCE: _announcement,
}


def _placed(placing: Placing, switch: Switched) -> Placed:
    return Placed(placing, Target(placing.queue.slug), SWITCHED, switch=switch.kind)
