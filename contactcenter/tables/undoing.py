"""An import taken back: an import itself, whose lines are what the other one did, each with how it was before.

So it is looked at first and confirmed, by a worker where it is long, and killed in the middle it goes on.
"""

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any, Protocol

from django.db import transaction
from django.db.models import F, Q, QuerySet

from contactcenter.tables import jobs, staging
from contactcenter.tables.models import ImportRow, TableImport
from contactcenter.tables.numbers import NUMBERS
from contactcenter.tables.people_back import PeopleBack
from contactcenter.tables.queues import QUEUES
from contactcenter.tables.things_back import ThingsBack

BATCH = 1000
UNDO = "undo"
"""The kind of a job that has no file."""

State, Kind = TableImport.State, ImportRow.Kind


class WayBack(Protocol):
    """What a table is asked when an import into it is undone. Rows have what was there before in `wanted`, and in
    `before` what the import left there."""

    def look(self, rows: Sequence[ImportRow], user: Any) -> None:
        """Say of each of `rows` what would come of it: its kind, what changes, and why it is left alone."""

    def write(self, rows: Sequence[ImportRow], user: Any) -> int:
        """Do it, in the caller's transaction; how many could not be done any more."""


WAYS_BACK: Mapping[str, WayBack] = {
    NUMBERS.slug: ThingsBack(NUMBERS),
    PeopleBack.slug: PeopleBack(),
    QUEUES.slug: ThingsBack(QUEUES),
}


def undone(job: TableImport) -> TableImport | None:
    """The undo of this import that was done, or is at work."""
    return job.undos.filter(state__in=(State.APPLYING, State.DONE)).select_related("asked_by").first()


def may_be_undone(job: TableImport) -> bool:
    """Whether the import has ended, did something, and it is still known how that was before."""
    has_ended = job.state in (State.DONE, State.CANCELLED, State.FAILED)
    return has_ended and not job.undoes_id and staging.done_by(job).exists() and undone(job) is None


def begun(job: TableImport, user: Any, language: str) -> TableImport:
    """The undo of `job` that this person has in hand; a new one is to be looked at, as one that is ready is anew."""
    return job.undos.filter(
        asked_by=user, state__in=(State.READING, State.READY)
    ).first() or TableImport.objects.create(
        table=job.table, undoes=job, kind=UNDO, file_name=job.file_name, asked_by=user, language=language
    )


def read(job: TableImport, _table: object, deadline: float) -> bool:
    """Look at the next of what the import did; whether that was all. Raises jobs.Lost."""
    while done := list(_after(job)[:BATCH]):
        rows = [_backwards(job, row) for row in done]
        with transaction.atomic():
            jobs.move(job, done=F("done") + len(rows), restarts=0)
            WAYS_BACK[job.table].look(rows, job.asked_by)
            staging.add(job, [_without_values(row) for row in rows])
        if monotonic() > deadline:
            return False
    return True


def _after(job: TableImport) -> "QuerySet[ImportRow]":
    """What of the import has not been looked at: first what it changed, for that may lead to what it added."""
    assert job.undoes is not None
    rows = staging.done_by(job.undoes).order_by("kind", "pk")
    last = job.rows.order_by("-pk").values_list("key", flat=True).first()
    if last is None:
        return rows
    kind, _colon, key = last.partition(":")
    return rows.filter(Q(kind=kind, pk__gt=int(key)) | Q(kind__gt=kind))


def _without_values(row: ImportRow) -> ImportRow:
    """Of what stays as it is no values are kept."""
    if row.kind not in ImportRow.TO_APPLY:
        row.wanted, row.before = {}, None
    return row


def _backwards(job: TableImport, row: ImportRow) -> ImportRow:
    return ImportRow(
        job=job,
        line=row.line,
        kind=Kind.REMOVED if row.kind == Kind.NEW else Kind.CHANGED,
        key=f"{row.kind}:{row.pk}",
        label=row.label,
        target=row.target,
        wanted=row.before,
        before=row.wanted,
    )
