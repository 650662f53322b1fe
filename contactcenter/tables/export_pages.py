"""Export: choose a file, fetch it now or when it is ready. A file is only for whoever asked for it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from contactcenter.tables import exports, files, frame, jobs, progress
from contactcenter.tables.models import TableExport
from contactcenter.tables.registry import TABLES
from routing.masking import SEES_CALLERS

TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
State = TableExport.State


def export(request: HttpRequest, table: str) -> HttpResponseBase:
    """The choice, with the files that this person asked for; a short list comes at once."""
    about = frame.table_of(table)
    frame.exporting(request, about)
    user: Any = request.user
    query = request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode()
    if request.method == "POST":
        fmt = request.POST.get("format", "")
        try:
            job = exports.begin(table, fmt if fmt in TYPES else "csv", query[:2000], user, get_language() or "en")
        except IncorrectLookupParameters:
            messages.error(request, _("The list cannot be filtered so. Open it again and export from there."))
            return redirect("tables_export", table=table)
        return _file(job) if job.state == State.READY else redirect("tables_export", table=table)
    mine = TableExport.objects.filter(table=table, asked_by=user.pk)[:10]
    now = timezone.now()
    context: dict[str, Any] = {
        "query": query,
        "exports": [(job, progress.of_export(job, now)) for job in mine],
        "writing": next((job for job in mine if job.state == State.WRITING), None),
        "is_masked": table == "customers" and not user.has_perm(SEES_CALLERS),
        "things": capfirst(str(about.model._meta.verbose_name_plural)),
    }
    return frame.page(request, about, "export", _("Export"), **context)


@require_GET
def progress_of(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The export as it stands, for the page that watches it."""
    return JsonResponse(progress.of_export(_own(request, job_id), timezone.now()))


@require_POST
def cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """End it at once."""
    job = _own(request, job_id)
    if jobs.cancel(job):
        files.forget(job.pk)
        messages.success(request, _("The export is cancelled."))
    return redirect("tables_export", table=job.table)


@require_GET
def download(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    """The file, for whoever asked for it and may still see the list."""
    job = _own(request, job_id)
    if job.state != State.READY:
        raise Http404
    if not files.place(job.pk).exists():
        messages.error(request, files.OUT_OF_REACH)
        return redirect("tables_export", table=job.table)
    return _file(job)


def _own(request: HttpRequest, job_id: UUID) -> TableExport:
    job = get_object_or_404(TableExport, pk=job_id, asked_by=request.user.pk)
    frame.exporting(request, TABLES[job.table])
    return job


def _file(job: TableExport) -> HttpResponseBase:
    name = f"{job.table}-{job.created_at:%Y-%m-%d}.{job.format}"
    return FileResponse(
        files.place(job.pk).open("rb"), as_attachment=True, filename=name, content_type=TYPES[job.format]
    )
