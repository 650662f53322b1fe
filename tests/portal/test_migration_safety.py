"""A migration that would stop a busy portal needs a word from its author."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from contactcenter.migration_safety import unsigned_risks

HEAD = """
from django.db import migrations, models

class Migration(migrations.Migration):
    operations = [
"""


@pytest.fixture
def before() -> ProjectState:
    """The models as they were: one queue with a name."""
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=80)),
        ("note", models.CharField(max_length=80, null=True)),
    ]
    state = ProjectState()
    state.add_model(ModelState("queues", "Queue", fields))
    return state


@pytest.fixture
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("migration_on_trial", None)


def risks(folder: Path, operations: str, before: ProjectState, *, initial: bool = False) -> list[str]:
    """What is said of a migration with these operations."""
    source = f"{HEAD}{operations}\n    ]\n" + ("    initial = True\n" if initial else "")
    (folder / "migration_on_trial.py").write_text(source)
    module = __import__("migration_on_trial")
    return [str(risk) for risk in unsigned_risks(module.Migration("0002_trial", "queues"), before)]


RISKY = [
    pytest.param("migrations.AddField('queue', 'size', models.IntegerField(default=0))", id="a column nobody fills"),
    pytest.param("migrations.RemoveField('queue', 'name')", id="a column that is still read"),
    pytest.param("migrations.RenameField('queue', 'name', 'title')", id="a column under a new name"),
    pytest.param("migrations.DeleteModel('Queue')", id="a table that is still read"),
    pytest.param("migrations.AlterField('queue', 'name', models.TextField())", id="a new column type"),
    pytest.param("migrations.AlterField('queue', 'note', models.CharField(max_length=80))", id="null no more"),
    pytest.param(
        "migrations.AlterField('queue', 'name', models.CharField(max_length=80, unique=True))", id="unique from now on"
    ),
    pytest.param("migrations.AddIndex('queue', models.Index(fields=['name'], name='by_name'))", id="an index"),
    pytest.param("migrations.RunPython(print)", id="data that cannot be put back"),
    pytest.param("migrations.RunSQL('SELECT 1')", id="SQL that cannot be undone"),
]


@pytest.mark.parametrize("operation", RISKY)
def test_named_as_risky(operation: str, importable: Path, before: ProjectState) -> None:
    [risk] = risks(importable, f"        {operation},", before)
    assert risk.startswith("queues.0002_trial: ")


@pytest.mark.parametrize("operation", RISKY)
def test_accepted_with_a_sign_off(operation: str, importable: Path, before: ProjectState) -> None:
    assert risks(importable, f"        # safe: done at night\n        {operation},", before) == []


@pytest.mark.parametrize(
    "operations",
    [
        pytest.param("migrations.AddField('queue', 'size', models.IntegerField(null=True)),", id="a column with null"),
        pytest.param(
            "migrations.AddField('queue', 'size', models.IntegerField(db_default=0)),", id="a column that fills itself"
        ),
        pytest.param(
            "migrations.AlterField('queue', 'name', models.CharField('label', max_length=80)),", id="another label"
        ),
        pytest.param("migrations.RunPython(print, print),", id="data that can be put back"),
        pytest.param(
            "migrations.CreateModel('Desk', [('id', models.BigAutoField(primary_key=True))]),\n"
            "        migrations.AddField('desk', 'size', models.IntegerField(default=0)),",
            id="a column of a new table",
        ),
    ],
)
def test_not_risky(operations: str, importable: Path, before: ProjectState) -> None:
    assert risks(importable, f"        {operations}", before) == []


def test_a_sign_off_covers_one_operation_only(importable: Path, before: ProjectState) -> None:
    signed = "        # safe: unused since 1.2\n        migrations.RemoveField('queue', 'note'),"
    [risk] = risks(importable, f"{signed}\n        migrations.RemoveField('queue', 'name'),", before)
    assert "name" in risk


def test_a_first_migration_is_exempt(importable: Path, before: ProjectState) -> None:
    assert risks(importable, "        migrations.RemoveField('queue', 'name'),", before, initial=True) == []
