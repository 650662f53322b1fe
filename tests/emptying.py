"""After a test with transactions of its own, the database is as empty as before it.

Django truncates every table and then makes all permissions and roles anew. Here only tables that hold something are
emptied, and what `migrate` puts into them stays: a few milliseconds for each test instead of most of a second.
"""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase

KEPT = {
    "django_migrations",
    ContentType._meta.db_table,
    Permission._meta.db_table,
    Group._meta.db_table,
    Group.permissions.through._meta.db_table,
}
"""What `migrate` has made."""


@pytest.fixture(scope="session", autouse=True)
def emptied_quickly() -> Iterator[None]:
    """For all tests that use `transactional_db`."""
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _self: empty())
    yield
    patch.undo()


def empty() -> None:
    """No rows left but those that `migrate` has made."""
    with connection.cursor() as cursor:
        tables = [each.name for each in connection.introspection.get_table_list(cursor) if each.type == "t"]
        names = {table: connection.ops.quote_name(table) for table in tables if table not in KEPT}
        # Relations are checked at the end of the transaction: the order does not matter.
        with transaction.atomic():
            cursor.execute(
                " UNION ALL ".join(
                    f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {name})" for table, name in names.items()
                )
            )
            for (table,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {names[table]}")
