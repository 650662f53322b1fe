"""How long callers of each class wait when the same agents take them all, the first class first. Pure.

A call that has begun is never broken off; within a class, whoever called first goes first. One handling time and one
patience for all, else there is no formula: simulation.py tries out the rest.

Cobham 1954 gives the averages of those who never hang up. The rest follows from one thought (Kella, Yechiali 1985):
while all agents are busy, the line of a class together with those before it is a line of its own, on which later
classes have no influence. It grows with each call and shrinks as agents finish or callers hang up.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import exp, inf, lgamma, log, sqrt
from operator import mul

from queues.waiting import HOUR_S, Absurd, Load, erlang_c, forecast, line_lengths

SLOWEST = 0.05
"""`slowest_s` leaves out the slowest 5 of 100."""

LEFT_OUT = 1e-6
"""How often lines may be longer than what is reckoned with."""

NOTHING = 1e-12
"""Not worth a sum of its own."""

LONG = 300
"""Callers in line, about: with agents enough, or nearly so, no line of those who hang up is longer."""

MOST_STEPS = 400_000
"""So many small sums for a class; what is still in line by then is taken to go evenly."""


@dataclass(frozen=True)
class Callers:
    """Callers who are treated alike: what they bring, and when it is their turn. Class 1 goes first."""

    load: Load
    priority_class: int = 3
    head_start_s: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What comes of callers of one kind, as shares from 0 to 1 and seconds.

    `in_time` and `abandoned` are shares of all of them; `asa_s` is the average wait of those who are answered;
    `slowest_s` is how long 95 of 100 wait at most, until they are answered or hang up. Infinite while the line only
    grows.
    """

    in_time: float
    asa_s: float
    abandoned: float
    slowest_s: float


AT_ONCE = Outcome(1.0, 0.0, 0.0, 0.0)
NEVER = Outcome(0.0, inf, 0.0, inf)


def cobham(agents: int, per_hour: Sequence[float], handling_s: float) -> list[float]:
    """Average seconds by class, the first class first, when nobody hangs up. Raises Absurd.

    Infinite for a class that the agents have no time for.
    """
    loads = [Load(each, handling_s).erlangs for each in per_hour]
    # Whoever waits, waits at first for the next agent to be free.
    next_free = erlang_c(agents, sum(loads)) * handling_s / agents
    busy = [min(1.0, load / agents) for load in accumulate(loads, initial=0.0)]
    return [
        next_free / ((1 - busy[place]) * (1 - busy[place + 1])) if busy[place + 1] < 1 else inf
        for place in range(len(loads))
    ]


def outcomes(agents: int, callers: Sequence[Callers], within_s: float) -> list[Outcome]:
    """What comes of each of `callers`, in time being within `within_s`; head starts are left aside. Raises Absurd."""
    first = callers[0].load
    if any((each.load.handling_s, each.load.patience_s) != (first.handling_s, first.patience_s) for each in callers):
        raise Absurd("handling_s", "there is a formula only where all have the same, and the same patience")
    found: dict[int, Outcome] = {}
    before, total = 0.0, sum(each.load.per_hour for each in callers)
    for priority_class in sorted({each.priority_class for each in callers}):
        own = sum(each.load.per_hour for each in callers if each.priority_class == priority_class)
        found[priority_class] = _of_class(agents, first, (before, own, total), within_s)
        before += own
    return [found[each.priority_class] for each in callers]


def _of_class(agents: int, each: Load, per_hour: tuple[float, float, float], within_s: float) -> Outcome:
    """`per_hour`: calls that go before, calls of the class itself, and all calls."""
    before, own, total = per_hour
    finish, overtake, arrive = agents / each.handling_s, before / HOUR_S, (before + own) / HOUR_S
    hang_up = 1 / each.patience_s if each.patience_s else 0.0
    if own == 0:
        return AT_ONCE
    if not hang_up and arrive >= finish:
        return NEVER
    line = _Line(finish, overtake, hang_up, arrive)
    waiting = forecast(agents, replace(each, per_hour=total), within_s).waiting
    in_time, slowest_s = line.in_brief().times(waiting, within_s)
    if not hang_up:
        after = max(0.0, total - before - own)
        return Outcome(1 - waiting + in_time, cobham(agents, [before, own, after], each.handling_s)[1], 0.0, slowest_s)
    served, waited = line.answers()
    answered = 1 - waiting * (1 - served)
    asa_s = waiting * waited / answered if answered > LEFT_OUT else inf
    return Outcome(1 - waiting + in_time, asa_s, 1 - answered, slowest_s)


