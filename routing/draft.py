"""The things of a document as they stand in the draft: rows of which tables, found by which fields."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Model

from customers.models import AttributeDefinition, DataSource, LoyaltyTier
from queues.models import Calendar, HelpDesk, PhoneSystem, Queue
from routing.models import Flow, NotificationTarget, Number
from routing.references import EMERGENCY, Thing

MODELS: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "attributes": (AttributeDefinition, ("key",)),
    "calendars": (Calendar, ("slug",)),
    "flows": (Flow, ("slug",)),
    "help_desks": (HelpDesk, ("slug",)),
    "notification_targets": (NotificationTarget, ("slug",)),
    "numbers": (Number, ("channel", "address")),
    "phone_systems": (PhoneSystem, ("slug",)),
    "queues": (Queue, ("slug",)),
    "sources": (DataSource, ("slug",)),
    "tiers": (LoyaltyTier, ("slug",)),
}
"""What lies in each part of a document, and the fields that make its key."""

MOST_AT_ONCE = 10_000
"""Keys in one query: SQLite takes 32,766."""


def in_draft(things: Iterable[Thing]) -> dict[Thing, Any]:
    """Those of the things that are in the draft, a query a part."""
    return {
        (part, key): row
        for part, keys in by_part(things).items()
        for key, row in with_keys(part, MODELS[part][0]._default_manager.all(), keys)
    }


def as_last_known(things: Iterable[Thing]) -> dict[Thing, Any]:
    """The things in the draft, and those that were deleted as their history knows them last, if one is kept."""
    asked = list(things)
    found = in_draft(asked)
    for part, keys in by_part(thing for thing in asked if thing not in found).items():
        records = history_of(MODELS[part][0])
        if records is not None:
            latest = with_keys(part, records.order_by("history_date", "history_id"), keys)
            found |= {(part, key): record for key, record in latest}
    return found


def with_keys(part: str, rows: Any, keys: set[str]) -> Iterator[tuple[str, Any]]:
    """Those of `rows`, things of a part or records of them, that have one of the keys, each with its key."""
    _model, fields = MODELS[part]
    # By the last field, which is almost unique, in the database; by all of them here.
    last = sorted({key.split(":", len(fields) - 1)[-1] for key in keys})
    for start in range(0, len(last), MOST_AT_ONCE):
        for row in rows.filter(**{f"{fields[-1]}__in": last[start : start + MOST_AT_ONCE]}):
            key = ":".join(str(getattr(row, field)) for field in fields)
            if key in keys:
                yield key, row


def history_of(model: type[Model]) -> Any:
    """The records that a model keeps of itself; None where it keeps none."""
    return getattr(model, "history", None)


def by_part(things: Iterable[Thing]) -> dict[str, set[str]]:
    """The keys of the things in each part."""
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for part, key in things:
        if part != EMERGENCY:
            keys[part].add(key)
    return keys
