"""An import: a file is looked at line by line, a person sees what it would do, and confirms; then it is done.

Small files are worked within the request, all or nothing. Large ones by a worker in batches, each one transaction
that also notes how far it came: killed and begun again, no line counts twice.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import islice
from time import monotonic
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from contactcenter.audit.chain import note
from contactcenter.audit.models import Action
from contactcenter.foundation.logs import logger
from contactcenter.tables import files, jobs, reading, staging, undoing, unpacked
from contactcenter.tables.columns import Choices, Refused
from contactcenter.tables.models import ImportRow, TableImport
from contactcenter.tables.registry import TABLES, Table
from customers.crm.lists import ListError, Row

SMALL = 1000
"""Lines that are worked within the request."""

BATCH = 1000

State, Kind = TableImport.State, ImportRow.Kind

log = logger(__name__)


class Busy(Exception):
    """Somebody else's import of this table is being applied now."""


class Outdated(Exception):
    """The table was imported into since this preview was made."""


def shape_of(job: TableImport) -> reading.Shape:
    """How the job's file is to be read."""
    return reading.Shape(job.kind, job.encoding, job.delimiter, job.sheets)


def count_up_to(job: TableImport, most: int) -> int:
    """How many things the file's lines are about, counted up to `most`. Raises ListError for a file without any."""
    count, choices = 0, choices_of(job)
    with reading.opened(files.place(job.pk), shape_of(job), job.sheet) as found:
        for row in islice(found.rows, most):
            count += TABLES[job.table].size(_by_meaning(row, found.header, choices.columns), choices)
            if count >= most:
                break
    if not count:
        raise ListError(_("There is nothing below the header."))
    return count


def look(job: TableImport) -> None:
    """Begin to look at the file anew, as its columns were chosen. Raises ListError."""
    is_small, size = _measured(job)
    files.rows(job.pk).unlink(missing_ok=True)
    staging.forget_all(job)
    now = timezone.now()
    counted = ("new", "changed", "unchanged", "refused", "removed", "gone", "done", "position", "applied_key")
    counters = dict.fromkeys(counted, 0)
    fresh = {**counters, "state": State.READING, "is_small": is_small, "expected": size, "error": "", "restarts": 0}
    times = {"read_at": now, "began_at": now, "heartbeat_at": now}
    chosen = {name: getattr(job, name) for name in ("columns", "sheet", "region", "empties")}
    TableImport.objects.filter(pk=job.pk).exclude(state__in=TableImport.WORKING).update(
        **fresh, **times, **chosen, lease="", finished_at=None
    )
    _go(job, is_small)


def _measured(job: TableImport) -> tuple[bool, int]:
    """Whether it is small, and about how many lines there are. Raises ListError."""
    if job.undoes:
        lines = staging.done_by(job.undoes).count()
        return lines <= SMALL, lines
    is_small = count_up_to(job, SMALL + 1) <= SMALL
    return is_small, reading.size(files.place(job.pk), shape_of(job), job.sheet)


def confirm(job: TableImport) -> None:
    """Have it done. Raises Busy, or Outdated after another import of the same table."""
    others = TableImport.objects.filter(table=job.table).exclude(pk=job.pk)
    if others.filter(state=State.DONE, finished_at__gt=job.read_at).exists():
        raise Outdated
    now = timezone.now()
    begun = {"state": State.APPLYING, "began_at": now, "heartbeat_at": now, "done": 0, "restarts": 0}
    try:
        with transaction.atomic():  # the database's own constraint decides between two who confirm at once
            ready = TableImport.objects.filter(pk=job.pk, state=State.READY)
            if not ready.update(**begun, expected=F("new") + F("changed") + F("removed")):
                raise Outdated
    except IntegrityError:
        raise Busy from None
    _go(job, job.is_small)


def _go(job: TableImport, is_small: bool) -> None:
    if is_small:
        step(job.pk, float("inf"))
    else:
        jobs.wake("import_step", job.pk)


def step(job_id: Any, deadline: float) -> bool:
    """Work the job forward until `deadline` (monotonic); whether another step is needed. Safe to call at any time."""
    job = jobs.claim(TableImport, job_id)
    if job is None:
        return False
    try:
        with override(job.language):
            return _work(job, deadline)
    except jobs.Lost:
        log.warning("import_fenced_out", job=str(job_id))
        return False
    except (ListError, Refused) as error:
        reason = str(error) if isinstance(error, ListError) else str(error.reason)
        _end(job, State.FAILED, error=reason[:300])
        return False
    except Exception as error:  # noqa: BLE001 - whatever it was, the job survives it; its text may hold somebody's data
        log.error("import_broke_down", job=str(job_id), state=job.state, reason=type(error).__name__)
        if not job.is_small:
            return jobs.broke_down(job)
        _end(job, State.FAILED, error=_("Something was changed meanwhile that this file changes, too. Look again."))
        return False


def _work(job: TableImport, deadline: float) -> bool:
    look = undoing.read if job.undoes_id else _read
    work = look if job.state == State.READING else _apply
    whole = transaction.atomic() if job.is_small else nullcontext()
    with whole:
        is_all = work(job, TABLES[job.table], deadline)
        if is_all:
            _finish(job)
    if not is_all:
        jobs.give_back(job)
    return not is_all


def _finish(job: TableImport) -> None:
    if job.state == State.READING:
        jobs.move(job, lease="", state=State.READY)
    else:
        _end(job, State.DONE)


