"""Customers are found by the beginnings of the words of their name: a million names, without reading them all."""

from typing import Any

from django.db import migrations

MAKE = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS customer_name_words
ON customers_customer USING gin (to_tsvector('simple'::regconfig, COALESCE(name, '')))
"""
DROP = "DROP INDEX CONCURRENTLY IF EXISTS customer_name_words"


def make(_apps: Any, schema_editor: Any) -> None:
    _on_postgresql(schema_editor, MAKE)


def drop(_apps: Any, schema_editor: Any) -> None:
    _on_postgresql(schema_editor, DROP)


def _on_postgresql(schema_editor: Any, statement: str) -> None:
    """SQLite has no such index; its lists are short."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    atomic = False  # an index that is built beside writers cannot be built in a transaction
    dependencies = [("customers", "0010_words")]

    operations = [migrations.RunPython(make, drop)]
