"""Salesforce's query jobs (Bulk API 2.0): made, asked for until they are done, their result handed out in parts."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MAY_SAY = {"operation", "query", "contentType", "columnDelimiter", "lineEnding"}
ABSENT = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}], 404


@dataclass
class Job:
    """One query; `waits` times it is asked for before it is done."""

    names: list[str]
    rows: list[list[str]] = field(repr=False)
    waits: int = 1
    state: str = "UploadComplete"


def answer(crm: Any, asked: Any, path: list[str], find: Callable[..., Any]) -> tuple[Any, ...]:
    """`jobs/query`, `jobs/query/<id>` or `jobs/query/<id>/results`; `find` gives names and records of a query."""
    match path:
        case ["query"] if asked.method == "POST":
            return _made(crm, asked.body, find)
        case ["query", job] if asked.method == "GET" and job in crm.jobs:
            return (_told(job, crm.jobs[job]),)
        case ["query", job, "results"] if asked.method == "GET" and job in crm.jobs:
            return _part(crm.jobs[job], asked)
    return ABSENT


def _made(crm: Any, body: dict[str, Any], find: Callable[..., Any]) -> tuple[Any, ...]:
    marks = (body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF"), body.get("contentType", "CSV"))
    if set(body) - MAY_SAY or body.get("operation") not in ("query", "queryAll") or marks != ("COMMA", "LF", "CSV"):
        return [{"errorCode": "INVALIDJOB", "message": "not a query job"}], 400
    found = find(crm, body["query"], body["operation"])
    if found is None or "COUNT()" in found[0]:
        return [{"errorCode": "API_ERROR", "message": "not a query for Bulk"}], 400
    names, records = found
    job = f"750{len(crm.jobs) + 1:012d}AAA"
    crm.jobs[job] = Job(names, [[_text(one[name]) for name in names] for one in records])
    return (_told(job, crm.jobs[job], is_new=True),)


def _told(name: str, job: Job, *, is_new: bool = False) -> dict[str, Any]:
    if not is_new and job.state in ("UploadComplete", "InProgress"):
        job.state, job.waits = ("InProgress", job.waits - 1) if job.waits else ("JobComplete", 0)
    return {
        **{"id": name, "operation": "query", "object": "Contact", "state": job.state, "concurrencyMode": "Parallel"},
        **{"contentType": "CSV", "apiVersion": 62.0, "lineEnding": "LF", "columnDelimiter": "COMMA"},
    }


def _part(job: Job, asked: Any) -> tuple[Any, ...]:
    if job.state != "JobComplete" or "text/csv" not in asked.headers.get("accept", ""):
        return [{"errorCode": "INVALIDJOBSTATE", "message": "no result"}], 400
    # A locator is opaque: ours is hexadecimal, so that nobody can count with it.
    start, size = int(asked.query.get("locator", "0"), 16), int(asked.query.get("maxRecords", "50000"))
    if start > len(job.rows):
        return [{"errorCode": "INVALIDLOCATOR", "message": "no such part"}], 400
    rows, end = job.rows[start : start + size], start + size
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([job.names, *rows])
    headers = (
        ("Sforce-NumberOfRecords", str(len(rows))),
        ("Sforce-Locator", f"{end:x}" if end < len(job.rows) else "null"),
    )
    return written.getvalue().encode(), 200, headers


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
