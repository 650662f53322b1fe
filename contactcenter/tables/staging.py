"""What the lines of a file would do, written down; and of what was done, how it was before."""

from collections.abc import Sequence

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from contactcenter.tables import jobs
from contactcenter.tables.columns import Found
from contactcenter.tables.models import ImportRow, TableImport

AT_ONCE = 500

Kind = ImportRow.Kind


def write_down(job: TableImport, found: Sequence[Found]) -> None:
    """Write down what the lines would do. What is there twice in the file is refused the second time."""
    keys = {each.key for each in found if each.key}
    taken = dict(job.rows.filter(key__in=keys).exclude(kind=Kind.REFUSED).values_list("key", "line"))
    rows = []
    for each in found:
        row = _row(job, each)
        if each.key and row.kind != Kind.REFUSED:
            first = taken.setdefault(each.key, each.line)
            if first != each.line:
                row = _refused(job, each, _("stands in line %(line)s already") % {"line": first})
        rows.append(row)
    add(job, rows)


def add(job: TableImport, rows: Sequence[ImportRow]) -> None:
    """Keep these rows, and count them. Raises jobs.Lost."""
    ImportRow.objects.bulk_create(rows, batch_size=AT_ONCE)
    counted = {kind.value: sum(row.kind == kind for row in rows) for kind in Kind}
    jobs.move(job, **{kind: F(kind) + number for kind, number in counted.items() if number})


def _row(job: TableImport, each: Found) -> ImportRow:
    if each.reason:
        return _refused(job, each, each.reason)
    kind = Kind.NEW if each.is_new else Kind.CHANGED if each.changes else Kind.UNCHANGED
    kept = (
        {"wanted": dict(each.wanted), "changes": [list(one) for one in each.changes]}
        if kind in ImportRow.TO_APPLY
        else {}
    )
    return ImportRow(
        job=job, line=each.line, kind=kind, key=each.key[:160], label=each.label[:200], target=each.target, **kept
    )


def _refused(job: TableImport, each: Found, reason: str) -> ImportRow:
    return ImportRow(job=job, line=each.line, kind=Kind.REFUSED, column=each.column[:80], reason=reason[:300])


def keep_before(rows: Sequence[ImportRow]) -> None:
    """Keep of what was done which row it is, and how that was before."""
    # An upsert by primary key: several times faster than bulk_update's CASE for each column.
    ImportRow.objects.bulk_create(
        [row for row in rows if row.before is not None],
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["target", "before"],
    )


def done_by(job: TableImport) -> "QuerySet[ImportRow]":
    """What an import has done, as far as it is still known how that was before."""
    return ImportRow.objects.filter(job=job, kind__in=ImportRow.TO_APPLY, before__isnull=False)


def forget_what_did_nothing(job: TableImport, *, but_refused: bool) -> None:
    """Once the job has ended: what was done may be undone, and why lines were refused be read; nothing else stays."""
    was_done = Q(pk__in=()) if job.undoes_id else Q(before__isnull=False)
    rows = job.rows.exclude(was_done).exclude(kind__in=[Kind.REFUSED] if but_refused else [])
    rows._raw_delete(rows.db)


def forget_done(job: TableImport) -> None:
    """There is no way back any more."""
    rows = done_by(job)
    rows._raw_delete(rows.db)


def forget_all(job: TableImport) -> None:
    """Whatever the lines said."""
    rows = job.rows.all()
    rows._raw_delete(rows.db)
