"""Undo an import: see in words what goes back, what is deleted and what is left alone, confirm, and what came of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contactcenter.tables import exports, frame, imports, progress, undoing
from contactcenter.tables.models import ImportRow, TableImport
from contactcenter.tables.registry import TABLES
from customers.admin.run_progress import figure

SHOWN = 100
TOO_LATE = gettext_lazy("This import can no longer be undone: what was there before is kept for a day.")
State, Kind = TableImport.State, ImportRow.Kind


@require_POST
def begin(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Look at what would go back."""
    job = frame.import_of(request, job_id)
    if earlier := undoing.undone(job):
        return redirect("tables_import", job_id=earlier.pk)
    if not undoing.may_be_undone(job):
        messages.error(request, TOO_LATE)
        return redirect("tables_import", job_id=job.pk)
    user: Any = request.user
    undo = undoing.begun(job, user, get_language() or "en")
    if undo.state != State.READING:
        imports.look(undo)
    return redirect("tables_import", job_id=undo.pk)


def confirm(undo: TableImport, job: TableImport) -> str:
    """Have `job` undone; why not, in words, where it cannot be."""
    if earlier := undoing.undone(job):
        return (
            ""
            if earlier == undo
            else _("This import was undone already, by %(person)s.") % {"person": earlier.asked_by}
        )
    try:
        imports.confirm(undo)
    except imports.Busy:
        return _("Somebody else's import of this table is at work. Try again when it is done.")
    except imports.Outdated:
        imports.look(undo)
        return _("The table was imported into meanwhile. This is what would go back now.")
    return ""


def offer(job: TableImport) -> dict[str, Any]:
    """What the page of an import says of its undo."""
    kept_until = job.created_at + exports.KEPT_FOR
    return {"undone": undoing.undone(job), "kept_until": kept_until if undoing.may_be_undone(job) else None}


def shown(request: HttpRequest, undo: TableImport) -> HttpResponse:
    """The page of the state that the undo is in."""
    about = TABLES[undo.table]
    labels = {column.name: column.shown for column in about.columns()}
    rows = {
        kind: [(row, labels.get(row.column, row.column), _words(row, labels)) for row in _first(undo, kind)]
        for kind in (Kind.CHANGED, Kind.REMOVED, Kind.REFUSED)
        if undo.state in (State.READY, State.DONE, State.FAILED)
    }
    context: dict[str, Any] = {
        "job": undo,
        "progress": progress.of_import(undo, timezone.now()),
        "sentences": _sentences(undo),
        "rows": rows,
        "most": SHOWN,
        "has_something": bool(undo.changed or undo.removed),
        "is_live": about.slug == "customers",
    }
    return frame.page(request, about, "undo", _("Undo the import of %(file)s") % {"file": undo.file_name}, **context)


def _first(undo: TableImport, kind: str) -> list[ImportRow]:
    return list(undo.rows.filter(kind=kind).order_by("pk")[:SHOWN])


def _words(row: ImportRow, labels: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(labels.get(name, name), now, then) for name, now, then in row.changes]


def _sentences(undo: TableImport) -> list[str]:
    """What goes back, or went, a sentence for each kind."""
    if undo.state not in (State.READY, State.DONE):
        return []
    counted = _to_come(undo) if undo.state == State.READY else _done(undo)
    return [words % {"n": figure(number)} for words, number in counted if number]


def _to_come(undo: TableImport) -> list[tuple[str, int]]:
    return [
        (
            ngettext(
                "%(n)s row is changed back to what it was before.",
                "%(n)s rows are changed back to what they were before.",
                undo.changed,
            ),
            undo.changed,
        ),
        (
            ngettext(
                "%(n)s row that the import added is deleted.",
                "%(n)s rows that the import added are deleted.",
                undo.removed,
            ),
            undo.removed,
        ),
        (
            ngettext(
                "%(n)s row is left alone; below it says why.",
                "%(n)s rows are left alone; below it says why.",
                undo.refused,
            ),
            undo.refused,
        ),
        (
            ngettext(
                "%(n)s row is as it was before already.", "%(n)s rows are as they were before already.", undo.unchanged
            ),
            undo.unchanged,
        ),
    ]


def _done(undo: TableImport) -> list[tuple[str, int]]:
    went = undo.changed + undo.removed - undo.gone
    stayed = undo.refused + undo.gone
    return [
        (
            ngettext(
                "%(n)s row is as it was before the import.", "%(n)s rows are as they were before the import.", went
            ),
            went,
        ),
        (ngettext("%(n)s row was left alone.", "%(n)s rows were left alone.", stayed), stayed),
    ]
