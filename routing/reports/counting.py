"""Keeps the report intervals up to date: what arrives, however late, has its quarter of an hour counted anew."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import Max, Model

from routing.models import BranchInterval, ContactEvent, Decision, ReportInterval, ReportMark
from routing.reports.contacts import AT_ONCE, Promises, contacts
from routing.reports.intervals import QUARTER, added_up, quarter_of

SLICE = 2_000
"""Rows that one transaction goes through."""

LATE_BY = 20_000
"""A row may become visible after rows with higher ids: each is looked at in two rounds, if it is not further behind."""

NEAR = timedelta(hours=1)
"""Quarters that are no further apart are counted together: fewer queries, some contacts more."""


def count_new(deadline: float) -> bool:
    """Count what has arrived since the last time; False when `deadline` (monotonic) came first. Safe to repeat."""
    promises = Promises()
    for model in SOURCES:
        _begin_round(model)
    for model, quarters_of in SOURCES.items():
        while _count_slice(model, quarters_of, promises):
            if monotonic() >= deadline:
                return False
    return True


def count(start: datetime, end: datetime, promises: Promises) -> int:
    """Count the quarters from `start` to `end` anew, in one transaction; how many contacts there were."""
    with transaction.atomic():
        lock()
        return _count(quarter_of(start), quarter_of(end - timedelta(microseconds=1)) + QUARTER, promises)


def _count(start: datetime, end: datetime, promises: Promises) -> int:
    decisions = Decision.objects.filter(decided_at__gte=start, decided_at__lt=end).order_by()
    rows, branches = added_up(contacts(decisions, promises))
    replace(ReportInterval, start, end, rows)
    replace(BranchInterval, start, end, branches)
    return sum(row.contacts for row in rows)


def replace(model: Any, start: datetime, end: datetime, rows: list[Any]) -> None:
    """Only `rows` are in the table from `start` to `end`."""
    model.objects.filter(starts_at__gte=start, starts_at__lt=end).delete()
    model.objects.bulk_create(rows, batch_size=500)


def lock() -> None:
    """One at a time: two who count the same quarter would both insert it."""
    ReportMark.objects.get_or_create(pk=Decision._meta.db_table)
    ReportMark.objects.select_for_update().get(pk=Decision._meta.db_table)


def _begin_round(model: type[Model]) -> None:
    """Where the last round has ended, a new one begins: behind the round before it, so that late rows are seen."""
    with transaction.atomic():
        lock()
        newest = _manager(model).aggregate(newest=Max("pk"))["newest"] or 0
        # The events that are there at the very first round are counted with their decisions.
        seen = newest if model is ContactEvent else 0
        mark, _made = ReportMark.objects.get_or_create(
            pk=model._meta.db_table, defaults={"cursor": seen, "round_to": seen, "last_to": seen}
        )
        if mark.cursor < mark.round_to:
            return
        mark.cursor = max(mark.last_to, mark.round_to - LATE_BY)
        mark.last_to, mark.round_to = mark.round_to, newest
        mark.save()


def _count_slice(model: type[Model], quarters_of: Callable[[Any], set[datetime]], promises: Promises) -> bool:
    """Count the quarters that the next rows belong to; False when the round is at its end."""
    with transaction.atomic():
        lock()
        mark = ReportMark.objects.get(pk=model._meta.db_table)
        rows = _manager(model).filter(pk__gt=mark.cursor, pk__lte=mark.round_to).order_by("pk")
        last = list(rows.values_list("pk", flat=True)[:SLICE])[-1:]
        if not last:
            ReportMark.objects.filter(pk=mark.pk).update(cursor=mark.round_to)
            return False
        for start, end in _runs(quarters_of(rows.filter(pk__lte=last[0]))):
            _count(start, end, promises)
        ReportMark.objects.filter(pk=mark.pk).update(cursor=last[0])
    return True


def _manager(model: type[Model]) -> Any:
    return model._default_manager


def _of_decisions(decisions: Any) -> set[datetime]:
    """Their quarters; of a call that came back also those of its earlier decisions: events move between them."""
    rows = list(decisions.values_list("decided_at", "attempt", "call_id"))
    came_back = {call_id for _at, attempt, call_id in rows if attempt}
    return {quarter_of(at) for at, _attempt, _call_id in rows} | _quarters("call_id", came_back)


def _of_events(events: Any) -> set[datetime]:
    """The quarters of the decisions that these events are about."""
    rows = list(events.values_list("decision_id", "call_id"))
    by_call = {call_id for decision_id, call_id in rows if not decision_id}
    return _quarters("decision_id", {decision_id for decision_id, _call_id in rows}) | _quarters("call_id", by_call)


def _quarters(column: str, wanted: set[str]) -> set[datetime]:
    ordered, found = sorted(wanted - {""}), set()
    for place in range(0, len(ordered), AT_ONCE):
        some = Decision.objects.filter(**{f"{column}__in": ordered[place : place + AT_ONCE]})
        found |= {quarter_of(at) for at in some.values_list("decided_at", flat=True)}
    return found


def _runs(quarters: Iterable[datetime]) -> list[tuple[datetime, datetime]]:
    """Quarters that are near each other as one stretch."""
    runs: list[tuple[datetime, datetime]] = []
    for quarter in sorted(quarters):
        if runs and quarter - runs[-1][1] <= NEAR:
            runs[-1] = (runs[-1][0], quarter + QUARTER)
        else:
            runs.append((quarter, quarter + QUARTER))
    return runs


SOURCES: dict[type[Model], Callable[[Any], set[datetime]]] = {Decision: _of_decisions, ContactEvent: _of_events}
