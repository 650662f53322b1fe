"""Formats in which processes of different releases hand things to each other, and the numbers that are read. Pure.

An upgrade replaces one process after another, so whatever one writes another reads that is a release older or
newer. Each document, file and row says its number. Readers take the newest number they know and the one before.
A new number takes two releases: the first raises `newest`, the second `written`; so the way back stays open too.
"""

from dataclasses import dataclass
from functools import cached_property


class OtherFormat(ValueError):
    """Written by a release too far from this one. Whoever meets it keeps what he has, and it is counted."""


@dataclass(frozen=True)
class Format:
    """What this release writes, and the newest that it reads."""

    name: str
    written: int = 1
    newest: int = 1

    @cached_property
    def readable(self) -> tuple[int, ...]:
        """The numbers this release reads, the older one first; there is none before 1."""
        return tuple(range(max(1, self.newest - 1), self.newest + 1))

    def check(self, found: object) -> None:
        """Raises OtherFormat unless `found`, as it was read, is one of them."""
        if isinstance(found, bool) or found not in self.readable:
            raise OtherFormat(f"the {self.name} has a format that this version does not read")


RELEASE = Format("release")
"""The published document, under `format`."""
FACTS = Format("facts document")
"""What is known of one handle, under `v`."""
LIVE_FOLDER = Format("live folder")
"""Tables, access and state documents of `live.sqlite3`, in its table `meta`; its plain copies, under `format`."""
SPOOL_ROW = Format("spool row")
"""Decisions, events and messages, under `v`."""
