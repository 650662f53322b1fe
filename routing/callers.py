"""Callers who are not decided like everybody else: pilot callers, and those who are blocked. Pure.

For calls only. What is looked up is the caller's number as customers' numbers are: E.164, however it was sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson

from customers.addresses import caller_address
from customers.sources.source import Source
from routing.contacts import Contact
from routing.release import Release

PILOT, BLOCK = "pilot", "block"
"""How keys of their documents begin: `pilot:<id>`, `block:<id>`."""

REJECT, TO_QUEUE, LET_THROUGH = "reject", "queue", "let_through"
"""What becomes of a listed caller. The last one wins over both others."""

SHORTEST_PREFIX = 6
"""Digits: a shorter one would be half a country."""

Verified = Callable[[int, str, str], tuple[Release, Mapping[str, Source]]]
"""(number, document, checksum) of a release to what is decided by. Raises where it cannot be."""


@dataclass(frozen=True)
class Pilot:
    """The draft of a moment, compiled, and whose calls are decided by it until when."""

    id: int
    sha256: str
    release: Release
    sources: Mapping[str, Source]
    callers: frozenset[str]
    until: datetime


@dataclass(frozen=True)
class Block:
    """One entry of the list; `number` is whole, or the beginning of many."""

    id: int
    number: str
    is_prefix: bool
    treatment: str
    queue: str = ""
    until: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True)
class Callers:
    """All of them: pilots by caller, and entries by number and by its beginning."""

    pilots: Mapping[str, Pilot] = field(default_factory=dict)
    blocks: Mapping[str, tuple[Block, ...]] = field(default_factory=dict)
    beginnings: Mapping[str, tuple[Block, ...]] = field(default_factory=dict)
    lengths: tuple[int, ...] = ()
    """Of the beginnings, the shortest first."""
    stops: bool = False
    """Whether anybody is blocked at all."""

    def pilot_of(self, contact: Contact, region: str, now: datetime) -> Pilot | None:
        """The pilot that this contact is decided by. `region`: where a number without country code is read."""
        found = self.pilots.get(number_of(contact, region))
        return found if found and now < found.until else None

    def block_of(self, contact: Contact, region: str, now: datetime) -> Block | None:
        """The entry that stops this contact: the one that says most of the number, the newest of several."""
        number = number_of(contact, region)
        if not number:
            return None
        found = [*self.blocks.get(number, ())]
        for length in reversed(self.lengths):
            found += self.beginnings.get(number[:length], ())
        held = [block for block in found if block.in_force(now)]
        if not held or any(block.treatment == LET_THROUGH for block in held):
            return None
        return held[0]


NOBODY = Callers()


def number_of(contact: Contact, region: str) -> str:
    """The caller's number; "" for a message, and for a caller without one."""
    return (caller_address(contact.caller, region) or "") if contact.channel == "voice" else ""


def compile_callers(rows: Mapping[str, str], before: Callers, verified: Verified) -> tuple[Callers, list[Exception]]:
    """From documents by key, and what of them cannot be used: that is left out, and nothing else is.

    A pilot that `before` has compiled already is taken from there.
    """
    known = {pilot.id: pilot for pilot in before.pilots.values()}
    pilots: dict[str, Pilot] = {}
    blocks: list[Block] = []
    failed: list[Exception] = []
    for key, text in sorted(rows.items(), key=lambda row: _place(row[0])):
        kind, _, identifier = key.partition(":")
        try:
            if kind == PILOT:
                pilot = _pilot(int(identifier), orjson.loads(text), known, verified)
                pilots |= dict.fromkeys(pilot.callers, pilot)  # the newest counts
            elif kind == BLOCK:
                blocks.append(_block(int(identifier), orjson.loads(text)))
        except (LookupError, TypeError, ValueError) as error:
            failed.append(error)
    return _listed(pilots, blocks), failed


def _place(key: str) -> tuple[str, int]:
    """In the order in which they were made."""
    kind, _, identifier = key.partition(":")
    return kind, int(identifier) if identifier.isdecimal() else 0


def _pilot(identifier: int, document: Mapping[str, Any], known: Mapping[int, Pilot], verified: Verified) -> Pilot:
    callers, until = frozenset(document["callers"]), datetime.fromisoformat(document["until"])
    same = known.get(identifier)
    if same and same.sha256 == document["sha256"]:
        return replace(same, callers=callers, until=until)
    release, sources = verified(0, document["document"], document["sha256"])
    return Pilot(identifier, document["sha256"], release, sources, callers, until)


def _block(identifier: int, document: Mapping[str, Any]) -> Block:
    until = document.get("until")
    return Block(
        identifier,
        document["number"],
        bool(document.get("is_prefix")),
        document["treatment"],
        document.get("queue", ""),
        datetime.fromisoformat(until) if until else None,
    )


def _listed(pilots: Mapping[str, Pilot], blocks: list[Block]) -> Callers:
    whole: dict[str, tuple[Block, ...]] = {}
    beginnings: dict[str, tuple[Block, ...]] = {}
    for block in blocks:
        kind = beginnings if block.is_prefix else whole
        kind[block.number] = (block, *kind.get(block.number, ()))
    lengths = tuple(sorted({len(number) for number in beginnings}))
    return Callers(pilots, whole, beginnings, lengths, stops=bool(blocks))
