"""How far a file is, in words and figures ready to be shown."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contactcenter.tables.models import TableExport, TableImport
from customers.admin.run_progress import figure, time_left

OF_IMPORTS = ("new", "changed", "unchanged", "refused")
OF_UNDOS = ("changed", "removed", "unchanged", "refused")


def of_import(job: TableImport, now: datetime) -> dict[str, Any]:
    """How far an import is; `share` is of the phase it is in, 0 to 1, None when nobody knows."""
    is_working = job.state in TableImport.WORKING
    figures = {name: figure(getattr(job, name)) for name in {*OF_IMPORTS, *OF_UNDOS}}
    return {
        **_rate(job, now, is_working),
        "words": _of_undo(job) if job.undoes_id else _of_import(job),
        "finished": not is_working,
        "figures": figures,
    }


def _of_import(job: TableImport) -> str:
    state = TableImport.State
    words = {
        state.UPLOADED: _("Choose what the columns mean."),
        state.READING: _("The file is being looked at. Nothing has been altered yet."),
        state.READY: _("This is what would happen. Nothing has been altered yet."),
        state.APPLYING: _("The file is being imported."),
        state.DONE: _("Imported."),
        state.CANCELLED: _("Cancelled. Nothing was altered.")
        if not job.applied_key
        else _("Cancelled. What was imported until then stays."),
        state.FAILED: _("Failed. Nothing was altered.")
        if not job.applied_key
        else _("Failed. What was imported until then stays."),
    }
    return words[state(job.state)]


def _of_undo(job: TableImport) -> str:
    state = TableImport.State
    words = {
        state.READING: _("What the import did is being looked at. Nothing has been altered yet."),
        state.READY: _("This is what would go back. Nothing has been altered yet."),
        state.APPLYING: _("The import is being undone."),
        state.DONE: _("The import is undone."),
        state.CANCELLED: _("Cancelled. Nothing was altered.")
        if not job.applied_key
        else _("Cancelled. What went back until then stays so; the rest can still be undone."),
        state.FAILED: _("Failed. Nothing was altered.")
        if not job.applied_key
        else _("Failed. What went back until then stays so; the rest can still be undone."),
    }
    return words[state(job.state)]


def of_export(job: TableExport, now: datetime) -> dict[str, Any]:
    """How far an export is."""
    is_working = job.state == TableExport.State.WRITING
    words = _("The file is being written. You may leave this page; the file stays for a day.")
    return {**_rate(job, now, is_working), "words": words, "finished": not is_working, "figures": {}}


def _rate(job: TableImport | TableExport, now: datetime, is_working: bool) -> dict[str, Any]:
    seconds = max((now - (job.began_at or job.created_at)).total_seconds(), 1)
    rate = job.done / seconds
    return {
        "state": job.state,
        "share": min(job.done / job.expected, 1) if job.expected else None,
        "rate": _("%(rate)s a second") % {"rate": figure(round(rate))} if is_working and job.done else "",
        "remaining": time_left(job.expected - job.done, rate) if is_working else "",
    }


def result(job: TableImport) -> str:
    """What came of an import, as a sentence."""
    done = job.new + job.changed - job.gone
    words = ngettext("%(n)s row was imported.", "%(n)s rows were imported.", done) % {"n": figure(done)}
    if job.gone:
        left = ngettext(
            "%(n)s was left out: it was added or removed by somebody meanwhile.",
            "%(n)s were left out: they were added or removed by somebody meanwhile.",
            job.gone,
        )
        words = f"{words} {left % {'n': figure(job.gone)}}"
    return words
