"""The time, as an argument: everything that depends on it gets it from its caller."""

from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Protocol


class Clock(Protocol):
    """Tells the time of day, aware and in UTC, and a monotonic one for deadlines, in seconds."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return monotonic()


@dataclass(frozen=True)
class FixedClock:
    """Always the same moment: for trying a call "on Sunday", and for tests."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return monotonic()
