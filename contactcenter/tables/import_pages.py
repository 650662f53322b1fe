"""Import: hand in a file, say what its columns mean, see what would happen, confirm, and what came of it."""

import csv
from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.utils import label_for_field
from django.db.models import Count, Exists, Min, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from contactcenter.tables import columns, files, frame, imports, jobs, progress, reading, undo_pages
from contactcenter.tables.forms import FileForm
from contactcenter.tables.models import ImportRow, TableImport
from contactcenter.tables.registry import TABLES
from customers.admin.rejects import safe_cell
from customers.crm.lists import ListError

SHOWN = 100
State, Kind = TableImport.State, ImportRow.Kind


def hand_in(request: HttpRequest, table: str) -> HttpResponse:
    """The empty form, or the file that was handed in."""
    about = frame.table_of(table)
    frame.importing(request, about)
    is_sent = request.method == "POST"
    form = FileForm(request.POST if is_sent else None, request.FILES or None, has_regions=about.has_regions)
    if is_sent and form.is_valid():
        try:
            return _begin(request, table, form)
        except ListError as error:
            form.add_error("file", str(error))
    is_undone = Exists(TableImport.objects.filter(undoes=OuterRef("pk"), state=State.DONE))
    recent = frame.imports_seen(request).filter(table=table, undoes=None).annotate(is_undone=is_undone)[:5]
    return frame.page(request, about, "hand_in", _("Import"), form=form, recent=recent)


def too_large(request: HttpRequest, table: str) -> HttpResponse:
    """Said before anything of the file is read."""
    about = frame.table_of(table)
    form = FileForm(has_regions=about.has_regions)
    answer = frame.page(request, about, "hand_in", _("Import"), form=form, too_large=True)
    answer.status_code = 413
    return answer


def _begin(request: HttpRequest, table: str, form: FileForm) -> HttpResponse:
    """Keep the file; where all is clear it is looked at, else its columns are asked for. Raises ListError."""
    file = form.cleaned_data["file"]
    user: Any = request.user
    job = TableImport(
        table=table,
        asked_by=user,
        language=get_language() or "en",
        file_name=str(file.name)[-120:],
        region=form.cleaned_data.get("region", ""),
        empties=form.cleaned_data["empties"],
    )
    try:
        files.keep(job.pk, file.chunks())
        _inspect(job)
        job.save()
    finally:
        if job._state.adding:  # it was refused, or the disk is full
            files.forget(job.pk)
    known = TABLES[table].columns()
    if all(job.columns) and len(job.sheets) < 2 and not columns.problem_of(job.columns, known):
        imports.look(job)
    return redirect("tables_import", job_id=job.pk)


def _inspect(job: TableImport) -> None:
    """Find out how the file is to be read, and what its columns mean. Raises ListError."""
    shape = reading.inspect(files.place(job.pk))
    job.kind, job.encoding, job.delimiter, job.sheets = shape.kind, shape.encoding, shape.delimiter, shape.sheets
    for job.sheet in shape.sheets or [""]:
        try:
            job.columns = columns.recognise(_header(job), TABLES[job.table].columns())
            imports.count_up_to(job, 1)
            return
        except ListError:
            if job.sheet in shape.sheets[-1:] or not shape.sheets:  # the last one says why
                raise


def _header(job: TableImport) -> list[str]:
    with reading.opened(files.place(job.pk), imports.shape_of(job), job.sheet) as found:
        return found.header


