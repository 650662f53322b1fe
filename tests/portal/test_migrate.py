"""`migrate` gives up a lock that it cannot have soon: the portal behind it goes on."""

import time
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no lock timeout")


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_migration_that_meets_a_busy_table_gives_up_and_says_so() -> None:
    host = connection.settings_dict
    reader = psycopg.connect(
        host=host["HOST"], port=host["PORT"], user=host["USER"], password=host["PASSWORD"], dbname=host["NAME"]
    )
    try:
        reader.execute("SELECT count(*) FROM tables_tableimport")
        started = time.monotonic()
        with pytest.raises(CommandError, match="A lock was not free within 200ms"):
            call_command("migrate", "tables", "0001", lock_timeout="200ms", verbosity=0)
        assert time.monotonic() - started < 60
    finally:
        reader.close()


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_the_lock_timeout_ends_with_the_migration() -> None:
    call_command("migrate", plan=True, stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
