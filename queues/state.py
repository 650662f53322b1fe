"""What is true right now, as decisions read it: statistics, switches, account managers. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

STALE_AFTER = timedelta(seconds=60)
"""Statistics older than this are missing, not wrong: a queue is not full because it once was."""

CLOSE, OPEN = "close_queue", "open_queue"
SEND, SEND_OUTSIDE, ANNOUNCE = "send_number", "send_outside", "announce"
OF_A_NUMBER = (SEND, SEND_OUTSIDE, ANNOUNCE)

ALL_NUMBERS = "*"
"""The subject of a switch on every number."""


@dataclass(frozen=True)
class Statistics:
    """What the phone system last said of a queue, and when."""

    as_of: datetime
    numbers: Mapping[str, Any]
    stale_after: timedelta = STALE_AFTER

    def fresh(self, now: datetime) -> Mapping[str, Any]:
        """The numbers, or nothing when they are too old."""
        return self.numbers if now - self.as_of <= self.stale_after else {}


@dataclass(frozen=True)
class Switched:
    """A switch in force until a time: closes or opens a queue, or sends a number (`*`: every number) elsewhere.

    Elsewhere is the queue `target`, the outside number `address`, or the extension `address` of `phone_system`
    that plays an announcement.
    """

    kind: str
    subject: str
    until: datetime | None = None
    target: str | None = None
    address: str = ""
    phone_system: str = ""

    def in_force(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True)
class Manager:
    """An account manager: how he is reached, and when. `calendar` names one of the release.

    `present` holds until `present_until`, then the opposite.
    """

    slug: str
    address: str
    phone_system: str = ""
    answer_timeout_s: int = 15
    calendar: str = ""
    present: bool = True
    present_until: datetime | None = None

    def is_there(self, now: datetime) -> bool:
        """Whether he is available at `now`, his working hours apart."""
        return self.present if self.present_until is None or now < self.present_until else not self.present


@dataclass(frozen=True)
class State:
    """What is true right now: statistics by queue, switches, the newest first, and managers by short name."""

    statistics: Mapping[str, Statistics] = field(default_factory=dict)
    switches: tuple[Switched, ...] = ()
    managers: Mapping[str, Manager] = field(default_factory=dict)

    def switched(self, kind: str, subject: str, now: datetime) -> Switched | None:
        """The switch of this kind on this queue or number, if one is in force."""
        for switch in self.switches:
            if switch.kind == kind and switch.subject == subject and switch.in_force(now):
                return switch
        return None

    def on_number(self, address: str, now: datetime) -> list[Switched]:
        """The switches in force that send callers of this number elsewhere, the one that was set last first."""
        return [
            switch
            for switch in self.switches
            if switch.subject in (address, ALL_NUMBERS) and switch.kind in OF_A_NUMBER and switch.in_force(now)
        ]

    def fresh(self, queue: str, now: datetime) -> Mapping[str, Any]:
        """What the phone system says of the queue; nothing when it says nothing, or said it too long ago."""
        said = self.statistics.get(queue)
        return said.fresh(now) if said else {}


def compile_state(documents: Mapping[str, Mapping[str, Any]], stale_after: timedelta = STALE_AFTER) -> State:
    """State from its documents by key (`queue:<slug>`, `switch:<id>`, `manager:<slug>`). Others are passed over."""
    statistics: dict[str, Statistics] = {}
    switches: list[Mapping[str, Any]] = []
    managers: dict[str, Manager] = {}
    for name, document in documents.items():
        kind, _, identifier = name.partition(":")
        if kind == "queue":
            as_of = datetime.fromisoformat(document["as_of"])
            statistics[identifier] = Statistics(as_of, document["statistics"], stale_after)
        elif kind == "switch":
            switches.append(document)
        elif kind == "manager":
            managers[identifier] = _manager(identifier, document)
    newest_first = sorted(switches, key=lambda document: str(document.get("set_at", "")), reverse=True)
    return State(statistics, tuple(_switched(document) for document in newest_first), managers)


def _switched(document: Mapping[str, Any]) -> Switched:
    return Switched(
        document["kind"],
        document["subject"],
        _moment(document.get("until")),
        document.get("target"),
        document.get("address", ""),
        document.get("phone_system", ""),
    )


def _manager(slug: str, document: Mapping[str, Any]) -> Manager:
    return Manager(
        slug,
        document["address"],
        document["phone_system"],
        document["answer_timeout_s"],
        document["calendar"],
        document["present"],
        _moment(document.get("present_until")),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
