"""What PostgreSQL and SQLite say differently when they look into a JSON document.

`document` is a column, `path` the keys that lead into it: both come from our own code or were checked
against a pattern, never from a form as they are.
"""

from typing import Protocol

from django.db import connection


class Dialect(Protocol):
    """SQL expressions over one database."""

    def has(self, document: str, *path: str) -> str:
        """Whether the document says something there, be it null."""

    def number(self, document: str, *path: str) -> str:
        """The number there; NULL for everything else."""

    def text(self, document: str, *path: str) -> str:
        """What stands there as text, yes and no for a boolean; NULL when nothing does."""


class PostgreSql:
    """Documents are jsonb."""

    def has(self, document: str, *path: str) -> str:
        return f"({self._at(document, path)} IS NOT NULL)"

    def number(self, document: str, *path: str) -> str:
        text = f"({document} #>> '{{{','.join(path)}}}')"
        return f"(CASE WHEN jsonb_typeof({self._at(document, path)}) = 'number' THEN {text}::numeric END)"

    def text(self, document: str, *path: str) -> str:
        text = f"({document} #>> '{{{','.join(path)}}}')"
        return f"(CASE {self._at(document, path)} WHEN 'true' THEN 'yes' WHEN 'false' THEN 'no' ELSE {text} END)"

    def _at(self, document: str, path: tuple[str, ...]) -> str:
        return f"({document} #> '{{{','.join(path)}}}')"


class Sqlite:
    """Documents are text."""

    def has(self, document: str, *path: str) -> str:
        return f"(json_type({document}, '$.{'.'.join(path)}') IS NOT NULL)"

    def number(self, document: str, *path: str) -> str:
        at = f"{document}, '$.{'.'.join(path)}'"
        return f"(CASE WHEN json_type({at}) IN ('integer', 'real') THEN json_extract({at}) END)"

    def text(self, document: str, *path: str) -> str:
        at = f"{document}, '$.{'.'.join(path)}'"
        told = f"CASE json_type({at}) WHEN 'true' THEN 'yes' WHEN 'false' THEN 'no'"
        return f"({told} ELSE CAST(json_extract({at}) AS text) END)"


def dialect() -> Dialect:
    """That of the database in use."""
    return PostgreSql() if connection.vendor == "postgresql" else Sqlite()
