"""Looks for words in everything: each table as text, each byte of a folder."""

from pathlib import Path

from django.db import connection

from contactcenter.privacy.rotation import encrypted_fields
from tests.privacy.conftest import Somebody


def tables_with(who: Somebody) -> set[str]:
    """The tables in any column of which something of `who` stands, as the database itself prints its rows."""
    words = [word.casefold() for word in who.words]
    return {
        table
        for table in connection.introspection.table_names()
        if any(word in row for row in _rows(table) for word in words)
    }


def secrets_with(who: Somebody) -> set[tuple[str, str]]:
    """The encrypted columns (table, column) in whose plain text something of `who` stands."""
    return {
        (model._meta.db_table, name)
        for model, name in encrypted_fields()
        if any(word in value for value in model._base_manager.values_list(name, flat=True) for word in who.words)
    }


def _rows(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return [" ".join(map(str, row)).casefold() for row in cursor.fetchall()]


def files_with(who: Somebody, folder: Path) -> set[str]:
    """The files below `folder` in whose bytes something of `who` stands, free pages and logs included."""
    words = [word.encode() for word in who.words]
    return {
        path.name for path in folder.rglob("*") if path.is_file() and any(word in path.read_bytes() for word in words)
    }
