"""What callers live through, tried out: chance as waiting.py assumes it, rules that have no formula. Pure.

Classes go one before the other, a head start counts as time waited within a class, callers hang up, and agents take
some callers or all. The same seed gives the same callers, so that two arrangements differ by themselves alone.
"""

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf, log
from typing import NamedTuple

from queues.waiting import HOUR_S, Absurd
from queues.waiting_by_class import AT_ONCE, SLOWEST, Callers, Outcome

WARM_UP = 0.05
"""Share of the callers that come first and are not counted: they find every agent idle."""


@dataclass(frozen=True)
class Pool:
    """Agents who take the same callers: `serves` counts the callers from 0."""

    agents: int
    serves: tuple[int, ...]


class Call(NamedTuple):
    """One caller: when he calls, which kind he is, how long he will be spoken to and is willing to wait."""

    at: float
    kind: int
    handling_s: float
    patience_s: float


def calls(callers: Sequence[Callers], count: int, seed: int = 1) -> list[Call]:
    """The first `count` calls, in order. Raises Absurd when nobody calls."""
    total = sum(each.load.per_hour for each in callers)
    if total <= 0:
        raise Absurd("per_hour", "nobody calls")
    chance = random.Random(seed)  # noqa: S311 - chance, not secrecy
    kinds = chance.choices(range(len(callers)), [each.load.per_hour for each in callers], k=count)
    now, found = 0.0, []
    for kind in kinds:
        load = callers[kind].load
        now += _exponential(chance, HOUR_S / total)
        handling_s = _exponential(chance, load.handling_s)
        patience_s = inf if load.patience_s is None else _exponential(chance, load.patience_s)
        found.append(Call(now, kind, handling_s, patience_s))
    return found


def simulate(
    callers: Sequence[Callers], pools: Sequence[Pool], calling: Sequence[Call], within_s: float
) -> list[Outcome]:
    """What comes of `callers`, who call as `calling` says. Raises Absurd when some of them are served by nobody."""
    floor = _Floor(callers, pools)
    for call in calling:
        floor.until(call.at)
        floor.take(call)
    floor.until(inf)
    counted_from = calling[int(len(calling) * WARM_UP)].at
    return [
        _outcome([(wait, was_answered) for at, wait, was_answered in ended if at >= counted_from], within_s)
        for ended in floor.ended
    ]


def occupancy(pool: Pool, callers: Sequence[Callers], outcomes: Sequence[Outcome]) -> float:
    """The share of their time that the agents of a pool speak, where nobody else serves its callers."""
    busy = sum(callers[kind].load.erlangs * (1 - outcomes[kind].abandoned) for kind in pool.serves)
    return min(1.0, busy / pool.agents)


class _Floor:
    """The agents and the lines at one moment."""

    def __init__(self, callers: Sequence[Callers], pools: Sequence[Pool]) -> None:
        self.idle = [pool.agents for pool in pools]
        self.serves = [pool.serves for pool in pools]
        self.taken_by = [
            [place for place, pool in enumerate(pools) if kind in pool.serves] for kind in range(len(callers))
        ]
        if not all(self.taken_by) or not all(agents > 0 for agents in self.idle):
            raise Absurd("agents", "somebody must take each kind of callers")
        self.classes = [each.priority_class for each in callers]
        self.head_starts = [each.head_start_s for each in callers]
        self.lines: list[deque[Call]] = [deque() for _ in callers]
        self.busy: list[tuple[float, int]] = []
        self.ended: list[list[tuple[float, float, bool]]] = [[] for _ in callers]

    def until(self, moment: float) -> None:
        """Let agents end their calls up to `moment`, and take the next in line."""
        while self.busy and self.busy[0][0] <= moment:
            now, pool = heappop(self.busy)
            call = self._next(now, pool)
            if call is None:
                self.idle[pool] += 1
            else:
                self._answer(call, now, pool)

    def take(self, call: Call) -> None:
        """Somebody calls: an idle agent answers, or he waits."""
        for pool in self.taken_by[call.kind]:
            if self.idle[pool]:
                self.idle[pool] -= 1
                self._answer(call, call.at, pool)
                return
        self.lines[call.kind].append(call)

    def _answer(self, call: Call, now: float, pool: int) -> None:
        self.ended[call.kind].append((call.at, now - call.at, True))
        heappush(self.busy, (now + call.handling_s, pool))

    def _next(self, now: float, pool: int) -> Call | None:
        """Who of those waiting it is the turn of, once those who have hung up are out of the line."""
        best: tuple[int, float] | None = None
        chosen = -1
        for kind in self.serves[pool]:
            line = self.lines[kind]
            while line and line[0].at + line[0].patience_s <= now:
                gone = line.popleft()
                self.ended[kind].append((gone.at, gone.patience_s, False))
            if line:
                turn = (self.classes[kind], line[0].at - self.head_starts[kind])
                if best is None or turn < best:
                    best, chosen = turn, kind
        return None if best is None else self.lines[chosen].popleft()


def _outcome(ended: Sequence[tuple[float, bool]], within_s: float) -> Outcome:
    if not ended:
        return AT_ONCE
    answered = [wait for wait, was_answered in ended if was_answered]
    waits = sorted(wait for wait, _ in ended)
    return Outcome(
        in_time=sum(wait <= within_s for wait in answered) / len(ended),
        asa_s=sum(answered) / len(answered) if answered else inf,
        abandoned=1 - len(answered) / len(ended),
        slowest_s=waits[min(len(waits) - 1, int(len(waits) * (1 - SLOWEST)))],
    )


def _exponential(chance: random.Random, mean: float) -> float:
    return -log(1.0 - chance.random()) * mean
