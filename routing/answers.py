"""A decision in our own words: the native answer, from which every dialect renders. Pure.

Flat scalars first, so that SIP proxies can pick them without a JSON library; the last line is
Kamailio's rtjson (module documentation of rtjson), so one document serves it.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from queues.header_template import fill
from queues.priorities import scale_of
from queues.ringing import ring_s
from queues.selection import Placing, Queue
from queues.system_kinds import ADDRESS
from routing.branches import Target
from routing.contacts import Contact
from routing.release import PhoneSystem, Release

Answer = dict[str, Any]
"""The native answer, as in the API page of the docs; keys without a value are left out."""

HOSTS_A_TARGET, MOST_ROUTES = 2, 4
LONGEST_ROUTES = 1500
"""Characters of all addresses and headers of an answer's routes: the whole answer stays below 4 KB."""

_SIP_SYSTEM = PhoneSystem("", "other", (), True, 10)


def decision_id(contact: Contact, key: bytes) -> str:
    """32 hex digits, the same on every decide host that shares `key`."""
    text = "\x1f".join([*contact.key[:5], str(contact.attempt)])
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]


@dataclass(frozen=True)
class Dial:
    """One thing to dial: every host's URI in failover order, or a number, a provider's queue, a team."""

    queue: str
    kind: str
    address: str
    uris: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: int = 10

    @property
    def sip_headers(self) -> str:
        """The headers as they go into an INVITE."""
        return "".join([f"{name}: {value}\r\n" for name, value in self.headers.items()])


def dial(queue: Queue, release: Release, channel: str, headers: Mapping[str, str] | None = None) -> Dial:
    """How `queue` is reached on `channel`; `headers` go to hosts of a phone system only."""
    if channel != "voice":
        return Dial(queue.slug, "team", queue.team)
    system = release.phone_systems.get(queue.phone_system, _SIP_SYSTEM)
    timeout_s = ring_s(
        answers_at_once=system.answers_at_once,
        queue_s=queue.answer_timeout_s,
        system_s=system.answer_timeout_s,
        promised_wait_s=queue.promised_wait_s,
    )
    if queue.voice_kind != "sip":
        return Dial(queue.slug, queue.voice_kind, queue.voice_address, timeout_s=timeout_s)
    uris = tuple([f"sip:{queue.voice_address}@{host}" for host in system.hosts])
    return Dial(queue.slug, "sip", queue.voice_address, uris, headers or {}, timeout_s)


def rank_of(queue: Queue, target: Target) -> tuple[int, int]:
    """(priority class, head start in seconds): the branch's own where it has one, else the queue's."""
    return (
        queue.priority_class if target.priority_class is None else target.priority_class,
        queue.head_start_s if target.head_start_s is None else target.head_start_s,
    )


def priority_in(queue: Queue, rank: tuple[int, int], release: Release) -> int:
    """`rank` in the scale and direction of the queue's phone system."""
    system = release.phone_systems.get(queue.phone_system, _SIP_SYSTEM)
    return scale_of(system.kind, system.learns_by).priority(*rank)


def address_keys(dialled: Dial) -> Answer:
    """The keys that say where to: sip_uri, phone, provider_queue or team."""
    if dialled.kind == "sip":
        return {"sip_uri": dialled.uris[0]} if dialled.uris else {}
    return {dialled.kind: dialled.address}


def routes(dialled: list[Dial]) -> list[Answer]:
    """Kamailio's routes in the order of trying, two hosts a target; timers in milliseconds.

    One host each where names and headers are so long that the answer would grow beyond its limit.
    """
    rows = _rows(dialled, HOSTS_A_TARGET)
    length = sum([len(row["uri"]) + len(row["headers"]["extra"]) for row in rows])
    return rows if length <= LONGEST_ROUTES else _rows(dialled, 1)


def _rows(dialled: list[Dial], hosts: int) -> list[Answer]:
    rows: list[Answer] = []
    for each in dialled:
        extra = each.sip_headers
        for uri in each.uris[:hosts]:
            rows.append(
                {"uri": uri, "headers": {"extra": extra}, "fr_timer": 1500, "fr_inv_timer": each.timeout_s * 1000}
            )
    return rows[:MOST_ROUTES]


@dataclass(frozen=True)
class Placed:
    """A finished decision before it has words: where the contact goes, and by which way it got there.

    `first` is rung before the queue: an account manager or an outside number. `manager` says what became of a
    branch's wish for the account manager, `switch` which switch decided. `flow` and `branch` are empty where none was
    walked; `variables` are those that headers of a queue's own may name.
    """

    placing: Placing
    target: Target
    reason: str
    flow: str = ""
    branch: str = ""
    tier: str = ""
    caller_id: str = ""
    first: Queue | None = None
    manager: str = ""
    switch: str = ""
    fallback: bool = False
    variables: Mapping[str, Any] = field(default_factory=dict)


