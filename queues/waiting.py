"""How long callers wait for a number of agents: Erlang B, C and A. Pure.

Calls arrive at random (Poisson), handling times and patience are exponential; agents answer whenever somebody waits.
Sources: Erlang 1917 (B, C); Palm 1946 and Garnett, Mandelbaum, Reiman 2002 (A). Recursions and logarithms only:
thousands of agents neither overflow nor vanish. By class: waiting_by_class.py.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, inf, isfinite, log

MOST_AGENTS = 5_000
MOST_IN_LINE = 100_000
HOUR_S = 3600

_NEVER = 1e-300
_NEGLIGIBLE = 45.0
"""Logarithm of what is left out of a sum, compared with its greatest part."""


class Absurd(ValueError):
    """A number that no contact centre has. `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


@dataclass(frozen=True)
class Load:
    """What callers bring: how many an hour, how long one is spoken to, how long one waits before hanging up.

    `patience_s` None: nobody hangs up.
    """

    per_hour: float
    handling_s: float
    patience_s: float | None = None

    def __post_init__(self) -> None:
        _check("per_hour", self.per_hour, 0, 1_000_000)
        _check("handling_s", self.handling_s, 1, 86_400)
        if self.patience_s is not None:
            _check("patience_s", self.patience_s, 1, 86_400)

    @property
    def erlangs(self) -> float:
        """Agents that are busy all the time with it."""
        return self.per_hour / HOUR_S * self.handling_s


@dataclass(frozen=True)
class Forecast:
    """What to expect, as shares from 0 to 1 and seconds.

    `in_time` is the share of all callers who are answered in time; whoever hangs up is not. `asa_s` is the average wait
    of those who are answered, infinite while the line only grows.
    """

    waiting: float
    in_time: float
    asa_s: float
    occupancy: float
    abandoned: float = 0.0


def erlang_b(agents: int, erlangs: float) -> float:
    """The share of callers who find all `agents` busy when nobody may wait. Raises Absurd."""
    _check_agents(agents)
    _check("erlangs", erlangs, 0, MOST_AGENTS * 10)
    blocked = 1.0
    for agent in range(1, agents + 1):
        blocked = erlangs * blocked / (agent + erlangs * blocked)
    return blocked


def erlang_c(agents: int, erlangs: float) -> float:
    """The share of callers who must wait when nobody hangs up; 1 when the agents cannot keep up. Raises Absurd."""
    blocked = erlang_b(agents, erlangs)
    if erlangs >= agents:
        return 1.0
    return blocked / (1 - erlangs / agents * (1 - blocked))


def forecast(agents: int, load: Load, within_s: float) -> Forecast:
    """What callers of `load` can expect of `agents`, in time being within `within_s`. Raises Absurd."""
    _check_agents(agents)
    _check("within_s", within_s, 0, 86_400)
    if load.erlangs == 0:
        return Forecast(0.0, 1.0, 0.0, 0.0)
    if load.patience_s is None:
        return _patient(agents, load, within_s)
    return _impatient(agents, load, load.patience_s, within_s)


def agents_needed(load: Load, percent: float, within_s: float) -> int:
    """The fewest agents with whom `percent` of the callers are answered within `within_s`. Raises Absurd."""
    _check("percent", percent, 1, 99.9)

    def is_enough(agents: int) -> bool:
        return forecast(agents, load, within_s).in_time >= percent / 100

    if not is_enough(MOST_AGENTS):
        raise Absurd("per_hour", f"so many that {MOST_AGENTS} agents are not enough")
    return bisect_left(range(MOST_AGENTS), True, lo=1, key=is_enough)


def _patient(agents: int, load: Load, within_s: float) -> Forecast:
    """Erlang C."""
    waiting, spare = erlang_c(agents, load.erlangs), agents - load.erlangs
    if spare <= 0:
        return Forecast(1.0, 0.0, inf, 1.0)
    late = waiting * exp(-spare * within_s / load.handling_s)
    return Forecast(waiting, 1 - late, waiting * load.handling_s / spare, load.erlangs / agents)


def _impatient(agents: int, load: Load, patience_s: float, within_s: float) -> Forecast:
    """Erlang A.

    Whoever finds k callers in line is answered with probability s / (s + (k + 1) h), where s is how many callers the
    agents finish a second and h how many of those who wait hang up; the times between the steps ahead of him have
    the rates s + h, ... s + (k + 1) h. Their sum is a Beta variable in disguise: exp(-h sum) is Beta(s / h + 1, k + 1).
    """
    arrive, finish, hang_up = load.per_hour / HOUR_S, agents / load.handling_s, 1 / patience_s
    line = line_lengths(arrive, finish, hang_up)
    waiting = all_busy(agents, load.erlangs, line)
    answered = waited = late = wait = 0.0
    for ahead, (share, too_late) in enumerate(zip(line, _late(finish, hang_up, within_s), strict=False)):
        leave = hang_up * (ahead + 1)
        wait += 1 / (finish + leave)
        served = waiting * share * finish / (finish + leave)
        answered += served
        waited += served * wait
        late += served * too_late
    hung_up = waiting - answered
    return Forecast(waiting, 1 - hung_up - late, waited / (1 - hung_up), arrive * (1 - hung_up) / finish, hung_up)


def line_lengths(arrive: float, finish: float, hang_up: float) -> list[float]:
    """How often 0, 1, 2 ... callers wait, of the time in which all agents are busy.

    Rates a second: callers arrive, the agents together finish, each who waits hangs up. Raises Absurd.
    """
    longest = (arrive - finish) / hang_up if hang_up else 0.0
    if longest > MOST_IN_LINE or (hang_up == 0 and arrive >= finish):
        raise Absurd("agents", "so few that more callers would wait than any line holds")
    logs, now, highest, ahead = [0.0], 0.0, 0.0, 0
    while arrive and ahead < MOST_IN_LINE and (ahead < longest or now > highest - _NEGLIGIBLE):
        ahead += 1
        now += log(arrive / (finish + ahead * hang_up))
        highest = max(highest, now)
        logs.append(now)
    parts = [exp(each - highest) for each in logs]
    whole = sum(parts)
    return [part / whole for part in parts]


def all_busy(agents: int, erlangs: float, line: Sequence[float]) -> float:
    """The share of time in which all agents are busy, given how long the line is then."""
    blocked = erlang_b(agents, erlangs)
    return 1 / (1 + line[0] * (1 / blocked - 1)) if blocked > _NEVER else 0.0


def _late(finish: float, hang_up: float, within_s: float) -> Iterator[float]:
    """How probable it is that somebody who finds 0, 1, 2 ... callers in line, and is answered, is answered too late."""
    steps, left = finish / hang_up + 1, exp(-hang_up * within_s)
    log_part, late, ahead = -hang_up * within_s * steps, 0.0, 0
    while True:
        late += exp(log_part)
        yield min(late, 1.0)
        ahead += 1
        log_part += log((1 - left) * (steps + ahead - 1) / ahead) if left < 1 else -inf


def _check_agents(agents: int) -> None:
    if type(agents) is not int or not 1 <= agents <= MOST_AGENTS:
        raise Absurd("agents", f"a whole number from 1 to {MOST_AGENTS}")


def _check(field: str, value: float, least: float, most: float) -> None:
    if not isfinite(value) or not least <= value <= most:
        raise Absurd(field, f"a number from {least:g} to {most:g}")
