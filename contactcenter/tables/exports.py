"""An export: what a list shows, filtered as it is, as CSV or XLSX. Short ones at once, long ones by a worker."""

import csv
import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from contactcenter.foundation.logs import logger
from contactcenter.tables import files, jobs
from contactcenter.tables.models import TableExport
from contactcenter.tables.registry import TABLES
from customers.admin.rejects import safe_cell

AT_ONCE = 2000
"""Rows that are written while the person waits."""

KEPT_FOR = timedelta(days=1)
NOTED_EVERY = 1000

State = TableExport.State

log = logger(__name__)


def listed(table: str, query: str, user: Any) -> "QuerySet[Any]":
    """The rows that this person's list shows under these filters. Raises what the list raises for bad filters."""
    page = admin.site.get_model_admin(TABLES[table].model)
    request = HttpRequest()
    request.method, request.GET, request.user = "GET", QueryDict(query), user
    found: QuerySet[Any] = page.get_changelist_instance(request).queryset.order_by("pk")
    return found


def begin(table: str, fmt: str, query: str, user: Any, language: str) -> TableExport:
    """Have the list exported; at once where it is short."""
    rows = listed(table, query, user)
    short = rows.order_by().values("pk")[: AT_ONCE + 1].count()
    job = TableExport.objects.create(
        table=table,
        asked_by=user,
        language=language,
        format=fmt,
        query=query,
        began_at=timezone.now(),
        heartbeat_at=timezone.now(),
        expected=short if short <= AT_ONCE else 0,
    )
    _record(job)
    if short <= AT_ONCE:
        step(job.pk)
        job.refresh_from_db()
    else:
        jobs.wake("export_step", job.pk)
    return job


def step(job_id: Any) -> None:
    """Write the whole file; begun again it is written anew. Safe to call at any time."""
    job = jobs.claim(TableExport, job_id)
    if job is None:
        return
    try:
        with override(job.language):
            _write(job)
        os.replace(files.unfinished(job.pk), files.place(job.pk))
        jobs.move(job, lease="", state=State.READY, finished_at=timezone.now())
    except jobs.Lost:
        files.forget(job.pk)
        log.warning("export_fenced_out", job=str(job_id))
    except Exception as error:  # noqa: BLE001 - whatever it was, the job survives it; its text may hold somebody's data
        log.error("export_broke_down", job=str(job_id), reason=type(error).__name__)
        jobs.broke_down(job)


def _write(job: TableExport) -> None:
    table = TABLES[job.table]
    rows = listed(job.table, job.query, job.asked_by)
    expected = job.expected or rows.order_by().count()
    jobs.move(job, expected=expected, done=0, began_at=timezone.now())
    lines = _noted(job, table.export(rows, job.asked_by))
    header = [column.shown for column in table.columns()]
    os.close(os.open(files.unfinished(job.pk), os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
    (_as_xlsx if job.format == "xlsx" else _as_csv)(files.unfinished(job.pk), header, lines)


def _noted(job: TableExport, lines: Iterator[list[str]]) -> Iterator[list[str]]:
    """The lines, while the job says how many there were."""
    done = 0
    while batch := list(islice(lines, NOTED_EVERY)):
        yield from batch
        done += len(batch)
        jobs.move(job, done=done)


def _as_csv(path: Path, header: list[str], lines: Iterator[list[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow([safe_cell(cell) for cell in header])
        writer.writerows([safe_cell(cell) for cell in line] for line in lines)


def _as_xlsx(path: Path, header: list[str], lines: Iterator[list[str]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for line in chain([header], lines):
        sheet.append([_as_text(sheet, cell) for cell in line])
    book.save(path)


def _as_text(sheet: Any, text: str) -> Any:
    """A cell that is text, whatever it looks like: = would be run. Control characters cannot stand in an XLSX."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    if not text.startswith("="):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def _record(job: TableExport) -> None:
    """Who took a copy, of which list and when; the filter may hold an address and is not written down."""
    LogEntry.objects.create(
        user_id=job.asked_by_id,
        content_type=ContentType.objects.get_for_model(TABLES[job.table].model),
        object_repr=f"export {job.pk}",
        action_flag=CHANGE,
        change_message=(_("Exported as %(format)s, filtered.") if job.query else _("Exported as %(format)s."))
        % {"format": job.format.upper()},
    )