@transaction.atomic
def _end(job: TableImport, state: str, **fields: Any) -> None:
    """End the job; kept is why lines were refused, and for the way back how it was before. Raises jobs.Lost."""
    jobs.move(job, lease="", state=state, finished_at=timezone.now(), **fields)
    staging.forget_what_did_nothing(job, but_refused=True)
    if state == State.DONE:
        _record(job)
        if job.undoes:
            staging.forget_done(job.undoes)


def _record(job: TableImport) -> None:
    """Who did it and when, in the admin's log and the chain of events; nothing about whom."""
    job.refresh_from_db(fields=["new", "changed", "removed", "gone"])
    model = TABLES[job.table].model
    words = (
        _("Import undone: %(changed)s changed back, %(removed)s deleted, %(gone)s left out.")
        if job.undoes_id
        else _("Imported: %(new)s new, %(changed)s changed, %(gone)s left out.")
    )
    LogEntry.objects.create(
        user_id=job.asked_by_id,
        content_type=ContentType.objects.get_for_model(model),
        object_repr=f"import {job.undoes_id or job.pk}",
        action_flag=CHANGE,
        change_message=words % {"new": job.new, "changed": job.changed, "removed": job.removed, "gone": job.gone},
    )
    action = Action.RESTORED if job.undoes_id else Action.IMPORTED
    note(action, TableImport._meta.label_lower, job.undoes_id or job.pk, job.asked_by_id)


def choices_of(job: TableImport) -> Choices:
    """What was said of the file."""
    return Choices(tuple(job.columns), job.region, job.empties, job.asked_by)


def _read(job: TableImport, table: Table, deadline: float) -> bool:
    """Look at the next lines; whether that was all. Raises ListError, jobs.Lost."""
    choices = choices_of(job)
    with _rows_of(job) as found:
        waiting = (row for row in found.rows if row.line > job.position)
        while batch := list(islice(waiting, BATCH)):
            named = [_by_meaning(row, found.header, choices.columns) for row in batch]
            with transaction.atomic():
                jobs.move(job, position=batch[-1].line, done=F("done") + len(batch), restarts=0)
                job.refresh_from_db(fields=["done"])
                if job.done > reading.MOST_ROWS:
                    raise ListError(
                        _("The file is longer than %(most)s lines. Divide it.") % {"most": reading.MOST_ROWS}
                    )
                staging.write_down(job, table.look(named, choices))
            if monotonic() > deadline:
                return False
    return True


@contextmanager
def _rows_of(job: TableImport) -> Iterator[reading.Table]:
    """The file's rows. A large workbook is unpacked first, for good: to find a row in it costs as much again."""
    rows = files.rows(job.pk)
    if job.kind == reading.CSV or job.is_small:
        with reading.opened(files.place(job.pk), shape_of(job), job.sheet) as table:
            yield table
        return
    if not rows.exists():
        with reading.opened(files.place(job.pk), shape_of(job), job.sheet) as table:
            for _some in unpacked.write(table, files.unfinished(job.pk)):
                jobs.move(job)
        files.unfinished(job.pk).replace(rows)
    with unpacked.opened(rows) as table:
        yield table


def _by_meaning(row: Row, header: Sequence[str], columns: Sequence[str]) -> Row:
    """The row by the names of our columns; several columns of the same meaning are one."""
    values: dict[str, str] = {}
    for name, meaning in zip(header, columns, strict=False):
        text = row.values.get(name, "")
        if meaning:
            values[meaning] = (
                f"{values[meaning]}; {text}" if values.get(meaning) and text else values.get(meaning) or text
            )
    return Row(row.line, values, row.problem)


def _apply(job: TableImport, table: Table, deadline: float) -> bool:
    """Do the next of what was confirmed; whether that was all. Raises Refused, jobs.Lost."""
    while rows := _next_rows(job):
        with transaction.atomic():
            jobs.move(job, applied_key=rows[-1].pk, done=F("done") + len(rows), restarts=0)
            if job.undoes_id:
                left_out = undoing.WAYS_BACK[table.slug].write(rows, job.asked_by)
            else:
                left_out = table.write(rows, job.asked_by)
                staging.keep_before(rows)
            jobs.move(job, gone=F("gone") + left_out)
        if monotonic() > deadline:
            return False
    return True


def _next_rows(job: TableImport) -> list[ImportRow]:
    rows = job.rows.filter(pk__gt=job.applied_key, kind__in=ImportRow.TO_APPLY)
    return list(rows.order_by("pk")[:BATCH])


def forget(job: TableImport) -> None:
    """Remove the file, and everything that the lines said."""
    files.forget(job.pk)
    staging.forget_all(job)


def abandon(job: TableImport) -> None:
    """Remove the file of a job that was cancelled; what was done until then can be undone."""
    files.forget(job.pk)
    staging.forget_what_did_nothing(job, but_refused=False)


def refused_lines(job: TableImport) -> Iterator[list[str]]:
    """The refused lines as they stand in the file, with column and reason before them; first of all the header."""
    labels = {column.name: column.shown for column in TABLES[job.table].columns()}
    why = {
        line: [labels.get(column, column), reason]
        for line, column, reason in job.rows.filter(kind=Kind.REFUSED).values_list("line", "column", "reason")
    }
    with reading.opened(files.place(job.pk), shape_of(job), job.sheet) as found:
        yield [_("line"), _("column"), _("reason"), *found.header]
        for row in found.rows:
            if row.line in why:
                yield [str(row.line), *why[row.line], *(row.values.get(name, "") for name in found.header)]
