"""Rows that are worked off by several workers at once: whoever moves `due_at` ahead has the row for a while.

A worker that dies keeps nothing: its row is due again when the lease ends. Whatever it writes in the end it
writes only while the lease is still its own.
"""

from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from routing.models import Delivery, InboundMessage, Notification

Leased = TypeVar("Leased", InboundMessage, Delivery, Notification)

LEASE = timedelta(seconds=90)
_random = SystemRandom()


def some(due: "QuerySet[Leased]", now: datetime, most: int) -> list[Leased]:
    """The first rows of `due`, each of them ours until its lease ends. What others are taking is passed over."""
    with transaction.atomic():
        waiting = due.filter(state="waiting", due_at__lte=now).select_for_update(skip_locked=True, of=("self",))
        rows = list(waiting[:most])
        until = now + LEASE
        due.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(due_at=until)
    for row in rows:
        row.due_at = until
    return rows


def finish(row: Leased, **fields: Any) -> bool:
    """Write `fields` if the row is still ours; whether it was."""
    return _mine(row).update(**fields) == 1


def pause(after_attempts: int, delays: tuple[float, ...], asked_for: float | None = None) -> timedelta | None:
    """How long to wait after so many attempts; None when it was the last one. Never less than was asked for."""
    if after_attempts > len(delays):
        return None
    longest = delays[after_attempts - 1]
    # Jitter: what failed together should not come back together.
    return timedelta(seconds=max(_random.uniform(longest * 0.75, longest * 1.25), asked_for or 0.0))


def _mine(row: Leased) -> "QuerySet[Leased]":
    rows: QuerySet[Leased] = type(row)._default_manager.filter(pk=row.pk, state="waiting", due_at=row.due_at)
    return rows
