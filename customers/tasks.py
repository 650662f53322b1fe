"""What Celery does for the customers. A message only wakes somebody up: the database says what is to be done."""

from time import monotonic, sleep

from celery import shared_task
from django.utils import timezone

from contactcenter.foundation.logs import logger
from customers import runs, schedule, sync, uploads
from customers.models import CrmConnection, SyncRun

log = logger(__name__)

WAITS_S = 5.0
"""A longer pause is left to the dispatcher. No message has a countdown: a worker holds such a one in its memory, and
gets stuck on it when the broker is lost meanwhile."""


@shared_task(ignore_result=True, acks_late=True)
def sync_step(run_id: int) -> None:
    """Work one run forward for a while; the next step is queued when this one has committed."""
    pause_s = sync.step(run_id, deadline=monotonic() + sync.STEP_S)
    if pause_s is not None and pause_s <= WAITS_S:
        sleep(pause_s)
        sync.wake(run_id)


@shared_task(ignore_result=True)
def nightly_sync(connection_id: int) -> None:
    """Start the nightly run of one connection, unless one is running already or this night has had its own."""
    try:
        connection = CrmConnection.objects.get(pk=connection_id)
        sync.start(connection, SyncRun.Trigger.SCHEDULE, slot=schedule.slot(connection, timezone.now()))
    except (sync.CannotStart, CrmConnection.DoesNotExist) as reason:
        log.info("nightly_sync_not_started", connection=connection_id, reason=type(reason).__name__)


@shared_task(ignore_result=True)
def dispatch_due(stale_after: float = runs.STALE_S) -> None:
    """Queue every run that should be working and shows no sign of life: its message or its worker was lost.

    A night whose message was lost before any run came of it is begun here, and lists that have been read are forgotten.
    """
    for run_id in runs.take_stale(stale_after):
        sync.wake(run_id)
    for connection in schedule.missed(timezone.now()):
        nightly_sync(connection.pk)
    uploads.forget_read()
