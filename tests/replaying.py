"""What many tests begin with is worked out once in a process; after that its rows are written as they were.

Rows lie in the database as whoever made them left them, their history and what couriers hear of them among them, at a
twentieth of what saving each of them costs. Their keys were given out once and are not given out again.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from contactcenter.audit.models import ChainEnd, Event

NOT_TOLD_AGAIN = (Event._meta.db_table, ChainEnd._meta.db_table)
"""A chain, in which each link holds on to the one before it."""

_known: dict[str, dict[str, list[Any]]] = {}


def replayed(name: str, write: Callable[[], object]) -> None:
    """What `write` adds to the database. It must alter nothing that is there, and always add the same."""
    if name in _known:
        with transaction.atomic():  # relations are checked at its end: the order does not matter
            for table, rows in _known[name].items():
                _put(table, rows)
        return
    before = _tables()
    write()
    added = {table: [row for row in rows if row not in before[table]] for table, rows in _tables().items()}
    _known[name] = {table: rows for table, rows in added.items() if rows}


def _tables() -> dict[str, list[Any]]:
    with connection.cursor() as cursor:
        names = [
            each.name
            for each in connection.introspection.get_table_list(cursor)
            if each.type == "t" and each.name not in NOT_TOLD_AGAIN
        ]
        return {table: _rows(cursor.cursor, table) for table in map(connection.ops.quote_name, names)}


def _rows(cursor: Any, table: str) -> list[Any]:
    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY {table} TO STDOUT") as lines:
            return [bytes(line) for line in lines]
    columns = cursor.execute(f"SELECT * FROM {table} LIMIT 0", ()).description
    as_stored = ", ".join(f'+"{column[0]}"' for column in columns)  # a bare column is turned into what Django reads
    return list(cursor.execute(f"SELECT {as_stored} FROM {table}", ()))


def _put(table: str, rows: list[Any]) -> None:
    with connection.cursor() as wrapped:
        cursor: Any = wrapped.cursor
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} FROM STDIN") as lines:
                lines.write(b"".join(rows))
        else:
            cursor.executemany(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(rows[0]))})", rows)
