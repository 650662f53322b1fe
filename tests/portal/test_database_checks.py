"""A deployment whose database says nothing yet is told so in words."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db.utils import ConnectionHandler
from pytest_django import Settings

from contactcenter import database_checks

pytestmark = pytest.mark.django_db
SQLITE = "django.db.backends.sqlite3"


def told(monkeypatch: pytest.MonkeyPatch, **database: Any) -> Iterator[tuple[str | None, str | None]]:
    """What the checks of this database say, and what to do about it."""
    with closing(ConnectionHandler({"default": database})["default"]) as connection:
        monkeypatch.setattr(database_checks, "connection", connection)
        found = run_checks(include_deployment_checks=True, databases=["default"])
        for message in found:
            if message.obj is None and message.id in ("contactcenter.E012", "contactcenter.E013"):
                yield message.id, message.hint


def test_a_database_without_tables_is_to_be_migrated(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MIGRATION_MODULES = {}  # those of the project, however these tests made their own database
    found = told(monkeypatch, ENGINE=SQLITE, NAME=":memory:")
    assert list(found) == [("contactcenter.E013", "Run manage.py migrate first.")]


def test_a_database_that_is_away_is_named_with_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [(number, hint)] = told(monkeypatch, ENGINE=SQLITE, NAME=tmp_path / "no-such-folder" / "db.sqlite3")
    assert number == "contactcenter.E012"
    assert "unable to open database file" in str(hint)
