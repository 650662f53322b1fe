"""A published document made ready for deciding: parsed, linked and checked once, not on each call. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers

from contactcenter.foundation import formats
from customers.addresses import NO_COUNTRY
from queues.calendars import Calendar, compile_calendar
from queues.selection import Queue, compile_queue
from queues.system_kinds import learns_by
from routing.branch_index import BranchIndex
from routing.branches import LAST_PATH, Path, Target
from routing.conditions import Groups, parse

FORMAT = formats.RELEASE.written
READABLE = formats.RELEASE.readable

_SCHEME = re.compile(r"^(?:sips?|tel|whatsapp):", re.IGNORECASE)


class ReleaseError(ValueError):
    """This document cannot be decided by; the text says where it is broken."""


@dataclass(frozen=True)
class PhoneSystem:
    """Where SIP queues are dialled: hosts in failover order, and how the system learns of priority."""

    slug: str
    kind: str
    hosts: tuple[str, ...]
    answers_at_once: bool
    answer_timeout_s: int
    learns_by: str = "header"


@dataclass(frozen=True)
class Step:
    """A fetch step: its name in variables, the source it asks, and whether it fills or replaces facts."""

    slug: str
    source: str
    precedence: str


@dataclass(frozen=True)
class Flow:
    """Fetch steps, branches in order, and the path of everyone else. `needs`: variables conditions name."""

    slug: str
    steps: tuple[Step, ...]
    branches: tuple[Path, ...]
    last_path: Path
    needs: frozenset[str]
    index: BranchIndex = field(compare=False, repr=False)


@dataclass(frozen=True)
class Number:
    """A dialled address: its flow (None: only the default queue), and its zone."""

    key: str
    flow: str | None
    default_queue: str
    zone: ZoneInfo

    @cached_property
    def region(self) -> str:
        """Its country: callers who write theirs without country code are there too. Found when it is first called."""
        return region_of(self.key.partition(":")[2])


def region_of(address: str) -> str:
    """The country of a dialled address; NO_COUNTRY for a short code, an inbox and the like."""
    try:
        parsed = phonenumbers.parse(address)
    except phonenumbers.NumberParseException:
        return NO_COUNTRY
    return phonenumbers.region_code_for_number(parsed) or NO_COUNTRY


@dataclass(frozen=True)
class Release:
    """Everything a decision is made by. Replaced as a whole, never altered."""

    number: int
    queues: Mapping[str, Queue]
    phone_systems: Mapping[str, PhoneSystem]
    tier_ranks: Mapping[str, int]
    attributes: Mapping[str, str]
    sources: Mapping[str, Mapping[str, Any]]
    flows: Mapping[str, Flow]
    numbers: Mapping[str, Number]
    calendars: Mapping[str, Calendar]
    emergency_queue: str | None

    def find_number(self, channel: str, to: str) -> Number | None:
        """The number behind what a provider wrote: as it is, as a SIP URI's user, or without its plus."""
        exact = self.numbers.get(f"{channel}:{to}")
        if exact is not None:
            return exact
        bare = _SCHEME.sub("", to).split("@")[0].split(";")[0].replace("%2B", "+").replace("%2b", "+").replace(" ", "")
        plus = "+" + bare.removeprefix("+").removeprefix("00")
        return self.numbers.get(f"{channel}:{bare}") or self.numbers.get(f"{channel}:{plus}")

    def region_called(self, channel: str, to: str) -> str:
        """Where a number without country code is read that calls `to`; NO_COUNTRY while `to` is not set up."""
        number = self.find_number(channel, to)
        return number.region if number else NO_COUNTRY


def compile_release(document: Mapping[str, Any], number: int) -> Release:
    """`document` as release `number`. Raises ReleaseError on anything that would fail on a live call."""
    try:
        formats.RELEASE.check(document.get("format"))
        return _compile(document, number)
    except (KeyError, TypeError, ValueError) as error:
        raise ReleaseError(f"{type(error).__name__}: {error}") from error


