"""Which migrations would stop a busy portal: judged before they are merged, not while callers wait.

An operation on a table that exists already is risky when PostgreSQL holds a strong lock for long, or
when the version that is still running cannot live with the result. Such an operation needs a sign-off:
a comment `# safe: <why>` on it or right above it. First migrations are exempt: their tables are empty.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

if TYPE_CHECKING:
    Field = models.Field[Any, Any]
else:
    Field = models.Field  # not subscriptable at run time

SIGN_OFF = "# safe:"

ALWAYS_RISKY: dict[type[Operation], str] = {
    operations.RemoveField: "the version still running reads this column; remove it one release after its last use",
    operations.RenameField: "the version still running uses the old name; add, copy and remove instead",
    operations.RenameModel: "the version still running uses the old table",
    operations.DeleteModel: "the version still running reads this table; delete it one release after its last use",
    operations.AlterModelTable: "the version still running uses the old table",
    operations.AddIndex: "building the index blocks every write; build it concurrently",
    operations.AddConstraint: "checking all rows blocks every write",
    operations.AlterUniqueTogether: "checking all rows blocks every write",
    operations.SeparateDatabaseAndState: "the state and the database part are not compared",
}


@dataclass(frozen=True)
class Risk:
    """One operation that nobody has signed off."""

    migration: str
    operation: str
    why: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.operation}: {self.why}."


def unsigned_risks(migration: Migration, before: ProjectState) -> Iterator[Risk]:
    """The risky operations of `migration` without a sign-off, given the models as they were before it."""
    if migration.initial:
        return
    state = before.clone()
    created: set[str] = set()
    for operation, signed in zip(migration.operations, _signed_off(migration), strict=True):
        after = state.clone()
        operation.state_forwards(migration.app_label, after)
        if isinstance(operation, operations.CreateModel):
            created.add(operation.name_lower)
        elif _model_of(operation) not in created and not signed:
            for why in _why_risky(operation, migration.app_label, state, after):
                yield Risk(f"{migration.app_label}.{migration.name}", operation.describe(), why)
        state = after


def _why_risky(operation: Operation, app: str, before: ProjectState, after: ProjectState) -> Iterator[str]:
    if why := ALWAYS_RISKY.get(type(operation)):
        yield why
    elif isinstance(operation, operations.AddField):
        if not operation.field.null and not operation.field.has_db_default() and not operation.field.many_to_many:
            yield "the version still running inserts rows without this column; give it a db_default or allow null"
    elif isinstance(operation, operations.AlterField):
        old, new = (_field(state, app, operation.model_name, operation.name) for state in (before, after))
        yield from _why_risky_change(old, new)
    elif isinstance(operation, operations.RunPython | operations.RunSQL) and not operation.reversible:
        yield "it cannot be undone; give it a reverse"


def _why_risky_change(old: Field, new: Field) -> Iterator[str]:
    if old.db_parameters(connection)["type"] != new.db_parameters(connection)["type"]:
        yield "a new column type rewrites the table under a lock"
    if old.null and not new.null:
        yield "refusing null reads the whole table under a lock"
    if (new.unique and not old.unique) or (_indexed(new) and not _indexed(old)):
        yield "building the index blocks every write; build it concurrently"
    if new.is_relation and not old.is_relation:
        yield "checking the relation reads the whole table under a lock"


def _indexed(field: Field) -> bool:
    return bool(getattr(field, "db_index", False))


def _field(state: ProjectState, app: str, model: str, name: str) -> Field:
    field = state.apps.get_model(app, model)._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field


def _model_of(operation: Operation) -> str:
    return str(getattr(operation, "model_name", getattr(operation, "name", ""))).lower()


def _signed_off(migration: Migration) -> list[bool]:
    """For each operation in order: does a sign-off stand on it, or between it and what is before it?"""
    source = inspect.getsource(sys.modules[migration.__module__])
    lines = source.splitlines()
    listing = _operations_in(ast.parse(source))
    ends = [listing.lineno, *(node.end_lineno or node.lineno for node in listing.elts)]
    return [any(SIGN_OFF in line for line in lines[start:end]) for start, end in pairwise(ends)]


def _operations_in(tree: ast.Module) -> ast.List:
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id="operations")], value=ast.List() as listing):
                return listing
    raise ValueError("A migration without a plain list of operations cannot be judged.")
