"""The list as text: whatever was handed in becomes a CSV with commas, a header, and the line of each row."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from customers.addresses import AddressError, normalise
from customers.crm.lists import ListError, Row, decoded, delimiter_of, header_of, rows

MOST_ROWS = 50_000

LIST_ID, LINE = "list_id", "list_line"
"""Columns that we add: by what a person of the list is recognised next time, and where he stood in it."""


def read(content: bytes | str) -> str:
    """The list as a CSV with commas and a header. Raises ListError."""
    text = content if isinstance(content, str) else decoded(content)
    if "\0" in text:
        raise ListError(_("This is not text."))
    delimiter = delimiter_of(text)
    first = next((cells for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(cells)), [])
    header = _names(first) if any(_is_address(cell) for cell in first) else None
    names = header or header_of(first)
    found = list(_at_most(rows(text, delimiter, header=header)))
    if not found:
        raise ListError(_("There is nobody in this list."))
    if own := {LIST_ID, LINE} & set(names):
        raise ListError(_("The column “%(name)s” needs another name.") % {"name": own.pop()})
    # A line with the wrong columns keeps its number only: it has the wrong columns here as well.
    return written([LINE, *names], ([row.line, *([] if row.problem else row.values.values())] for row in found))


def _at_most(found: Iterable[Row]) -> Iterable[Row]:
    for number, row in enumerate(found):
        if number >= MOST_ROWS:
            raise ListError(_("This list is longer than %(most)s lines. Divide it.") % {"most": MOST_ROWS})
        yield row


def written(names: list[str], lines: Iterable[Iterable[Any]]) -> str:
    """A CSV with commas."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows(lines)
    return text.getvalue()


def stored(text: str) -> Iterable[Row]:
    """The rows of what `read` gave, with the line numbers of the list as it was handed in."""
    for row in rows(text, ","):
        line = int(row.values.pop(LINE))
        yield Row(line, row.values, _("has not as many columns as the first line") if row.problem else "")


def names_of(text: str) -> list[str]:
    """The names of the columns of what `read` gave."""
    return next(csv.reader(io.StringIO(text, newline="")))[1:]


def _names(cells: list[str]) -> list[str]:
    """Names for the columns of a list without a header."""
    return [_("column %(number)s") % {"number": number} for number, _cell in enumerate(cells, 1)]


def _is_address(text: str) -> bool:
    return looks_like("phone", text, "IT") or looks_like("email", text, "")


def looks_like(kind: str, text: str, region: str) -> bool:
    """Whether `text` can be an address of this kind, rather than a count, an id or a postcode."""
    digits = sum(mark.isdigit() for mark in text)
    if kind == "phone" and digits >= 7 and text.strip().startswith(("+", "00")):
        return True
    try:
        normalise(kind, text, region)
    except AddressError:
        return False
    return kind != "phone" or digits >= 6
