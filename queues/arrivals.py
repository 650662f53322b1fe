"""Who called in an hour, by tier: what a what-if begins with. Pure; routing counts them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TierCalls:
    """Calls of one tier in the hour, and the queue that most of them went to. `tier` "" is everybody else."""

    tier: str
    name: str
    calls: int
    queue: str


@dataclass(frozen=True)
class BusiestHour:
    """The hour of a day with the most calls: every tier, the highest first. `starts_at` None: nobody called."""

    starts_at: datetime | None
    tiers: Sequence[TierCalls]

    @property
    def calls(self) -> int:
        return sum(each.calls for each in self.tiers)
