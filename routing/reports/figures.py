"""Counts into the figures of the field: service level, ASA, abandonment, overflow, shares. Pure.

A share is None where it has nothing to be a share of: unknown, not zero.
"""

from dataclasses import dataclass, fields
from operator import add, attrgetter

ANSWERED, KEPT = "answered", "kept"
"""Formulas of the service level, as the report settings name them; any other is that of all who were offered."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums of report intervals; their fields say what each is. `short` are abandons too short to count."""

    contacts: int = 0
    last_path: int = 0
    overflowed: int = 0
    announced: int = 0
    blocked: int = 0
    answered: int = 0
    timed: int = 0
    in_time: int = 0
    wait_s: int = 0
    abandoned: int = 0
    abandoned_kept: int = 0
    short: int = 0
    ended: int = 0
    valued: int = 0
    value_in_time: int = 0
    value_missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*map(add, _sums(self), _sums(other)))

    @property
    def late(self) -> int:
        """Answered after more than the target."""
        return self.timed - self.in_time

    @property
    def untimed(self) -> int:
        """Answered, but nobody said after which wait."""
        return self.answered - self.timed

    @property
    def reported(self) -> int:
        """Sent to a queue, and somebody told us how it ended."""
        return self.answered + self.abandoned + self.ended

    @property
    def not_reported(self) -> int:
        """Sent to a queue, and nobody told us what became of them."""
        return self.contacts - self.announced - self.reported

    @property
    def asa_s(self) -> float | None:
        """Average speed of answer, in seconds."""
        return self.wait_s / self.timed if self.timed else None

    @property
    def abandonment(self) -> float | None:
        """Abandoned of those whose outcome was reported, short ones left out of both."""
        return _share(self.abandoned - self.short, self.reported - self.short)

    @property
    def overflow_share(self) -> float | None:
        return _share(self.overflowed, self.contacts)

    @property
    def last_path_share(self) -> float | None:
        return _share(self.last_path, self.contacts)

    @property
    def not_reported_share(self) -> float | None:
        """Of the contacts that were sent to a queue."""
        return _share(self.not_reported, self.contacts - self.announced)

    @property
    def value_share(self) -> float | None:
        """Of the lifetime value behind the contacts, what was answered in time."""
        return _share(self.value_in_time, self.value_in_time + self.value_missed)

    def service_level(self, formula: str) -> float | None:
        """Between 0 and 1, by one of the formulas. Contacts that ended otherwise are in none of them."""
        lasting = self.abandoned - self.short
        if formula == ANSWERED:
            return _share(self.in_time, self.timed)
        if formula == KEPT:
            return _share(self.in_time + self.abandoned_kept, self.timed + lasting)
        return _share(self.in_time, self.timed + lasting)


_sums = attrgetter(*[each.name for each in fields(Counts)])


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None
