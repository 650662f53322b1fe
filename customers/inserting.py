"""New rows by the thousand: by COPY where the database has it, by INSERT elsewhere. The rows are the same."""

from collections.abc import Sequence
from typing import Any

import orjson
from django.db import connection, models
from django.db.models.expressions import DatabaseDefault

BATCH = 500
"""Rows of one INSERT: SQLite's measure for not keeping other writers waiting."""


def insert(rows: Sequence[models.Model]) -> None:
    """Write rows of one model, none of which is there yet, and give them their keys, in the caller's transaction."""
    if not rows:
        return
    if connection.vendor == "postgresql":
        _number(rows)
        _copy(rows)
    else:
        type(rows[0])._default_manager.bulk_create(rows, batch_size=BATCH)


def _number(rows: Sequence[models.Model]) -> None:
    """Draw the keys beforehand: COPY does not give them back."""
    options = rows[0]._meta
    with connection.cursor() as cursor:
        sequence = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
        cursor.execute(sequence, [options.db_table, options.pk.column, len(rows)])
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key
            row._state.adding = False


def _copy(rows: Sequence[models.Model]) -> None:
    fields = [field for field in rows[0]._meta.concrete_fields if not _is_left_to_the_database(rows[0], field)]
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    readers = [(field.attname, orjson.dumps if isinstance(field, models.JSONField) else None) for field in fields]
    statement = f"COPY {connection.ops.quote_name(rows[0]._meta.db_table)} ({names}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([_value(row, name, dump) for name, dump in readers])


def _is_left_to_the_database(row: models.Model, field: Any) -> bool:
    return isinstance(getattr(row, field.attname), DatabaseDefault)


def _value(row: models.Model, name: str, dump: Any) -> Any:
    value = getattr(row, name)
    return dump(value).decode() if dump else value
