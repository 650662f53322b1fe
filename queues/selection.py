"""Which queue really takes the contact: open? switched off? full? Then along the overflow chain. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queues import header_template
from queues.calendars import Calendar, is_open
from queues.header_template import Template
from queues.state import CLOSE, OPEN, State

CLOSED_BY = ("closed", "switched", "no_agents")
"""Why a queue is closed: its hours, a switch, nobody logged in."""


@dataclass(frozen=True)
class Queue:
    """A queue of a release, ready to be asked. `calendar` None: always open."""

    slug: str
    name: str
    voice_kind: str = "sip"
    voice_address: str = ""
    phone_system: str = ""
    help_desk: str = ""
    team: str = ""
    priority_class: int = 3
    head_start_s: int = 0
    answer_timeout_s: int | None = None
    promised_wait_s: int | None = None
    max_waiting: int | None = None
    calendar: Calendar | None = None
    closed_without_agents: bool = True
    overflow_to: str | None = None
    when_closed: str = "overflow"
    closed_address: str = ""
    when_full: str = "overflow"
    full_address: str = ""
    skills: tuple[str, ...] = ()
    headers: Template = ()

    def serves(self, channel: str) -> bool:
        """Whether contacts of this channel can be sent here at all."""
        return bool(self.voice_address) if channel == "voice" else bool(self.team)

    def instead(self, reason: str) -> tuple[str, str]:
        """(action, its extension) for a caller whom this queue does not take: overflow unless it has one of its own."""
        if reason == "full":
            return self.when_full, self.full_address
        return (self.when_closed, self.closed_address) if reason in CLOSED_BY else ("overflow", "")


@dataclass(frozen=True)
class Refusal:
    """Why a queue of the chain did not take the contact: closed, switched, no_agents, full or no_target."""

    queue: str
    reason: str


@dataclass(frozen=True)
class Placing:
    """The queue that takes the contact, the one behind it, and which ones refused before.

    `action` is transfer; announce or voicemail when a caller ends at the extension `address` of a closed or full
    queue; reject when that queue turns him away.
    """

    queue: Queue
    action: str = "transfer"
    address: str = ""
    overflow: Queue | None = None
    refusals: tuple[Refusal, ...] = ()

    @property
    def reason(self) -> str | None:
        """Why it is not the queue that was asked for; None when it is, or when that one never takes such contacts."""
        return next((each.reason for each in self.refusals if each.reason != "no_target"), None)


def place(start: str, queues: Mapping[str, Queue], state: State, now: datetime, channel: str = "voice") -> Placing:
    """Walk from queue `start` along the overflow chain to the first queue that takes the contact.

    When none does, the contact still goes somewhere: to the last queue of the chain that is not switched
    off, else to the first. A call without an answer is worse than a wait at a closed queue.
    """
    chain = _chain(start, queues)
    refusals: list[Refusal] = []
    for queue in chain:
        reason = _refuses(queue, state, now, channel)
        if reason is None:
            return Placing(queue, overflow=_behind(queue, queues, channel), refusals=tuple(refusals))
        refusals.append(Refusal(queue.slug, reason))
        action, address = queue.instead(reason)
        if action != "overflow" and channel == "voice":
            return Placing(queue, action, address, refusals=tuple(refusals))
    return Placing(_last_resort(chain, refusals), refusals=tuple(refusals))


def _chain(start: str, queues: Mapping[str, Queue]) -> list[Queue]:
    chain: list[Queue] = []
    slug: str | None = start
    while slug is not None and slug in queues and all(slug != queue.slug for queue in chain):
        chain.append(queues[slug])
        slug = queues[slug].overflow_to
    return chain


def _refuses(queue: Queue, state: State, now: datetime, channel: str) -> str | None:
    if not queue.serves(channel):
        return "no_target"
    if closed := why_closed(queue, state, now):
        return closed
    waiting = state.fresh(queue.slug, now).get("waiting")
    if queue.max_waiting is not None and waiting is not None and waiting >= queue.max_waiting:
        return "full"
    return None


def open_now(queue: Queue, state: State, now: datetime) -> bool:
    """Whether the queue is open: by switch, else by its hours and the agents who are there."""
    return why_closed(queue, state, now) is None


def why_closed(queue: Queue, state: State, now: datetime) -> str | None:
    """None while it is open, else switched, closed (by its hours) or no_agents. A switch counts more than the rest."""
    if state.switched(CLOSE, queue.slug, now):
        return "switched"
    if state.switched(OPEN, queue.slug, now):
        return None
    if queue.calendar is not None and not is_open(queue.calendar, now):
        return "closed"
    # What the phone system does not say, or said too long ago, closes nothing.
    nobody = queue.closed_without_agents and state.fresh(queue.slug, now).get("agents_logged_in") == 0
    return "no_agents" if nobody else None


def _behind(queue: Queue, queues: Mapping[str, Queue], channel: str) -> Queue | None:
    behind = queues.get(queue.overflow_to) if queue.overflow_to else None
    return behind if behind and behind.serves(channel) else None


def _last_resort(chain: list[Queue], refusals: list[Refusal]) -> Queue:
    served = [
        (queue, refusal.reason) for queue, refusal in zip(chain, refusals, strict=True) if refusal.reason != "no_target"
    ]
    not_switched = [queue for queue, reason in served if reason != "switched"]
    if not_switched:
        return not_switched[-1]
    return served[0][0] if served else chain[0]


def compile_queue(slug: str, entry: Mapping[str, Any], calendars: Mapping[str, Calendar]) -> Queue:
    """A queue of the release document. Raises KeyError when its calendar is missing, ValueError for bad headers."""
    return Queue(
        slug=slug,
        name=entry["name"],
        voice_kind=entry["voice_kind"],
        voice_address=entry.get("voice_address", ""),
        phone_system=entry.get("phone_system", ""),
        help_desk=entry.get("help_desk", ""),
        team=entry.get("team", ""),
        priority_class=entry["priority_class"],
        head_start_s=entry["head_start_s"],
        answer_timeout_s=entry.get("answer_timeout_s"),
        promised_wait_s=entry.get("promised_wait_s"),
        max_waiting=entry.get("max_waiting"),
        calendar=calendars[entry["calendar"]] if "calendar" in entry else None,
        closed_without_agents=entry.get("closed_without_agents", True),
        overflow_to=entry.get("overflow_to"),
        when_closed=entry["when_closed"],
        closed_address=entry.get("closed_address", ""),
        when_full=entry.get("when_full", "overflow"),
        full_address=entry.get("full_address", ""),
        skills=tuple(filter(None, entry.get("skills", "").split(","))),
        headers=header_template.parse(entry.get("headers", "")),
    )
