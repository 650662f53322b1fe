"""What if there were more agents, or some kept for the best customers? The answers behind the what-if page. Pure.

Where a formula holds it is used (waiting_by_class.py). Head starts and handling times that differ have none: there the
same callers are tried out twice (simulation.py), with and without what differs, and the figures change in proportion.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from math import inf, isinf

from queues.simulation import Call, Pool, calls, simulate
from queues.waiting import MOST_AGENTS, Absurd
from queues.waiting_by_class import AT_ONCE, Callers, Outcome, outcomes

TRIED_CALLS = 6_000
"""Enough to be right within three callers in a hundred: only what differs is tried, the rest is reckoned."""


class Centre:
    """The callers of a contact centre, to be given to any number of agents who take them all."""

    def __init__(self, callers: Sequence[Callers], within_s: float) -> None:
        """Raises Absurd when nobody calls."""
        self.callers, self.within_s = callers, within_s
        self._known: dict[int, list[Outcome]] = {}
        if not any(each.load.per_hour for each in callers):
            raise Absurd("per_hour", "nobody calls")

    @property
    def erlangs(self) -> float:
        """Agents that are busy all the time."""
        return sum(each.load.erlangs for each in self.callers)

    def served_by(self, agents: int) -> list[Outcome]:
        """What comes of each kind of callers. Raises Absurd."""
        if agents not in self._known:
            self._known[agents] = self._reckoned(agents)
        return self._known[agents]

    def agents_for(self, kind: int, percent: float) -> int:
        """The fewest agents with whom `percent` of the callers of one kind are answered in time. Raises Absurd."""

        def is_enough(agents: int) -> bool:
            return self.served_by(agents)[kind].in_time >= percent / 100

        start = max(1, round(self.erlangs))
        if is_enough(start):
            few, many = next((fewer for fewer in _ever_further(start, -1) if not is_enough(fewer)), 0), start
        else:
            few, many = start, next((more for more in _ever_further(start, 1) if is_enough(more)), 0)
        if not many:
            raise Absurd("agents", f"{MOST_AGENTS} are not enough")
        return bisect_left(range(many), True, lo=few + 1, key=is_enough)

    def occupancy(self, agents: int) -> float:
        """The share of their time that agents speak."""
        found = self.served_by(agents)
        spoken = sum(
            each.load.erlangs * (1 - outcome.abandoned) for each, outcome in zip(self.callers, found, strict=True)
        )
        return min(1.0, spoken / agents)

    def _reckoned(self, agents: int) -> list[Outcome]:
        reckoned = outcomes(agents, self._alike, self.within_s)
        if self._are_alike:
            return reckoned
        pools = [Pool(agents, tuple(range(len(self.callers))))]
        tried = simulate(self.callers, pools, self._calls, self.within_s)
        alike = simulate(self._alike, pools, self._calls_alike, self.within_s)
        return [_in_proportion(*each) for each in zip(reckoned, tried, alike, strict=True)]

    @cached_property
    def _handling_s(self) -> float:
        """Of the average call."""
        calls_an_hour = sum(each.load.per_hour for each in self.callers)
        return sum(each.load.per_hour * each.load.handling_s for each in self.callers) / calls_an_hour

    @cached_property
    def _alike(self) -> list[Callers]:
        """The callers as the formula wants them: one handling time, no head start."""
        return [
            replace(each, load=replace(each.load, handling_s=self._handling_s), head_start_s=0.0)
            for each in self.callers
        ]

    @cached_property
    def _are_alike(self) -> bool:
        calling = [each for each in self.callers if each.load.per_hour]
        head_starts = {(each.priority_class, each.head_start_s) for each in calling}
        is_one_pace = len({each.load.handling_s for each in calling}) == 1
        return is_one_pace and len(head_starts) == len({each.priority_class for each in calling})

    @cached_property
    def _calls(self) -> list[Call]:
        return calls(self.callers, TRIED_CALLS)

    @cached_property
    def _calls_alike(self) -> list[Call]:
        paces = [self._handling_s / each.load.handling_s for each in self.callers]
        return [call._replace(handling_s=call.handling_s * paces[call.kind]) for call in self._calls]


def _ever_further(start: int, step: int) -> Iterator[int]:
    """Numbers of agents in steps that double. What is far from `start` takes long to reckon: near ones come first."""
    while start > 1 if step < 0 else start < MOST_AGENTS:
        start = min(max(start + step, 1), MOST_AGENTS)
        step *= 2
        yield start


def _in_proportion(reckoned: Outcome, tried: Outcome, alike: Outcome) -> Outcome:
    """What is reckoned, changed as much as the trial was by what differs."""
    if isinf(reckoned.asa_s):
        return reckoned
    return Outcome(
        1 - min(1.0, _changed(1 - reckoned.in_time, 1 - tried.in_time, 1 - alike.in_time)),
        _changed(reckoned.asa_s, tried.asa_s, alike.asa_s),
        min(1.0, _changed(reckoned.abandoned, tried.abandoned, alike.abandoned)),
        _changed(reckoned.slowest_s, tried.slowest_s, alike.slowest_s),
    )


def _changed(reckoned: float, tried: float, alike: float) -> float:
    return reckoned * tried / alike if alike else reckoned + tried


def kept_apart(centre: Centre, kind: int, own: int, agents: int) -> list[Outcome]:
    """What comes of each kind when `own` of the `agents` take one kind alone, the others the rest. Raises Absurd."""
    if not 1 <= own < agents:
        raise Absurd("own", "some of the agents, but not all")
    others = [each for place, each in enumerate(centre.callers) if place != kind]
    of_kind = Centre([centre.callers[kind]], centre.within_s).served_by(own)
    of_others = (
        Centre(others, centre.within_s).served_by(agents - own)
        if any(each.load.per_hour for each in others)
        else [AT_ONCE for _ in others]
    )
    return [*of_others[:kind], *of_kind, *of_others[kind:]]


def everybody(callers: Sequence[Callers], found: Sequence[Outcome]) -> tuple[float, float]:
    """Of all `callers` together: the share answered in time, and the average wait of those who are answered."""
    total = sum(each.load.per_hour for each in callers)
    answered = [each.load.per_hour * (1 - outcome.abandoned) for each, outcome in zip(callers, found, strict=True)]
    in_time = sum(each.load.per_hour * outcome.in_time for each, outcome in zip(callers, found, strict=True))
    waited = sum(weight * outcome.asa_s for weight, outcome in zip(answered, found, strict=True) if weight)
    return in_time / total, waited / sum(answered) if sum(answered) else inf
