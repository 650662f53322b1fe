"""How staged rows are written and taken away: thousands at a time, by COPY where the database has it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import OperationalError, connection, transaction
from django.db.models import Model, QuerySet

from contactcenter.foundation.parameters import numbers, texts
from customers.crm.mapping import Rejection
from customers.models import RejectedRow, StagedRecord, SyncRun
from customers.records import Wanted

BATCH = 500
"""Rows written by one statement where there is no COPY: SQLite's measure for not keeping other writers waiting."""

CLEARED_AT_ONCE = 20_000

QUARANTINED = "record"
"""The field named by a row that was set aside because the sync broke down over it."""

_COPY = """
    COPY customers_stagedrecord
    (run_id, external_id, operation, fingerprint, mapped, customer_id, old_tier_id, new_tier_id) FROM STDIN"""


@dataclass(frozen=True)
class Row:
    """A row to be staged."""

    external_id: str
    operation: str
    fingerprint: str = ""
    wanted: Wanted = field(default_factory=Wanted)
    customer_id: int | None = None
    old_tier: int | None = None
    new_tier: int | None = None


def write(run: SyncRun, rows: Iterable[Row]) -> None:
    """Write `rows`, none of which the run has staged already, in the caller's transaction."""
    if connection.vendor == "postgresql":
        _copy(run, rows)
        return
    StagedRecord.objects.bulk_create((_record(run, row) for row in rows), batch_size=BATCH)


def _copy(run: SyncRun, rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            mapped = orjson.dumps(row.wanted.as_json()).decode()
            known = (row.customer_id, row.old_tier, row.new_tier)
            copy.write_row((run.pk, row.external_id, row.operation, row.fingerprint, mapped, *known))


def analyse(*tables: type[Model]) -> None:
    """Let the database look at tables that are others now: planning for what they were it compares each to each."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"ANALYZE {table._meta.db_table}")


def _record(run: SyncRun, row: Row) -> StagedRecord:
    return StagedRecord(
        run=run,
        external_id=row.external_id,
        operation=row.operation,
        fingerprint=row.fingerprint,
        mapped=row.wanted.as_json(),
        customer_id=row.customer_id,
        old_tier_id=row.old_tier,
        new_tier_id=row.new_tier,
    )


def replace(run: SyncRun, external_ids: list[str]) -> Counter[str]:
    """Take away what the run has staged of these ids, for something newer; how many, by operation."""
    rows = StagedRecord.objects.filter(run=run, external_id__in=texts(external_ids)).values_list("pk", "operation")
    found = dict(rows)
    if found:
        _raw_delete(pk__in=numbers(found))
    return Counter(found.values())


def clear(connection_id: int, but: SyncRun) -> None:
    """Forget what earlier runs of this connection staged: only the latest can be looked at or resumed."""
    earlier = SyncRun.objects.filter(connection_id=connection_id).exclude(pk=but.pk).values("pk")
    rows = StagedRecord.objects.filter(run__in=earlier).order_by().values_list("pk", flat=True)
    if rows.exists() and _truncated(StagedRecord.objects.exclude(run__in=earlier)):
        return
    while keys := list(rows[:CLEARED_AT_ONCE]):
        _raw_delete(pk__in=numbers(keys))


def _truncated(others: QuerySet[StagedRecord]) -> bool:
    """Empty the whole table at once, where that can be, it has no `others`, and nobody is at it; whether it is done."""
    if connection.vendor != "postgresql":
        return False
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute("LOCK TABLE customers_stagedrecord IN ACCESS EXCLUSIVE MODE")
            if others.exists():
                return False
            cursor.execute("TRUNCATE customers_stagedrecord")
            return True
    except OperationalError:
        return False


def _raw_delete(**lookup: Any) -> None:
    rows = StagedRecord.objects.filter(**lookup).order_by()
    rows._raw_delete(rows.db)  # nothing hangs on a staged row


def write_rejections(run: SyncRun, rejections: Iterable[Rejection]) -> None:
    """Keep which records could not be used, which field of them, and why."""
    RejectedRow.objects.bulk_create(
        (
            RejectedRow(
                run=run,
                external_id=rejection.external_id,
                field=rejection.field[:80],
                reason=rejection.reason[:200],
                page_no=run.page_no,
            )
            for rejection in rejections
        ),
        batch_size=BATCH,
    )