def build(contact: Contact, identifier: str, release: Release, placed: Placed, degraded: list[str]) -> Answer:
    """The native answer of one decision."""
    placing = placed.placing
    rank = rank_of(placing.queue, placed.target)
    ways = _ways(placed, release, contact.channel, rank, identifier)
    first = ways[0] if ways else Dial(placing.queue.slug, "sip", "")
    answer: Answer = {
        "decision_id": identifier,
        "call_id": contact.call_id,
        "release": release.number,
        "flow": placed.flow,
        "branch": placed.branch,
        "action": "transfer" if placed.first else placing.action,
        "queue": placing.queue.slug,
        **address_keys(first),
        "overflow_uri": ways[1].uris[0] if len(ways) > 1 and ways[1].uris else "",
        "priority": priority_in(placing.queue, rank, release),
        "priority_class": rank[0],
        "head_start_s": rank[1],
        "skills": ":".join(placing.queue.skills),
        "tier": placed.tier,
        "answer_timeout_ms": first.timeout_s * 1000,
        "caller_id": placed.caller_id,
        "fallback": placed.fallback,
        "reason": placed.reason,
        "switch": placed.switch,
        "manager": placed.manager,
        "degraded": degraded,
        "warnings": [],
    }
    if first.headers:
        answer |= {"headers": dict(first.headers), "sip_headers": first.sip_headers}
    if rows := routes(ways):
        answer |= {"version": "1.0", "routing": "serial", "routes": rows}
    return {key: value for key, value in answer.items() if value != ""}


def _ways(placed: Placed, release: Release, channel: str, rank: tuple[int, int], identifier: str) -> list[Dial]:
    """Everything that can be dialled, in the order of trying. A caller who overflows keeps his rank."""
    placing = placed.placing
    if placing.action == "transfer":
        queues = [placed.first, placing.queue, placing.overflow]
    else:
        queues = [placed.first, _instead(placing)]
    ways = [
        dial(queue, release, channel, _headers(queue, placed, release, rank, identifier))
        for queue in queues
        if queue is not None
    ]
    return [each for each in ways if each.uris or each.kind != "sip"]


def _headers(queue: Queue, placed: Placed, release: Release, rank: tuple[int, int], identifier: str) -> dict[str, str]:
    """SIP headers for a host of a phone system; nothing personal, and no CR or LF."""
    priority = priority_in(queue, rank, release)
    headers = {"X-Queue": queue.slug}
    if release.phone_systems.get(queue.phone_system, _SIP_SYSTEM).learns_by != ADDRESS:
        headers["X-Priority"] = str(priority)
        if queue.skills:
            headers["X-Skills"] = ":".join(queue.skills)
    if placed.tier:
        headers["X-Customer-Tier"] = placed.tier
    headers["X-Decision-Id"] = identifier
    if not queue.headers:
        return headers
    of_the_decision = {
        "queue": queue.slug,
        "tier": placed.tier,
        "branch": placed.branch,
        "flow": placed.flow,
        "priority": priority,
        "priority_class": rank[0],
        "head_start_s": rank[1],
        "decision_id": identifier,
    }
    return headers | fill(queue.headers, {**placed.variables, **of_the_decision})


def _instead(placing: Placing) -> Queue | None:
    """What plays the announcement or takes the message: an extension of the phone system, or a phone number."""
    if not placing.address:
        return None
    is_number = placing.queue.voice_kind != "sip" and placing.address.startswith("+")
    return replace(placing.queue, voice_kind="phone" if is_number else "sip", voice_address=placing.address)


def rejected(contact: Contact, identifier: str, release: Release, reason: str) -> Answer:
    """The answer to a caller who is turned away: nothing to dial, and nothing has failed."""
    answer: Answer = {"decision_id": identifier, "call_id": contact.call_id, "release": release.number}
    return answer | {"action": "reject", "fallback": False, "reason": reason, "degraded": [], "warnings": []}


def emergency(contact: Contact, identifier: str, target: str) -> Answer:
    """The answer while no release is held at all: `target` is a SIP URI or a number, from the environment."""
    kind = "sip_uri" if target.startswith(("sip:", "sips:")) else "phone"
    answer: Answer = {"decision_id": identifier, "call_id": contact.call_id, "action": "transfer"}
    answer |= {kind: target} if target else {"action": "reject"}
    answer |= {"fallback": True, "reason": "no_release", "degraded": ["no_release"], "warnings": []}
    if kind == "sip_uri":
        route = {"uri": target, "headers": {"extra": ""}, "fr_timer": 1500, "fr_inv_timer": 10_000}
        answer |= {"version": "1.0", "routing": "serial", "routes": [route]}
    return answer
