"""What imports and exports have in common: one works at a time, and whoever was killed is followed by another.

A step holds its job by a lease and writes only while the lease is its own: a step that was taken for dead, or whose
job was cancelled, finds itself fenced out. So every batch counts once.
"""

from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from celery import current_app
from django.db import transaction
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from contactcenter.foundation.logs import logger
from contactcenter.tables.models import TableExport, TableImport

STALE_S = 60.0
"""A job without a sign of life for so long has lost its worker or its message."""

MOST_RESTARTS = 5

J = TypeVar("J", TableImport, TableExport)

log = logger(__name__)


class Lost(Exception):
    """Somebody else works on this job, or nobody may any more: what was being written must not be."""


def working(model: type[TableImport] | type[TableExport]) -> Q:
    """The states in which a worker is at it."""
    return Q(state__in=TableImport.WORKING if model is TableImport else [TableExport.State.WRITING])


def claim(model: type[J], job_id: UUID) -> J | None:
    """The job, held by a new lease; None when nothing is to be done or somebody else is at it."""
    lease = str(uuid4())
    free = model._default_manager.filter(working(model), pk=job_id, lease="")
    if not free.update(lease=lease, heartbeat_at=timezone.now()):
        return None
    return model._default_manager.select_related("asked_by").get(pk=job_id)


def move(job: TableImport | TableExport, **fields: Any) -> None:
    """Update the job, first of all in a batch's transaction. Raises Lost."""
    mine = type(job)._default_manager.filter(pk=job.pk, lease=job.lease, state=job.state)
    if mine.update(heartbeat_at=timezone.now(), **fields) != 1:
        raise Lost
    for name, value in fields.items():
        if not isinstance(value, Combinable):  # what the database computes is read again where it is needed
            setattr(job, name, value)


def give_back(job: TableImport | TableExport) -> None:
    """Let the next step go on from here. Raises Lost."""
    move(job, lease="")


def broke_down(job: J) -> bool:
    """A step died: whether it is tried again."""
    model = type(job)
    mine = model._default_manager.filter(working(model), pk=job.pk, lease=job.lease)
    if job.restarts + 1 >= MOST_RESTARTS:
        words = _("It broke down again and again. Ask your administrator for the worker's log.")
        mine.update(state="failed", error=words, lease="", finished_at=timezone.now())
        return False
    return bool(mine.update(restarts=F("restarts") + 1, lease="", heartbeat_at=timezone.now()))


def cancel(job: J) -> bool:
    """End it at once; whether it had not ended yet. A step that is at it finds itself fenced out."""
    model = type(job)
    ended = {"state": "cancelled", "lease": "", "finished_at": timezone.now()}
    open_states = working(model) | Q(state__in=["uploaded", "ready"] if model is TableImport else [])
    return bool(model._default_manager.filter(open_states, pk=job.pk).update(**ended))


def take_stale(model: type[J], stale_after: float) -> list[UUID]:
    """Jobs that need to be woken up; those whose worker fell silent are taken from it."""
    silent_since = timezone.now() - timedelta(seconds=stale_after)
    stale = model._default_manager.filter(working(model)).filter(
        Q(heartbeat_at__lte=silent_since) | Q(heartbeat_at=None, created_at__lte=silent_since)
    )
    return [job.pk for job in stale if not job.lease or broke_down(job)]


def wake(task: str, job_id: UUID) -> None:
    """Queue the next step once the caller has committed. A lost message is made good by the dispatcher."""
    transaction.on_commit(lambda: _send(task, job_id))


def _send(task: str, job_id: UUID) -> None:
    try:
        current_app.send_task(f"contactcenter.tables.tasks.{task}", [str(job_id)], retry=False)
    except (OperationalError, OSError):
        log.warning("table_wake_up_not_sent", job=str(job_id))
