"""What comes of an attempt to tell another system: it was told, is told again later, or is given up."""

from typing import TypeVar

from django.db.models import QuerySet
from django.utils import timezone

from contactcenter.foundation.logs import logger
from routing.helpdesks.base import DeskError, DeskUnavailable
from routing.messaging import leases
from routing.models import Delivery, Notification

log = logger(__name__)

Told = TypeVar("Told", Delivery, Notification)

DELAYS = (2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0)
"""Seconds after each attempt that failed; after the last one it is given up. 21 hours in all."""


def end(row: Told, state: str, error: str = "", *, tried: bool = True) -> None:
    """Write how it ended; nothing when the row is no longer ours."""
    leases.finish(row, state=state, attempts=row.attempts + tried, error=error, finished_at=timezone.now())


def fail(row: Told, error: DeskError) -> DeskUnavailable | None:
    """Try again later what may heal, and give up the rest; the error again if the whole system is away or busy."""
    attempts = row.attempts + 1
    asked_for = error.retry_after_s if isinstance(error, DeskUnavailable) else None
    wait = leases.pause(attempts, DELAYS, asked_for) if isinstance(error, DeskUnavailable) else None
    if wait is None:
        log.warning("delivery_given_up", kind=row._meta.model_name, row=row.pk, why=error.code)
        end(row, "dead", error.code)
    else:
        leases.finish(row, attempts=attempts, due_at=timezone.now() + wait, error=error.code)
    return error if isinstance(error, DeskUnavailable) and error.concerns_all else None


def resend(rows: "QuerySet[Told]") -> int:
    """Let what was given up be tried again from the start; how many."""
    given_up = rows.filter(state="dead")
    return given_up.update(state="waiting", attempts=0, due_at=timezone.now(), error="", finished_at=None)
