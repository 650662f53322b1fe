"""The rows of a large workbook, written out once: whoever goes on in the middle of it need not unpack it again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from contactcenter.tables.reading import Table
from customers.crm.lists import Row

NOTED_EVERY = 1000


def write(table: Table, path: Path) -> Iterator[None]:
    """Write the rows to `path`, one a line below the header; stops now and then for a sign of life."""
    with path.open("wb") as file:
        file.write(orjson.dumps(table.header) + b"\n")
        for number, row in enumerate(table.rows):
            file.write(orjson.dumps([row.line, row.values, str(row.problem)]) + b"\n")
            if number % NOTED_EVERY == 0:
                yield


@contextmanager
def opened(path: Path) -> Iterator[Table]:
    """The table as it was written."""
    with path.open("rb") as file:
        header = orjson.loads(file.readline())
        yield Table(header, (Row(*orjson.loads(line)) for line in file))
