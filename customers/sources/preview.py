"""One real answer of a data source, shown in its form before anybody relies on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from contactcenter.foundation.http import Answer, FetchError, fetch
from contactcenter.foundation.translating import said
from contactcenter.foundation.values import Value
from customers.sources.answers import ERROR, TIMEOUT, read_answer
from customers.sources.source import Source, SourceError, compile_source
from customers.sources.templates import CannotFill


@dataclass(frozen=True, slots=True)
class Preview:
    """What came back. `problems` are by field of the source or by variable; "" is the question as a whole.

    `detail` is a stable code of what went wrong: `refused`, `http 500`, `not json`, `missing: call.from`.
    """

    status: str
    http_status: int | None = None
    elapsed_ms: int = 0
    answer: Any = None
    values: Mapping[str, Value] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""


def preview(entry: Mapping[str, Any], secret: str, sample: Mapping[str, Value]) -> Preview:
    """Ask the source of `entry` about a sample caller, now: nothing remembered, no breaker."""
    try:
        source = compile_source("preview", entry)
    except SourceError as error:
        return Preview(ERROR, problems={error.field: said(error)}, detail="unusable")
    started = monotonic()
    try:
        answer = _ask(source, secret, sample)
    except CannotFill as error:
        return Preview(ERROR, detail=str(error))
    except FetchError as error:
        status = TIMEOUT if error.code in ("timeout", "deadline") else ERROR
        return Preview(status, elapsed_ms=round((monotonic() - started) * 1000), detail=error.code)
    reading = read_answer(answer.status, answer.body, source.variables)
    return Preview(
        reading.status,
        answer.status,
        round(answer.elapsed_s * 1000),
        reading.content,
        reading.values,
        {name: said(problem) for name, problem in reading.problems.items()},
        reading.detail,
    )


def _ask(source: Source, secret: str, sample: Mapping[str, Value]) -> Answer:
    question = source.question(sample)
    return fetch(
        source.method,
        question.url,
        headers=source.headers(secret),
        body=question.body,
        connect_s=source.connect_s,
        read_s=source.read_s,
        deadline_s=source.budget_s,
    )
