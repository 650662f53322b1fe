"""What became of one contact, from what providers and phone systems told of it afterwards. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

ANSWERED, ABANDONED, ENDED, NOT_REPORTED = "answered", "abandoned", "ended", "not_reported"
"""An agent answered; the caller hung up waiting; it ended otherwise without an agent; nobody told us."""

NOBODY = frozenset({"busy", "no_answer", "failed"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a queue promised when a contact came: answered within `target_s`, so many percent of them.

    `rings_agents`: a leg that was answered was answered by a person, not by a phone system's waiting music.
    """

    target_s: int = 20
    percent: int = 80
    rings_agents: bool = False


USUAL = Terms()
"""Of a contact that came to no queue of a release: 80 percent within 20 seconds."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a contact. `outcome` and `index` are those of a leg; index 0 is an account manager's."""

    kind: str
    at: datetime
    queue: str = ""
    seconds: float | None = None
    outcome: str = ""
    index: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a contact ended, after which wait (None: nobody said), and which other queue it was in."""

    state: str = NOT_REPORTED
    wait_s: int | None = None
    other_queue: str = ""


def outcome_of(decided_at: datetime, queue: str, told: Iterable[Told], terms: dict[str, Terms]) -> Outcome:
    """What became of a contact that was sent to `queue`. `terms` of every queue by its short name."""
    events = sorted(told, key=lambda each: each.at)
    state, wait_s = _ending(decided_at, events, terms)
    others = [each.queue for each in events if each.queue != queue and each.queue in terms]
    return Outcome(state, wait_s, others[-1] if others else "")


def _ending(decided_at: datetime, events: Sequence[Told], terms: dict[str, Terms]) -> tuple[str, int | None]:
    """The queue's own word counts before a leg's: a phone system answers before an agent does."""
    for kind, state in (("agent_answered", ANSWERED), ("abandoned", ABANDONED)):
        for event in events:
            if event.kind == kind:
                return state, _waited(decided_at, event, events)
    legs = [each for each in events if each.kind == "leg"]
    for leg in legs:
        if leg.outcome == "canceled":
            return ABANDONED, _between(decided_at, leg.at)
        if leg.outcome == "answered" and (leg.index == 0 or terms.get(leg.queue, USUAL).rings_agents):
            return ANSWERED, None  # its time is that of its end, after the talk
    left = [each for each in events if each.kind == "left"]
    if left:
        return ENDED, _waited(decided_at, left[-1], events[: events.index(left[-1])])
    if legs and legs[-1].outcome in NOBODY:
        return ENDED, _between(decided_at, legs[-1].at)
    return NOT_REPORTED, None


def _waited(decided_at: datetime, last: Told, events: Sequence[Told]) -> int:
    """The whole wait: in the queues that were left before, and in the last one."""
    if last.seconds is None:
        entered = [each.at for each in events if each.kind == "entered" and each.at <= last.at]
        return _between(entered[0] if entered else decided_at, last.at)
    before = [each.seconds or 0 for each in events if each.kind == "left" and each.at < last.at]
    return max(0, round(last.seconds + sum(before)))


def _between(since: datetime, until: datetime) -> int:
    return max(0, round((until - since).total_seconds()))
