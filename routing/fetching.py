"""Fetch steps of a flow: asked in parallel where none waits for another, all ended by one deadline."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import BoundedSemaphore

from contactcenter.foundation.clock import Clock
from contactcenter.foundation.logs import logger
from contactcenter.foundation.values import Value
from customers.sources.asking import Fetched, Source, ask, recall, stand_in
from routing.release import Step

__all__ = ["CycleError", "Fetched", "Step", "order", "run_steps"]

MOST_AT_ONCE = 32
"""Questions under way in one process; a contact that finds no room goes on without asking."""

log = logger(__name__)


class _Crew:
    """The threads that ask. Beyond their number nothing is begun: their queue would wait behind slow sources."""

    def __init__(self) -> None:
        self.room = BoundedSemaphore(MOST_AT_ONCE)
        self.pool = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="fetch")  # starts no thread yet


_crew = _Crew()


def _begin_anew() -> None:
    """Threads do not survive a fork: the child makes its own."""
    global _crew
    _crew = _Crew()


os.register_at_fork(after_in_child=_begin_anew)


class CycleError(ValueError):
    """Fetch steps that wait for each other."""


def order(steps: Sequence[Step], sources: Mapping[str, Source]) -> list[list[Step]]:
    """`steps` in rounds: each needs only variables of rounds before it. Raises CycleError."""
    waiting = {step.slug: step for step in steps}
    needs = {step.slug: _steps_needed(step, sources) & waiting.keys() for step in steps}
    rounds: list[list[Step]] = []
    while waiting:
        ready = [step for slug, step in waiting.items() if not needs[slug] & waiting.keys()]
        if not ready:
            raise CycleError(f"These fetch steps wait for each other: {', '.join(sorted(waiting))}")
        for step in ready:
            del waiting[step.slug]
        rounds.append(ready)
    return rounds


def _steps_needed(step: Step, sources: Mapping[str, Source]) -> set[str]:
    source = sources.get(step.source)
    return {name.partition(".")[0] for name in source.needs} if source else set()


def run_steps(
    steps: Sequence[Step],
    sources: Mapping[str, Source],
    secrets: Callable[[str], str],
    base: Mapping[str, Value],
    deadline_s: float,
    clock: Clock,
) -> list[tuple[Step, Fetched]]:
    """Each step with how its question ended, within `deadline_s` seconds from now. Never raises for a source."""
    ends_at = clock.monotonic() + deadline_s
    try:
        rounds = order(steps, sources)
    except CycleError:
        return [(step, Fetched("error", detail="cycle")) for step in steps]
    variables = dict(base)
    answers: list[tuple[Step, Fetched]] = []
    for ready in rounds:
        for step, fetched in _round(ready, sources, secrets, variables, ends_at, clock):
            answers.append((step, fetched))
            variables |= _variables_of(step, fetched)
    return answers


def _variables_of(step: Step, fetched: Fetched) -> dict[str, Value]:
    values = {f"{step.slug}.{name}": value for name, value in fetched.values.items()}
    return {**values, f"{step.slug}.status": fetched.status}


def _round(
    steps: Sequence[Step],
    sources: Mapping[str, Source],
    secrets: Callable[[str], str],
    variables: dict[str, Value],
    ends_at: float,
    clock: Clock,
) -> list[tuple[Step, Fetched]]:
    """Ask all of `steps` at once and wait until the last has answered or the time is up."""
    began = clock.monotonic()
    given = dict(variables)  # what the threads read stays as it is now
    asked = [(step, _start(sources.get(step.source), secrets, given, ends_at, clock)) for step in steps]
    wait([each for _step, each in asked if isinstance(each, Future)], max(0.0, ends_at - began))
    return [(step, _ended(each, sources.get(step.source), given, began, clock)) for step, each in asked]


def _start(
    source: Source | None, secrets: Callable[[str], str], variables: Mapping[str, Value], ends_at: float, clock: Clock
) -> Future[Fetched] | Fetched:
    """The answer if it is known without asking, else a question under way."""
    if source is None:
        return Fetched("error", detail="unknown source")
    known = recall(source, variables, clock)
    if known is not None:
        return known
    try:
        secret = secrets(source.slug)
    except (LookupError, ValueError):
        return stand_in(source, variables, clock, "error", "secret unreadable")
    crew = _crew
    if not crew.room.acquire(blocking=False):
        return stand_in(source, variables, clock, "error", "busy")
    try:
        return crew.pool.submit(_ask, crew, source, variables, secret, clock, ends_at)
    except RuntimeError:  # no thread to be had: the machine is full, or the process is ending
        return stand_in(source, variables, clock, "error", "busy")


def _ask(
    crew: _Crew, source: Source, variables: Mapping[str, Value], secret: str, clock: Clock, ends_at: float
) -> Fetched:
    try:
        return ask(source, variables, secret, clock, ends_at - clock.monotonic())
    except Exception as error:  # noqa: BLE001 - whatever a source makes of us, its caller is routed all the same
        log.error("fetch_failed", source=source.slug, error=type(error).__name__)
        return Fetched("error", detail="failed")
    finally:
        crew.room.release()


def _ended(
    each: Future[Fetched] | Fetched, source: Source | None, given: Mapping[str, Value], began: float, clock: Clock
) -> Fetched:
    if isinstance(each, Fetched):
        return each
    if source is None or each.done():
        return each.result()
    # It ends soon by its own deadline: too late for this contact, but what it brings is remembered.
    elapsed_ms = round((clock.monotonic() - began) * 1000)
    return stand_in(source, given, clock, "timeout", "deadline", elapsed_ms)
