"""The draft written anew, as a reset to a release does: recorded is what differs in the end.

On the way names are set aside, links emptied, rows deleted and made again; none of that is anybody's change.
"""

from contextvars import ContextVar
from typing import Any

from django.db.models import Model

from contactcenter.audit.records import PAUSED, RECORDERS
from contactcenter.foundation.noting import rewriting, rewritten

Rows = dict[type[Model], dict[Any, Model]]

REWRITTEN = {
    "customers.AttributeDefinition",
    "customers.DataSource",
    "customers.DataSourceVariable",
    "customers.LoyaltyTier",
    "queues.Calendar",
    "queues.CalendarException",
    "queues.HelpDesk",
    "queues.OpeningHours",
    "queues.PhoneSystem",
    "queues.Queue",
    "routing.Branch",
    "routing.FetchStep",
    "routing.Flow",
    "routing.NotificationTarget",
    "routing.Number",
}
"""What a document holds."""

_before: ContextVar[Rows | None] = ContextVar("rows_before", default=None)


def connect() -> None:
    """Start listening; once, when Django is ready."""
    rewriting.connect(begin)
    rewritten.connect(end)


def begin(**_: object) -> None:
    """Remember how everything stands."""
    _before.set(_rows())
    PAUSED.set(True)


def end(done: bool, **_: object) -> None:
    """Record what differs, if it came to its end."""
    before = _before.get()
    _before.set(None)
    PAUSED.set(False)
    if not done or before is None:
        return
    after = _rows()
    for model, recorder in RECORDERS.items():
        _record(recorder, before.get(model, {}), after.get(model, {}))


def _rows() -> Rows:
    return {model: model._base_manager.in_bulk() for model in RECORDERS if model._meta.label in REWRITTEN}


def _record(recorder: Any, before: dict[Any, Any], after: dict[Any, Any]) -> None:
    gone = {pk: _content(recorder, row) for pk, row in before.items() if pk not in after}
    new = {pk: _content(recorder, row) for pk, row in after.items() if pk not in before}
    for pk, content in gone.items():
        if content not in new.values():  # else it was only made again
            recorder.create_historical_record(before[pk], "-")
    for pk, content in new.items():
        if content not in gone.values():
            recorder.create_historical_record(after[pk], "+")
    for pk, row in after.items():
        if pk in before and recorder.values(before[pk]) != recorder.values(row):
            recorder.record_as_found(before[pk])
            recorder.create_historical_record(row, "~")


def _content(recorder: Any, row: Model) -> list[Any]:
    """Everything but the key."""
    values = recorder.values(row)
    return [value for name, value in values.items() if name != row._meta.pk.attname]
