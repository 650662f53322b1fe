"""Rows that are worked off by several workers at once: whoever moves `due_at` ahead has the row for a while.

A worker that dies keeps nothing: its row is due again when the lease ends. Whatever it writes in the end it
writes only while the lease is still its own.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any, TypeVar

from django.db.models import QuerySet

from routing.models import Delivery, InboundMessage

Leased = TypeVar("Leased", InboundMessage, Delivery)

LEASE = timedelta(seconds=90)
CANDIDATES = 50
_random = SystemRandom()


def each(due: "QuerySet[Leased]", now: Callable[[], datetime]) -> Iterator[Leased]:
    """Rows of `due`, one after another, each of them ours until its lease ends."""
    while candidates := list(due.filter(state="waiting", due_at__lte=now())[:CANDIDATES]):
        for row in candidates:
            until = now() + LEASE
            if _mine(row).update(due_at=until):
                row.due_at = until
                yield row


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
