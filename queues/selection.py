"""Which queue really takes the contact: open? switched off? full? Then along the overflow chain. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from queues.calendars import Calendar, is_open

STALE_AFTER = timedelta(seconds=60)
"""Statistics older than this are missing, not wrong: a queue is not full because it once was."""


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
    overflow_to: str | None = None
    when_closed: str = "overflow"
    closed_address: str = ""

    def serves(self, channel: str) -> bool:
        """Whether contacts of this channel can be sent here at all."""
        return bool(self.voice_address) if channel == "voice" else bool(self.team)


@dataclass(frozen=True)
class Statistics:
    """What the phone system last said of a queue, and when."""

    as_of: datetime
    numbers: Mapping[str, Any]

    def fresh(self, now: datetime) -> Mapping[str, Any]:
        """The numbers, or nothing when they are too old."""
        return self.numbers if now - self.as_of <= STALE_AFTER else {}


@dataclass(frozen=True)
class Switched:
    """A switch in force: closes or opens a queue, or sends a number to `target`, until a time."""

    kind: str
    subject: str
    until: datetime | None = None
    target: str | None = None

    def in_force(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True)
class Manager:
    """An account manager: how he is reached, and when. `calendar` names one of the release."""

    slug: str
    address: str
    phone_system: str = ""
    answer_timeout_s: int = 15
    calendar: str = ""
    present: bool = True


@dataclass(frozen=True)
class State:
    """What is true right now: statistics by queue, switches, and account managers by short name."""

    statistics: Mapping[str, Statistics] = field(default_factory=dict)
    switches: tuple[Switched, ...] = ()
    managers: Mapping[str, Manager] = field(default_factory=dict)

    def switched(self, kind: str, subject: str, now: datetime) -> Switched | None:
        """The switch of this kind on this queue or number, if one is in force."""
        for switch in self.switches:
            if switch.kind == kind and switch.subject == subject and switch.in_force(now):
                return switch
        return None


@dataclass(frozen=True)
class Refusal:
    """Why a queue of the chain did not take the contact: closed, switched, full or no_target."""

    queue: str
    reason: str


@dataclass(frozen=True)
class Placing:
    """The queue that takes the contact, the one behind it, and which ones refused before.

    `action` is transfer, or announce / voicemail when the contact ends at a closed queue's extension.
    """

    queue: Queue
    action: str = "transfer"
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
            return Placing(queue, "transfer", _behind(queue, queues, channel), tuple(refusals))
        refusals.append(Refusal(queue.slug, reason))
        if reason == "closed" and queue.when_closed != "overflow" and channel == "voice":
            return Placing(queue, queue.when_closed, None, tuple(refusals))
    resort = _last_resort(chain, refusals)
    return Placing(resort, "transfer", None, tuple(refusals))


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
    if state.switched("close_queue", queue.slug, now):
        return "switched"
    if not open_now(queue, state, now):
        return "closed"
    waiting = state.statistics[queue.slug].fresh(now).get("waiting") if queue.slug in state.statistics else None
    if queue.max_waiting is not None and waiting is not None and waiting >= queue.max_waiting:
        return "full"
    return None


def open_now(queue: Queue, state: State, now: datetime) -> bool:
    """Whether the queue is open: by switch, else by its hours."""
    if state.switched("close_queue", queue.slug, now):
        return False
    if queue.calendar is None or is_open(queue.calendar, now):
        return True
    return state.switched("open_queue", queue.slug, now) is not None


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
    """A queue of the release document. Raises KeyError when its calendar is missing."""
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
        overflow_to=entry.get("overflow_to"),
        when_closed=entry["when_closed"],
        closed_address=entry.get("closed_address", ""),
    )