class _Line:
    """A class while all agents are busy: whoever calls finds 0, 1, 2 ... callers ahead.

    Rates a second: the agents `finish`; callers who go before arrive (`overtake`); each who waits may `hang_up`.
    `arrive` is of the class and those before it.
    """

    def __init__(self, finish: float, overtake: float, hang_up: float, arrive: float) -> None:
        self.finish, self.overtake, self.hang_up, self.arrive = finish, overtake, hang_up, arrive
        lengths = _without_the_longest(line_lengths(arrive, finish, hang_up))
        # Those who overtake may make the line longer than he found it.
        self.found = lengths + [0.0] * (len(lengths) // 2 + 20)
        self.advance = [finish + hang_up * ahead for ahead in range(len(self.found))]

    def in_brief(self) -> "_Line":
        """A line so long that chance hardly matters, with several callers taken for one; others as they are."""
        several = len(self.found) // LONG
        if not self.hang_up or several < 2:
            return self
        return _Line(self.finish / several, self.overtake / several, self.hang_up, self.arrive / several)

    def answers(self) -> tuple[float, float]:
        """How probable an answer is, and the seconds until it times that, averaged over what he finds."""
        served = self._solve([self.advance[0]] + [0.0] * (len(self.found) - 1))
        waited = self._solve(served)
        return sum(map(mul, self.found, served)), sum(map(mul, self.found, waited))

    def _solve(self, given: Sequence[float]) -> list[float]:
        """x of (a + o + h) x[m] = given[m] + a x[m-1] + o x[m+1], by elimination. x[-1] is in `given`."""
        factors, values = [0.0], [0.0]
        for advance, each in zip(self.advance, given, strict=True):
            pivot = advance * (1 - factors[-1]) + self.overtake + self.hang_up
            values.append((each + advance * values[-1]) / pivot)
            factors.append(self.overtake / pivot)
        found = values[-1] / (1 - factors[-1]) if factors[-1] < 1 else values[-1]
        solution = []
        for value, factor in zip(reversed(values[1:]), reversed(factors[1:]), strict=True):
            found = value + factor * found
            solution.append(found)
        return solution[::-1]

    def times(self, waiting: float, within_s: float) -> tuple[float, float]:
        """Of all callers the share that waits and is answered within `within_s`, and the slowest wait.

        The line is watched at the ticks of a clock that is faster than all that happens (uniformization).
        """
        tick = self.advance[-1] + self.overtake + self.hang_up
        enough = within_s * tick + 8 * sqrt(within_s * tick) + 10
        answered, left = [0.0], [waiting]
        for served, still in self._ticks(tick):
            answered.append(answered[-1] + waiting * served)
            left.append(waiting * still)
            if len(left) > enough and (
                left[-1] < SLOWEST / 5 or (not self.hang_up and len(left) * len(self.found) > MOST_STEPS)
            ):
                break
        return _at(answered, within_s * tick), _when(left, SLOWEST) / tick

    def _ticks(self, tick: float) -> Iterator[tuple[float, float]]:
        """At each tick: who is answered, and who is still in line."""
        stay = [1 - (advance + self.overtake + self.hang_up) / tick for advance in self.advance]
        ahead, behind = [advance / tick for advance in self.advance], self.overtake / tick
        now = self.found
        while True:
            served = now[0] * ahead[0]
            moved = map(mul, [*now[1:], 0.0, 0.0], [*ahead[1:], 0.0])
            now = [
                same * here + forward + behind * before
                for same, here, forward, before in zip(stay, [*now, 0.0], moved, [0.0, *now], strict=False)
            ]
            while now[-1] < NOTHING and len(now) > 1:
                now.pop()
            yield served, sum(now)


def _without_the_longest(lengths: Sequence[float]) -> list[float]:
    covered = list(accumulate(lengths))
    return list(lengths[: bisect_left(covered, 1 - LEFT_OUT) + 1])


def _at(values: Sequence[float], ticks: float) -> float:
    """`values` by tick, when the number of ticks is a Poisson variable around `ticks`."""
    if ticks == 0:
        return values[0]
    spread, last = 8 * sqrt(ticks) + 10, len(values) - 1
    numbers = range(max(0, int(ticks - spread)), int(ticks + spread) + 1)
    return sum(exp(number * log(ticks) - ticks - lgamma(number + 1)) * values[min(number, last)] for number in numbers)


def _when(left: Sequence[float], share: float) -> float:
    """After how many ticks only `share` is left."""
    if left[0] <= share:
        return 0.0
    few, many = 0.0, float(len(left) - 1)
    if left[-1] > share:  # what is left by then goes evenly
        return many + log(left[-1] / share) / log(left[len(left) // 2] / left[-1]) * (many - len(left) // 2)
    while many - few > 0.01 + few / 1000:
        middle = (few + many) / 2
        few, many = (middle, many) if _at(left, middle) > share else (few, middle)
    return many
