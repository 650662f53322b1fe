"""The tables that can be exported and imported."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from django.db.models import Model, QuerySet

from contactcenter.tables.columns import Choices, Column, Found
from contactcenter.tables.models import ImportRow
from contactcenter.tables.numbers import NUMBERS
from contactcenter.tables.people import PeopleTable
from contactcenter.tables.queues import QUEUES
from customers.crm.lists import Row


class Table(Protocol):
    """What a table is asked."""

    @property
    def slug(self) -> str:
        """Its name in addresses."""

    @property
    def model(self) -> type[Model]:
        """Whose list it is the file of."""

    @property
    def permissions(self) -> tuple[str, ...]:
        """All of them are needed to import."""

    @property
    def has_regions(self) -> bool:
        """Whether its phone numbers may be written without country code."""

    def columns(self) -> list[Column]:
        """Its columns, in the order in which they are exported."""

    def size(self, row: Row, choices: Choices) -> int:
        """How many things a row, by the names of our columns, is about; at least one."""

    def look(self, rows: Sequence[Row], choices: Choices) -> list[Found]:
        """What each of `rows`, by the names of our columns, would do."""

    def write(self, rows: Sequence[ImportRow], user: Any) -> int:
        """Do it, in the caller's transaction; how many could not be done any more. Raises columns.Refused."""

    def export(self, rows: "QuerySet[Any]", user: Any) -> Iterator[list[str]]:
        """The cells of each row, as far as `user` may see them."""


TABLES: dict[str, Table] = {table.slug: table for table in (NUMBERS, PeopleTable(), QUEUES)}
