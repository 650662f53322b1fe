"""How long somebody who calls now will wait, by what the phone system says of the lines. Pure.

Callers ahead, divided by how fast they are taken: lately, where somebody always waited, else by agents and handling
time. Callers of an earlier class who are still to come go ahead as well. Queues with the same agents are one line.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

REPORTED, ESTIMATED = "reported", "estimated"
"""Whose estimate it is: the phone system's, or ours."""

LATELY = timedelta(minutes=15)
FRESH = timedelta(seconds=60)
FEWEST_ANSWERS = 10
"""Fewer say little of how fast callers are taken."""

BUSY_S = 5
"""Whoever waited so long did so because all agents were busy, not because a telephone rang."""

LONGEST_S = 24 * 3600
"""Nobody waits longer, whatever was reported."""

MOST_OVERTAKEN = 0.9
"""Earlier classes are taken to leave at least a tenth of the agents' time to the others."""


@dataclass(frozen=True)
class Line:
    """A queue at a moment: its class, and the numbers as the phone system reports them."""

    queue: str
    priority_class: int
    as_of: datetime
    numbers: Mapping[str, Any]

    def ahead_of(self, priority_class: int) -> int:
        """Callers here whose turn comes before that of somebody of this class who calls now."""
        by_class = self.numbers.get("waiting_by_class")
        if by_class:
            return sum(count for name, count in by_class.items() if name.isdigit() and int(name) <= priority_class)
        return int(self.numbers.get("waiting") or 0) if self.priority_class <= priority_class else 0


@dataclass(frozen=True)
class Answered:
    """Somebody was answered, in a queue of this class, after so many seconds."""

    at: datetime
    waited_s: float
    priority_class: int


def estimated_wait_s(own: Line, others: Iterable[Line], answered: Iterable[Answered]) -> int | None:
    """Seconds for somebody who now enters the queue `own`; None where too little is known.

    `others`: the queues that have the same agents. `answered`: in any of them, in any order.
    """
    if own.numbers.get("waiting") is None:
        return None
    lines = [own, *(line for line in others if abs(own.as_of - line.as_of) <= FRESH)]
    ahead = sum(line.ahead_of(own.priority_class) for line in lines)
    idle, agents = _newest(lines, "agents_idle"), _newest(lines, "agents_logged_in")
    if agents == 0:
        return None
    if ahead < (idle or 0) or (ahead == 0 and idle is None and agents):
        return 0
    recent = sorted((each for each in answered if own.as_of - LATELY <= each.at <= own.as_of), key=lambda each: each.at)
    pace = _pace(recent)
    if pace is None:
        handling_s = _newest(lines, "aht_s")
        pace = agents / handling_s if agents and handling_s else None
    if pace is None:
        return None
    earlier = sum(each.priority_class < own.priority_class for each in recent) / LATELY.total_seconds()
    return min(LONGEST_S, round((ahead + 1) / (pace - min(earlier, pace * MOST_OVERTAKEN))))


def _newest(lines: Sequence[Line], name: str) -> float | None:
    """What was said last of something that the lines share: it is counted once."""
    said = [(line.as_of, line.numbers[name]) for line in lines if line.numbers.get(name) is not None]
    return max(said)[1] if said else None


def _pace(recent: Sequence[Answered]) -> float | None:
    """Callers a second who were taken while all agents were busy: a time that went on until now."""
    busy: list[Answered] = []
    for each in reversed(recent):
        if each.waited_s < BUSY_S:
            break
        busy.append(each)
    if len(busy) < FEWEST_ANSWERS:
        return None
    seconds = (busy[0].at - busy[-1].at).total_seconds()
    return (len(busy) - 1) / seconds if seconds else None


@dataclass(frozen=True)
class Quality:
    """How good estimates were: of `count`, half were off by `median_error_s` or less, and so many were too long."""

    count: int
    median_error_s: float
    too_long: float


def quality(pairs: Sequence[tuple[float, float]]) -> Quality | None:
    """Of pairs of estimate and wait, both in seconds; None without any."""
    if not pairs:
        return None
    off = [abs(estimate - wait) for estimate, wait in pairs]
    return Quality(len(pairs), median(off), sum(estimate > wait for estimate, wait in pairs) / len(pairs))
