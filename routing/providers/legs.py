"""What a call tries next when a leg was not answered. Nothing is looked up: the after URL carries the leg, signed.

The next host of the same phone system when this one failed, else the queue's overflow, at last the emergency
queue, once. An account manager's leg comes before his customer's queue. A caller who overflows keeps his rank.
"""

from dataclasses import astuple, dataclass, fields, replace
from typing import Final
from urllib.parse import parse_qs, urlencode

from contactcenter.foundation.signatures import is_signed, sign
from queues.selection import place
from routing.answers import Answer, Placed, address_keys, build, decision_id, dial, emergency
from routing.branches import Target
from routing.contacts import Contact
from routing.decide import Plane
from routing.providers.base import ANSWERED, CANCELED, FAILED, SignatureError
from routing.release import Release
from routing.variables import World

MANAGER, FIRST, MOST, EMERGENCY = 0, 1, 5, 6
"""Legs are counted from 1; 0 is an account manager in front of the queue, 6 the emergency target."""

_PURPOSE: Final = "after"


@dataclass(frozen=True, slots=True)
class Leg:
    """One thing that was dialled: for which decision, which queue, the how-manieth, at which of its hosts.

    The rest is the caller's rank. Slugs and numbers only: it travels in a URL.
    """

    decision_id: str
    release: int = 0
    queue: str = ""
    index: int = EMERGENCY
    host: int = 0
    priority_class: int = 0
    head_start_s: int = 0
    tier: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What is dialled now, and the leg that the after URL will carry."""

    answer: Answer
    leg: Leg


def query_of(leg: Leg, key: bytes, account: str) -> str:
    """The after URL's query: the leg and our signature under it, good for this account only."""
    named = {field.name: str(value) for field, value in zip(fields(leg), astuple(leg), strict=True)}
    return urlencode(named | {"signature": sign(key, _PURPOSE, account, *named.values())})


def read_query(query: str, key: bytes, account: str) -> Leg:
    """The leg that an after URL carries. Raises SignatureError when it is not ours, or not this account's."""
    found = parse_qs(query, keep_blank_values=True)
    named = {field.name: found.get(field.name, [""])[0] for field in fields(Leg)}
    if not is_signed(found.get("signature", [""])[0], key, _PURPOSE, account, *named.values()):
        raise SignatureError("the after URL is not one of ours")
    return Leg(
        decision_id=named["decision_id"],
        release=int(named["release"]),
        queue=named["queue"],
        index=int(named["index"]),
        host=int(named["host"]),
        priority_class=int(named["priority_class"]),
        head_start_s=int(named["head_start_s"]),
        tier=named["tier"],
    )


def first_leg(answer: Answer, world: World | None) -> Leg:
    """The leg that `answer` begins with."""
    if world is None or "queue" not in answer:
        return Leg(answer["decision_id"])
    return Leg(
        decision_id=answer["decision_id"],
        release=answer.get("release", 0),
        queue=answer["queue"],
        index=MANAGER if _rings_manager(answer, world.release) else FIRST,
        priority_class=answer["priority_class"],
        head_start_s=answer["head_start_s"],
        tier=answer.get("tier", ""),
    )


def _rings_manager(answer: Answer, release: Release) -> bool:
    """Whether something else than the queue's own address is dialled first."""
    queue = release.queues.get(answer["queue"])
    if queue is None or answer["action"] != "transfer":
        return False
    own = address_keys(dial(queue, release, "voice"))
    return any(answer.get(name) != value for name, value in own.items())


def following(leg: Leg, outcome: str, contact: Contact, here: Plane) -> Step | None:
    """What is dialled after `leg` ended with `outcome`; None when the call is over."""
    if outcome in (ANSWERED, CANCELED) or leg.index >= EMERGENCY:
        return None
    world = here.live.world_of(contact, here.clock)
    ahead = _ahead(leg, outcome, world.release) if world else replace(leg, queue="")
    if world is None or ahead.queue not in world.release.queues:
        answer = emergency(contact, leg.decision_id, here.emergency_target)
        return Step(answer, replace(ahead, index=EMERGENCY))
    return _towards(ahead, contact, world, here, outcome)


def _ahead(leg: Leg, outcome: str, release: Release) -> Leg:
    """The leg after this one, before it is asked who takes its contacts; `queue` "" when there is none."""
    queue = release.queues.get(leg.queue)
    if leg.index == MANAGER and queue is not None:
        return replace(leg, index=FIRST)
    if leg.index < MOST and queue is not None:
        # Hosts count as legs too, so that nobody is carried in circles.
        if outcome == FAILED and leg.host + 1 < len(dial(queue, release, "voice").uris):
            return replace(leg, index=leg.index + 1, host=leg.host + 1)
        if queue.overflow_to:
            return replace(leg, queue=queue.overflow_to, index=leg.index + 1, host=0)
    return replace(leg, queue=release.emergency_queue or "", index=EMERGENCY, host=0)


def _towards(leg: Leg, contact: Contact, world: World, here: Plane, reason: str) -> Step:
    """Dial the leg's queue, or the one that takes its contacts at this moment."""
    target = Target(leg.queue, "queue", leg.priority_class, leg.head_start_s)
    answer = _answer(target, contact, leg.decision_id, leg.tier, world, here, reason)
    queue = world.release.queues[answer["queue"]]
    uris = dial(queue, world.release, "voice").uris
    if queue.slug != leg.queue or answer["action"] != "transfer" or leg.host >= len(uris):
        return Step(answer, replace(leg, queue=queue.slug, host=0))
    return Step(answer | {"sip_uri": uris[leg.host]}, leg)


def undecided(contact: Contact, here: Plane) -> Step:
    """For a request that cannot be decided: the number's own queue, the emergency queue, the emergency target."""
    identifier = decision_id(contact, here.id_key)
    world = here.live.world()
    number = world.release.find_number(contact.channel, contact.to) if world else None
    slug = number.default_queue if number else world.release.emergency_queue if world else None
    if world is None or slug is None:
        return Step(emergency(contact, identifier, here.emergency_target), Leg(identifier))
    reason = "last_path" if number else "unknown_number"
    answer = _answer(Target(slug), contact, identifier, "", world, here, reason)
    return Step(answer, first_leg(answer, world))


def _answer(
    target: Target, contact: Contact, identifier: str, tier: str, world: World, here: Plane, reason: str
) -> Answer:
    placing = place(target.queue, world.release.queues, world.state, here.clock.now(), contact.channel)
    placed = Placed(placing, replace(target, queue=placing.queue.slug), reason, tier=tier, fallback=True)
    return build(contact, identifier, world.release, placed, [])