def _compile(document: Mapping[str, Any], number: int) -> Release:
    calendars = {slug: compile_calendar(entry) for slug, entry in document["calendars"].items()}
    systems = {slug: _phone_system(slug, entry) for slug, entry in document["phone_systems"].items()}
    queues = {
        slug: _without_silence(compile_queue(slug, entry, calendars), systems)
        for slug, entry in document["queues"].items()
    }
    flows = {slug: _flow(slug, entry) for slug, entry in document["flows"].items()}
    numbers = {key: _number(key, entry) for key, entry in document["numbers"].items()}
    release = Release(
        number=number,
        queues=queues,
        phone_systems=systems,
        tier_ranks={slug: entry["rank"] for slug, entry in document["tiers"].items()},
        attributes={key: entry["type"] for key, entry in document["attributes"].items()},
        sources=document["sources"],
        flows=flows,
        numbers=numbers,
        calendars=calendars,
        emergency_queue=document.get("emergency_queue"),
    )
    _check_links(release)
    return release


def _without_silence(queue: Queue, systems: Mapping[str, PhoneSystem]) -> Queue:
    """`queue` with its overflow in the place of an announcement or mailbox that nobody can be connected to."""
    if queue.phone_system in systems and systems[queue.phone_system].hosts:
        return queue

    def heard(action: str, address: str) -> str:
        is_number = queue.voice_kind != "sip" and address.startswith("+")
        return action if is_number or action == "reject" else "overflow"

    when_closed, when_full = heard(queue.when_closed, queue.closed_address), heard(queue.when_full, queue.full_address)
    return replace(queue, when_closed=when_closed, when_full=when_full)


def compile_flow(document: Mapping[str, Any], slug: str) -> Flow | None:
    """One flow of `document` without the rest of it; None where it has none of that name. Raises ReleaseError."""
    try:
        formats.RELEASE.check(document.get("format"))
        entry = document["flows"].get(slug)
        return None if entry is None else _flow(slug, entry)
    except (KeyError, TypeError, ValueError) as error:
        raise ReleaseError(f"{type(error).__name__}: {error}") from error


def _flow(slug: str, entry: Mapping[str, Any]) -> Flow:
    branches = tuple(_branch(each) for each in entry["branches"])
    steps = tuple(Step(each["slug"], each["source"], each["precedence"]) for each in entry["steps"])
    last_path = Path(LAST_PATH, "", Target(entry["last_path"]))
    needs = frozenset(_named(path.groups for path in branches))
    return Flow(slug, steps, branches, last_path, needs, BranchIndex(branches, last_path))


def _named(all_groups: Iterable[Groups]) -> Iterable[str]:
    return (condition.variable for groups in all_groups for group in groups for condition in group)


def _branch(entry: Mapping[str, Any]) -> Path:
    target = Target(entry["queue"], entry["target_kind"], entry.get("priority_class"), entry.get("head_start_s"))
    return Path(entry["slug"], entry["label"], target, parse(entry["conditions"]))


def _number(key: str, entry: Mapping[str, Any]) -> Number:
    return Number(key, entry.get("flow"), entry["default_queue"], ZoneInfo(entry["time_zone"]))


def _phone_system(slug: str, entry: Mapping[str, Any]) -> PhoneSystem:
    kind = entry["kind"]
    return PhoneSystem(
        slug,
        kind,
        tuple(entry["hosts"]),
        entry["answers_at_once"],
        entry["answer_timeout_s"],
        learns_by(kind, entry.get("learns_by", "")),
    )


def _check_links(release: Release) -> None:
    """Every queue, flow and phone system that is named exists."""
    for queue in release.queues.values():
        _exists(queue.phone_system, release.phone_systems, f"phone system of queue {queue.slug}")
        _exists(queue.overflow_to or "", release.queues, f"overflow of queue {queue.slug}")
    for flow in release.flows.values():
        for path in (*flow.branches, flow.last_path):
            _exists(path.target.queue, release.queues, f"queue of branch {flow.slug}/{path.slug}")
        for step in flow.steps:
            _exists(step.source, release.sources, f"source of step {flow.slug}/{step.slug}")
    for number in release.numbers.values():
        _exists(number.flow or "", release.flows, "flow of a number")
        _exists(number.default_queue, release.queues, "default queue of a number")
    _exists(release.emergency_queue or "", release.queues, "emergency queue")


def _exists(slug: str, known: Mapping[str, Any], what: str) -> None:
    if slug and slug not in known:
        raise ReleaseError(f"{what}: “{slug}” is not in the document")
