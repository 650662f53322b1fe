"""The obvious version's database: PostgreSQL where it is installed, else SQLite; filled as far as the time allows."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import orjson
import psycopg

from bench import contact_centre
from tests import services

BATCH = 50_000
LOADED_WITHIN_S = 100.0
FEW = 100_000
"""As many as SQLite gets."""


@contextmanager
def database(folder: Path) -> Iterator[str]:
    """A DATABASE_URL with our tables in it, empty."""
    if services.find_program("initdb"):
        with services.postgres() as url:
            _migrate(url)
            yield url
        return
    print("PostgreSQL is not installed: the obvious version runs on SQLite.")
    for old in folder.glob("obvious.sqlite3*"):
        old.unlink()
    url = f"sqlite:///{folder / 'obvious.sqlite3'}"
    _migrate(url)
    yield url


def _migrate(url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "contactcenter.settings"}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], check=True, env=environment)


def fill(url: str, customers: int, within_s: float = LOADED_WITHIN_S) -> int:
    """Put the key, the tiers and customers 0, 1, 2 ... into the tables; how many there was time for."""
    if url.startswith("sqlite"):
        return _fill_sqlite(url, min(customers, FEW))
    with psycopg.connect(url, autocommit=True) as connection:
        for table, columns, rows in _few_rows():
            _copy(connection, table, columns, rows)
        done, deadline = 0, monotonic() + within_s
        while done < customers and monotonic() < deadline:
            some = range(done, min(done + BATCH, customers))
            for table, columns, rows in _customers(some):
                _copy(connection, table, columns, rows)
            done = some.stop
        connection.execute("ANALYZE")
    return done


def _copy(connection: "psycopg.Connection[Any]", table: str, columns: str, rows: Iterator[tuple[Any, ...]]) -> None:
    with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _fill_sqlite(url: str, customers: int) -> int:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        for table, columns, rows in (*_few_rows(), *_customers(range(customers))):
            marks = ", ".join("?" for _ in columns.split(","))
            connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
    return customers


Rows = tuple[str, str, Iterator[tuple[Any, ...]]]
NOW = "2026-01-01 00:00:00+00:00"


def _few_rows() -> list[Rows]:
    """(table, columns, rows) of the account, its key and the tiers."""
    sha256 = hashlib.sha256(contact_centre.KEY.encode()).hexdigest()
    account = (1, contact_centre.ACCOUNT, "Bench", "bench", "native", "", "", "", True)
    key = (1, 1, "", "", sha256, True, False, "", NOW)
    tiers = [(place, slug, slug, place) for place, slug in enumerate(contact_centre.TIERS, start=1)]
    return [
        (
            "routing_provideraccount",
            "id, uuid, name, slug, dialect, secret, previous_secret, public_url, is_enabled",
            iter([account]),
        ),
        (
            "routing_apikey",
            "id, account_id, label, prefix, sha256, may_decide, may_report, networks, created_at",
            iter([key]),
        ),
        ("customers_loyaltytier", "id, name, slug, rank", iter(tiers)),
    ]


CUSTOMER = (
    "id, name, tier_id, purchases, order_volume, lifetime_value, plan, account_level, category, account_manager, "
    "language, attributes, updated_at"
)


def _customers(some: range) -> list[Rows]:
    return [
        ("customers_customer", CUSTOMER, map(_customer, some)),
        (
            "customers_handle",
            "id, customer_id, kind, value",
            ((each + 1, each + 1, "phone", contact_centre.phone(each)) for each in some),
        ),
    ]


def _customer(number: int) -> tuple[Any, ...]:
    known = contact_centre.facts(number)
    sums = (known["purchases"], known["order_volume"], known["lifetime_value"])
    words = (known["plan"], "", known["category"], known["account_manager"], known["language"])
    tier = contact_centre.TIERS.index(known["tier"]) + 1
    return (number + 1, "", tier, *sums, *words, orjson.dumps(known["attributes"]).decode(), NOW)
