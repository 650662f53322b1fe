"""A file that was handed in as rows, one after the other, however large it is: CSV as spreadsheets save it, or XLSX."""

import codecs
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from contactcenter.tables import workbook
from contactcenter.tables.files import OUT_OF_REACH
from customers.crm.lists import (
    LONGEST_FIELD,
    ListError,
    Row,
    delimiter_of,
    header_in,
    header_of,
    refuse_other_kinds,
    rows_of,
)

CSV, XLSX = "csv", "xlsx"
MOST_ROWS = 250_000
PIECE, LOOKED_AT = 1024 * 1024, 64 * 1024
EXAMPLES = 20

_GUARD, _GUARDED = "'", ("=", "+", "-", "@", "\t", "\r", "\n")
"""An apostrophe before what a spreadsheet would run: our own exports have it, and it is not meant."""


@dataclass(frozen=True)
class Shape:
    """How a file is to be read."""

    kind: str
    encoding: str = ""
    delimiter: str = ""
    sheets: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """The names of the columns, and the rows below; the line is the one that a person sees in her spreadsheet."""

    header: list[str]
    rows: Iterator[Row]


def inspect(path: Path) -> Shape:
    """What kind of file this is. Raises ListError, in words, for everything that is no table."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise ListError(_("The file is empty."))
    if start.startswith(b"PK\x03\x04"):
        workbook.check(path)
        return Shape(XLSX, sheets=workbook.sheets(path))
    refuse_other_kinds(start)
    encoding = _encoding(path, start)
    with path.open(encoding=encoding, newline="") as text:
        return Shape(CSV, encoding, delimiter_of(text.read(LOOKED_AT)))


def _encoding(path: Path, start: bytes) -> str:
    """By its mark, else UTF-8 if all of it is, else what Windows writes."""
    candidates = ["utf-16"] if start.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]
    for name in candidates:
        try:
            _read_through(path, name)
        except UnicodeError:
            continue
        return name
    raise ListError(_("Its letters cannot be read. Save the list as UTF-8."))


def _read_through(path: Path, encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            if "\0" in decoder.decode(piece):
                raise ListError(_("This is not text. Upload a CSV or an XLSX file."))
        decoder.decode(b"", final=True)


def size(path: Path, shape: Shape, sheet: str) -> int:
    """About how many rows there are; 0 for unknown."""
    if shape.kind == XLSX:
        return workbook.size(path, sheet)
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(PIECE), b""))


@contextmanager
def opened(path: Path, shape: Shape, sheet: str = "") -> Iterator[Table]:
    """The table in the file. Raises ListError, then or while its rows are read."""
    if not os.access(path, os.R_OK):
        raise ListError(OUT_OF_REACH)
    if shape.kind == XLSX:
        workbook.refuse_merged(path, sheet)
        found = workbook.rows(path, sheet)
        _line, first = next(found, (0, []))
        header = _named(header_of(first))
        yield Table(header, (_row(line, cells, header) for line, cells in found))
        return
    with path.open(encoding=shape.encoding, newline="") as lines:
        header = _named(header_in(lines, shape.delimiter))
        yield Table(header, _below(rows_of(lines, shape.delimiter, header)))


def _below(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows with the header's line counted, too."""
    try:
        for row in rows:
            yield Row(row.line + 1, _plain(row.values), row.problem)
    except ListError as error:
        raise ListError(error.reason, error.line + 1 if error.line else 0) from None


def _named(header: list[str]) -> list[str]:
    if not header:
        raise ListError(_("The file is empty."))
    return header


def _row(line: int, cells: list[str], header: list[str]) -> Row:
    values = _plain(dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=False)))
    if len(cells) > len(header):
        found = {"found": len(cells), "wanted": len(header)}
        return Row(line, values, _("has %(found)s columns instead of %(wanted)s") % found)
    if any(len(value) > LONGEST_FIELD for value in values.values()):
        return Row(line, {}, _("has a field longer than %(longest)s characters") % {"longest": LONGEST_FIELD})
    return Row(line, values)


def _plain(values: dict[str, str]) -> dict[str, str]:
    return {name: value[1:] if _is_guarded(value) else value for name, value in values.items()}


def _is_guarded(value: str) -> bool:
    return value.startswith(_GUARD) and value[1:].startswith(_GUARDED)