def job_page(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One import, as far as it is; what is pressed is done."""
    job = frame.import_of(request, job_id)
    if request.method == "POST":
        problem = _press(request, job)
        if not problem:
            return redirect("tables_import", job_id=job.pk)
        messages.error(request, problem)
        job.refresh_from_db(fields=["state"])
    return undo_pages.shown(request, job) if job.undoes_id else _shown(request, job)


def _press(request: HttpRequest, job: TableImport) -> str:
    """Do what was asked for; why not, in words, where it cannot be."""
    if "cancel" in request.POST:
        if jobs.cancel(job):
            imports.abandon(job)
            words = _("The undo is cancelled.") if job.undoes_id else _("The import is cancelled.")
            messages.success(request, words)
        return ""
    if not job.kind:
        return str(undo_pages.TOO_LATE) if job.undoes_id else _("The file was kept for a day. Upload it again.")
    if job.asked_by_id != request.user.pk:
        return _("Only %(person)s can go on with this file. Upload it yourself.") % {"person": job.asked_by}
    if job.undoes:
        return undo_pages.confirm(job, job.undoes)
    if "confirm" in request.POST:
        return _confirm(request, job)
    return _look(request, job)


def _look(request: HttpRequest, job: TableImport) -> str:
    """Look at the file by the columns that were chosen."""
    if job.state in (*TableImport.WORKING, State.DONE):
        return _("This import is at work, or done.")
    before = job.sheet
    if request.POST.get("sheet") in job.sheets:
        job.sheet = request.POST["sheet"]
    known = TABLES[job.table].columns()
    names = {column.name for column in known}
    try:
        header = _header(job)
        if job.sheet != before:
            job.columns = columns.recognise(header, known)
            job.save(update_fields=["sheet", "columns"])
            return ""
        asked = [request.POST.get(f"column-{number}", "") for number in range(len(header))]
        job.columns = [meaning if meaning in names else "" for meaning in asked]
        if problem := columns.problem_of(job.columns, known):
            return problem
        if not all(job.columns) and "leave_out" not in request.POST:
            return _("Some columns mean nothing here. Choose what they mean, or tick that they are left out.")
        imports.look(job)
    except ListError as error:
        return str(error)
    return ""


def _confirm(request: HttpRequest, job: TableImport) -> str:
    if job.refused and "leave_refused" not in request.POST:
        return _("Some lines were refused. Mend the file, or tick that the rest is imported without them.")
    try:
        imports.confirm(job)
    except imports.Busy:
        return _("Somebody else's import of this table is at work. Try again when it is done.")
    except imports.Outdated:
        imports.look(job)
        return _("The table was imported into meanwhile. This is what the file would do now.")
    return ""


def _shown(request: HttpRequest, job: TableImport) -> HttpResponse:
    """The page of the state that the import is in."""
    about = TABLES[job.table]
    labels = {column.name: column.shown for column in about.columns()}
    state = progress.of_import(job, timezone.now())
    context: dict[str, Any] = {"job": job, "progress": state, "most": SHOWN}
    context["figures"] = [
        (name, label_for_field(name, TableImport), state["figures"][name]) for name in progress.OF_IMPORTS
    ]
    if job.state in (State.UPLOADED, State.READY, State.FAILED) and job.kind:
        context |= _columns(job, about.columns())
    if job.state in (State.READY, State.DONE, State.FAILED):
        context["refused"] = [(row, labels.get(row.column, row.column)) for row in _first(job, Kind.REFUSED)]
    if job.state == State.READY:
        context["new"] = [(row, _words(row, labels), more) for row, more in _new_lines(job)]
        context["changed"] = [(row, _words(row, labels)) for row in _first(job, Kind.CHANGED)]
        context["has_something"] = bool(job.new or job.changed)
    if job.state == State.DONE:
        context["result"] = progress.result(job)
    context |= undo_pages.offer(job)
    return frame.page(request, about, "import", _("Import of %(file)s") % {"file": job.file_name}, **context)


def _columns(job: TableImport, known: list[columns.Column]) -> dict[str, Any]:
    """The columns of the file, each with an example and what it means."""
    try:
        with reading.opened(files.place(job.pk), imports.shape_of(job), job.sheet) as found:
            first = list(islice(found.rows, reading.EXAMPLES))
            header = found.header
    except (ListError, OSError):
        return {}
    chosen = [*job.columns, *[""] * len(header)]
    rows = [
        (number, name, next((row.values[name] for row in first if row.values.get(name)), ""), chosen[number])
        for number, name in enumerate(header)
    ]
    unknown = [name for _number, name, _example, meaning in rows if not meaning]
    return {"columns": rows, "meanings": [(each.name, each.shown) for each in known], "unknown": unknown}


def _first(job: TableImport, kind: str) -> list[ImportRow]:
    return list(job.rows.filter(kind=kind).order_by("pk")[:SHOWN])


def _new_lines(job: TableImport) -> list[tuple[ImportRow, int]]:
    """The first of what each line adds, and how much more of the same: a line can be a range."""
    lines = job.rows.filter(kind=Kind.NEW).order_by("line").values_list("line").annotate(Min("pk"), Count("pk"))[:SHOWN]
    more = {first: count - 1 for _line, first, count in lines}
    return [(row, more[row.pk]) for row in job.rows.filter(pk__in=more).order_by("pk")]


def _words(row: ImportRow, labels: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(labels.get(name, name), before, after) for name, before, after in row.changes if before or after]


@require_GET
def job_progress(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The import as it stands, for the page that watches it."""
    return JsonResponse(progress.of_import(frame.import_of(request, job_id), timezone.now()))


@require_GET
def refused(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    """The lines that were refused, with why: to be mended and handed in again."""
    job = frame.import_of(request, job_id)
    if not job.kind or not files.place(job.pk).exists():
        messages.error(request, _("The file was kept for a day. Upload it again."))
        return redirect("tables_import", job_id=job.pk)
    answer = StreamingHttpResponse(_as_csv(imports.refused_lines(job)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="refused-{job.table}.csv"'
    return answer


class _Echo:
    """Gives back what it is asked to write: the file is never whole in memory."""

    def write(self, text: str) -> str:
        return text


def _as_csv(lines: Iterator[list[str]]) -> Iterator[str]:
    writer: Any = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield "\ufeff"  # without it some spreadsheets read another character set
    for line in lines:
        yield writer.writerow([safe_cell(cell) for cell in line])
