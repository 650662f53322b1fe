"""Ask a data source about a caller who is waiting: within its budget, sparing a source that fails."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contactcenter.foundation.clock import Clock
from contactcenter.foundation.http import FetchError, Unavailable, fetch
from contactcenter.foundation.values import Value
from customers.sources.answers import ERROR, NOT_FOUND, OK, TIMEOUT, Reading, read_answer
from customers.sources.breaker import Admission, Breaker
from customers.sources.memory import Copy, Memory
from customers.sources.source import Question, Source
from customers.sources.templates import CannotFill

__all__ = ["Fetched", "Source", "ask", "recall", "stand_in"]

MEMORY = Memory(10_000)
"""Shared by all threads of a process; the answers of a source that has changed are never found again."""

BREAKERS: dict[bytes, Breaker] = {}
"""By a source's fingerprint: one that has been mended starts with a closed breaker."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """How a question ended: ok, not_found, timeout or error, and what is known by it.

    `stale`: the source failed, and `values` are an earlier answer, `age_s` seconds old. `detail` is for
    the record: a stable code, never what was asked or answered.
    """

    status: str
    values: Mapping[str, Value] = field(default_factory=dict)
    age_s: float = 0.0
    stale: bool = False
    elapsed_ms: int = 0
    detail: str = ""


def ask(source: Source, variables: Mapping[str, Value], secret: str, clock: Clock, remaining_s: float) -> Fetched:
    """The source's answer for these variables, from memory while it is fresh. Never raises for what went wrong."""
    known = recall(source, variables, clock)
    if known is not None:
        return known
    if remaining_s <= 0:
        return stand_in(source, variables, clock, TIMEOUT, "deadline")
    breaker = BREAKERS.setdefault(source.fingerprint, Breaker())
    admission = breaker.admit(clock.monotonic())
    if admission is Admission.NO:
        return stand_in(source, variables, clock, ERROR, "breaker open")
    started = clock.monotonic()
    question = source.question(variables)
    reading = _put(question, source, secret, remaining_s)
    ended = clock.monotonic()
    breaker.record(admission, reading.status in (OK, NOT_FOUND), ended)
    elapsed_ms = round((ended - started) * 1000)
    if reading.status not in (OK, NOT_FOUND):
        return stand_in(source, variables, clock, reading.status, reading.detail, elapsed_ms)
    MEMORY.keep(question.key, Copy(reading.status, reading.values, ended))
    unread = "unreadable: " + ", ".join(reading.problems) if reading.problems else ""
    return Fetched(reading.status, reading.values, elapsed_ms=elapsed_ms, detail=unread)


def recall(source: Source, variables: Mapping[str, Value], clock: Clock) -> Fetched | None:
    """What is known without asking: a fresh answer, or that the question cannot be put. None: ask."""
    try:
        copy = MEMORY.find(source.question(variables).key)
    except CannotFill as error:
        return Fetched(ERROR, detail=str(error))
    now = clock.monotonic()
    if copy is None or not copy.is_fresh(now, source.cache_seconds):
        return None
    return Fetched(copy.status, copy.values, age_s=now - copy.at, detail="remembered")


def stand_in(
    source: Source, variables: Mapping[str, Value], clock: Clock, status: str, detail: str, elapsed_ms: int = 0
) -> Fetched:
    """What to go by when asking failed with `status`: the last good answer, if there is one."""
    try:
        copy = MEMORY.find(source.question(variables).key)
    except CannotFill as error:
        return Fetched(ERROR, detail=str(error))
    now = clock.monotonic()
    if copy is None or not copy.may_stand_in(now):
        return Fetched(status, elapsed_ms=elapsed_ms, detail=detail)
    return Fetched(status, copy.values, now - copy.at, stale=True, elapsed_ms=elapsed_ms, detail=detail)


def _put(question: Question, source: Source, secret: str, remaining_s: float) -> Reading:
    try:
        answer = fetch(
            source.method,
            question.url,
            headers=source.headers(secret),
            body=question.body,
            connect_s=source.connect_s,
            read_s=source.read_s,
            deadline_s=min(source.budget_s, remaining_s),
        )
    except Unavailable as error:
        return Reading(TIMEOUT if error.code in ("timeout", "deadline") else ERROR, detail=error.code)
    except FetchError as error:
        return Reading(ERROR, detail=error.code)
    return read_answer(answer.status, answer.body, source.variables)
