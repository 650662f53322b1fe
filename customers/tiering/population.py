"""Whom a tier policy looks at, as one SQL query: everybody known from a CRM, as he is or is about to be.

Left out: customers who object to profiling, and those whom the CRM does not list any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from customers.tiering.dialects import Dialect, dialect
from customers.tiering.fields import ATTRIBUTE, is_field

Parameters = list[Any]


@dataclass(frozen=True)
class Query:
    """A piece of SQL with its parameters."""

    sql: str
    parameters: Parameters


@dataclass(frozen=True)
class Column:
    """A field of the customer as a column of the population, `name`, read as a number or as text."""

    field: str
    name: str
    is_number: bool

    def stored(self, speak: Dialect) -> str:
        """Of the customer in the database."""
        if not self.field.startswith(ATTRIBUTE):
            return f"c.{self.field}"
        return self._read(speak, "c.attributes", self.field.removeprefix(ATTRIBUTE))

    def staged(self, speak: Dialect) -> str:
        """Of the record that a run has staged."""
        return self._read(speak, "s.mapped", *self._path())

    def is_staged(self, speak: Dialect) -> str:
        """Whether the staged record says anything of it."""
        return speak.has("s.mapped", *self._path())

    def _path(self) -> tuple[str, str]:
        if self.field.startswith(ATTRIBUTE):
            return "attributes", self.field.removeprefix(ATTRIBUTE)
        return "fields", self.field

    def _read(self, speak: Dialect, document: str, *path: str) -> str:
        return speak.number(document, *path) if self.is_number else speak.text(document, *path)


def column(field: str, name: str, is_number: bool) -> Column:
    """The column for `field`. Raises ValueError for what is no field: its name would stand in the SQL."""
    if not is_field(field):
        raise ValueError(field)
    return Column(field, name, is_number)


def stored(connection_id: int, columns: Iterable[Column]) -> Query:
    """Everybody as he is: `customer_id` and the columns."""
    speak = dialect()
    read = "".join(f", {each.stored(speak)} AS {each.name}" for each in columns)
    sql = f"""
        SELECT i.customer_id AS customer_id{read}
        FROM customers_externalidentity i JOIN customers_customer c ON c.id = i.customer_id
        WHERE i.connection_id = %s AND i.missing_since IS NULL AND NOT c.objects_to_profiling"""  # noqa: S608 - column() has checked the fields
    return Query(sql, [connection_id])


def staged(connection_id: int, run_id: int, columns: list[Column], *, read_only: bool = False) -> Query:
    """Everybody as he is about to be after a run, or with `read_only` whom it has staged: the columns, and what is
    needed to move him.

    `staged_id` and `staged_tier_id` are NULL for whom the run has not staged, `customer_id` for whom it
    is about to create.
    """
    speak = dialect()
    both = "".join(
        f", CASE WHEN {each.is_staged(speak)} THEN {each.staged(speak)} ELSE {each.stored(speak)} END AS {each.name}"
        for each in columns
    )
    new = "".join(f", {each.staged(speak)} AS {each.name}" for each in columns)
    sql = f"""
        SELECT i.external_id AS external_id, i.customer_id AS customer_id, s.id AS staged_id,
               s.new_tier_id AS staged_tier_id, c.tier_id AS tier_id, COALESCE(t.rank, -1) AS rank{both}
        FROM customers_externalidentity i
        JOIN customers_customer c ON c.id = i.customer_id
        LEFT JOIN customers_loyaltytier t ON t.id = c.tier_id
        {"" if read_only else "LEFT"} JOIN customers_stagedrecord s ON s.run_id = %s AND s.external_id = i.external_id
        WHERE i.connection_id = %s AND NOT c.objects_to_profiling
          AND CASE WHEN s.id IS NULL THEN i.missing_since IS NULL ELSE s.operation <> 'delete' END
        UNION ALL
        SELECT s.external_id, NULL, s.id, s.new_tier_id, NULL, -1{new}
        FROM customers_stagedrecord s WHERE s.run_id = %s AND s.operation = 'create'"""  # noqa: S608 - column() has checked the fields
    return Query(sql, [run_id, connection_id, run_id])
