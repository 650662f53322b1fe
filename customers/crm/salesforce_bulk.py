"""Salesforce's Bulk API 2.0: a query becomes a job of theirs, and its result is fetched part by part, as CSV.

A job gives what lay there when it ran: rows that move meanwhile push nobody past us. Its result lies ready for seven
days, so that any worker can go on with any part. Source: Salesforce's “Bulk API 2.0 and Bulk API Developer Guide”.
"""

import csv
import io
import re
from typing import Any, Protocol
from urllib.parse import urlencode

from contactcenter.foundation import http
from customers.crm import asking
from customers.crm.pages import CrmRejected, CrmUnavailable, Page, PaginationLoop

FROM = 50_000
"""So many rows and more are read by a job: fewer calls, which Salesforce counts by the day."""

AT_ONCE = 5000
IMPOSSIBLE = (400, 403, 404)
"""A job is refused: no permission for Bulk, or an object or a field that it does not read. The REST API may."""

_CURSOR = re.compile(r"bulk:([A-Za-z0-9]{15,18}):([\w=+/.-]{0,200})", re.ASCII)
_STILL_AT_IT = ("UploadComplete", "InProgress")


class Ask(Protocol):
    """Asks below the address of the API's version. Raises CrmUnavailable or CrmRejected."""

    def __call__(
        self, path: str, *, body: Any = None, accept: str = "application/json", allowed: tuple[int, ...] = ()
    ) -> http.Answer: ...


def start(ask: Ask, soql: str) -> str | None:
    """The cursor of a new job for this query; None where it cannot be one."""
    job = {"operation": "query", "query": soql, "columnDelimiter": "COMMA", "lineEnding": "LF"}
    answer = ask("jobs/query", body=job, allowed=IMPOSSIBLE)
    return None if answer.status in IMPOSSIBLE else _cursor(str(_said(answer).get("id")), "")


def is_cursor(cursor: str) -> bool:
    """Whether it leads to a job's result, and not to a place in the REST API."""
    return cursor.startswith("bulk:")


def fetch(ask: Ask, cursor: str) -> Page:
    """The part of a job's result at `cursor`. Raises CrmUnavailable, also while the job is not done, or CrmRejected."""
    job, locator = _read(cursor)
    if not locator:
        _check_done(ask, job)
    query = {"maxRecords": str(AT_ONCE), **({"locator": locator} if locator else {})}
    answer = ask(f"jobs/query/{job}/results?{urlencode(query)}", accept="text/csv")
    records = _records(answer.body)
    if answer.headers.get("Sforce-NumberOfRecords") != str(len(records)):
        raise CrmUnavailable("truncated")
    following = answer.headers.get("Sforce-Locator", "null")
    if following == locator:
        raise PaginationLoop
    return Page(records, None if following == "null" else _cursor(job, following))


def _check_done(ask: Ask, job: str) -> None:
    state = _said(ask(f"jobs/query/{job}")).get("state")
    if state in _STILL_AT_IT:
        raise CrmUnavailable("preparing")
    if state != "JobComplete":
        raise CrmRejected("job_failed")


def _records(body: bytes) -> list[dict[str, Any]]:
    """As the REST API would give them: a field of a related object in an object of its own, null for nothing.

    All values are text: a CSV does not say which of them are numbers.
    """
    try:
        lines = list(csv.reader(io.StringIO(body.decode(), newline=""), strict=True))
    except (UnicodeError, csv.Error):
        raise CrmUnavailable("truncated") from None
    header, rows = (lines[0], lines[1:]) if lines else ([], [])
    if any(len(row) != len(header) for row in rows):
        raise CrmUnavailable("truncated")
    return [_nested(dict(zip(header, row, strict=True))) for row in rows]


def _nested(row: dict[str, str]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for path, value in row.items():
        *parents, name = path.split(".")
        place = record
        for parent in parents:
            place = place.setdefault(parent, {})
        place[name] = value or None
    return record


def _said(answer: http.Answer) -> dict[str, Any]:
    said = asking.read_json(answer.body)
    if not isinstance(said, dict):
        raise CrmUnavailable("truncated")
    return said


def _cursor(job: str, locator: str) -> str:
    cursor = f"bulk:{job}:{locator}"
    _read(cursor)
    return cursor


def _read(cursor: str) -> tuple[str, str]:
    """Job and locator; checked, for they are put into an address."""
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise CrmRejected("bad_cursor")
    return found[1], found[2]
