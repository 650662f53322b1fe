"""What Celery does for files. A message only wakes somebody up: the database says what is to be done."""

from datetime import timedelta
from time import monotonic

from celery import shared_task
from django.conf import settings
from django.contrib import admin
from django.utils import timezone

from contactcenter.tables import exports, files, imports, jobs
from contactcenter.tables.models import TableExport, TableImport

STEP_S = 50.0
"""What one step works before it makes room for others."""

LONGEST_S = 1200
"""Unpacking a workbook, and writing a file, are done in one go; well below the broker's patience."""


@shared_task(ignore_result=True, soft_time_limit=LONGEST_S, time_limit=LONGEST_S + 60)
def import_step(job_id: str) -> None:
    """Work one import forward for a while; the next step is queued when this one has committed."""
    if imports.step(job_id, monotonic() + STEP_S):
        import_step.delay(job_id)


@shared_task(ignore_result=True, soft_time_limit=LONGEST_S, time_limit=LONGEST_S + 60)
def export_step(job_id: str) -> None:
    """Write one file."""
    admin.autodiscover()  # it holds what a list of the admin shows, and a worker starts without pages
    exports.step(job_id)


@shared_task(ignore_result=True)
def look_after(stale_after: float = jobs.STALE_S) -> None:
    """Wake what lost its worker or message, and forget what has become old."""
    for job_id in jobs.take_stale(TableImport, stale_after):
        import_step.delay(str(job_id))
    for job_id in jobs.take_stale(TableExport, stale_after):
        export_step.delay(str(job_id))
    forget_old()


def forget_old() -> None:
    """Files, and what stood in them, go after a day; that there was an import or export as long as any history."""
    now = timezone.now()
    over = now - exports.KEPT_FOR
    old = TableImport.objects.filter(created_at__lt=over).exclude(kind="")
    at_work = TableImport.objects.filter(state__in=TableImport.WORKING)
    being_undone = at_work.exclude(undoes=None).values("undoes")
    for job in old.exclude(pk__in=at_work).exclude(pk__in=being_undone):
        imports.forget(job)
        TableImport.objects.filter(pk=job.pk).update(kind="")
    for export in TableExport.objects.filter(created_at__lt=over):
        files.forget(export.pk)
        export.delete()
    if settings.HISTORY_KEPT_DAYS:
        TableImport.objects.filter(created_at__lt=now - timedelta(days=settings.HISTORY_KEPT_DAYS)).delete()
