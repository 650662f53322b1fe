"""XLSX files: whether they can be opened without harm, their sheets, and the rows of one of them."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from customers.crm.lists import ListError

MOST_UNPACKED, MOST_TEXTS, MOST_PARTS = 300 * 1024 * 1024, 64 * 1024 * 1024, 2000
"""Bytes of all parts, of the part with the texts, which is held in memory, and how many parts there may be."""

PIECE = 1024 * 1024
_DAMAGED = _("The file is damaged, or was only half uploaded. Save it again and upload it once more.")
_BROKEN = (
    *(BadZipFile, InvalidFileException, ParseError, zlib.error),
    *(AttributeError, EOFError, LookupError, OSError, TypeError, ValueError),
    RuntimeError,  # encrypted, or packed in a way that nobody here knows
)


@contextmanager
def _in_words() -> Iterator[None]:
    """Whatever a broken workbook makes of being read is a ListError."""
    try:
        yield
    except ListError:
        raise
    except _BROKEN:
        raise ListError(_DAMAGED) from None


def check(path: Path) -> None:
    """Raises ListError for what is no workbook, is damaged, or would fill the memory when it is unpacked."""
    with _in_words(), ZipFile(path) as packed:
        parts = packed.infolist()
        if not any(part.filename == "xl/workbook.xml" for part in parts):
            raise ListError(_("This is a zip file, but no Excel workbook. Unpack it, or save the table as XLSX."))
        texts = max((each.file_size for each in parts if "sharedStrings" in each.filename), default=0)
        if sum(each.file_size for each in parts) > MOST_UNPACKED or texts > MOST_TEXTS or len(parts) > MOST_PARTS:
            raise ListError(_("Unpacked, this workbook is too large. Save the table as CSV, or divide it."))
        for part in parts:
            # No spreadsheet writes one, and entities in it could grow without end.
            if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in packed.open(part).read(1024):
                raise ListError(_DAMAGED)


@contextmanager
def _opened(path: Path) -> Iterator[Workbook]:
    with path.open("rb") as file:
        with _in_words():
            book = load_workbook(file, read_only=True, data_only=True)
        yield book


def sheets(path: Path) -> list[str]:
    """The names of the sheets that are tables. Raises ListError."""
    with _opened(path) as book:
        found = [sheet.title for sheet in book.worksheets]
    if not found:
        raise ListError(_("This workbook has no sheet."))
    return found


def size(path: Path, sheet: str) -> int:
    """About how many rows the sheet has; 0 when it does not say."""
    with _opened(path) as book:
        return _of(book, sheet).max_row or 0


def refuse_merged(path: Path, sheet: str) -> None:
    """Raises ListError for a sheet with merged cells: only the first of them has the value."""
    with _opened(path) as book:
        part: str = _of(book, sheet)._worksheet_path
    with _in_words(), ZipFile(path) as packed, packed.open(part) as file:
        tail = b""
        while piece := file.read(PIECE):
            if b"<mergeCell " in tail + piece:
                raise ListError(_("This sheet has merged cells. Unmerge them: each line needs its own values."))
            tail = piece[-20:]


def rows(path: Path, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, as text, each with its number in the sheet. Raises ListError."""
    with _opened(path) as book, _in_words():
        for line, cells in enumerate(_of(book, sheet).iter_rows(values_only=True), 1):
            texts = [as_text(cell) for cell in cells]
            while texts and not texts[-1]:
                texts.pop()
            if texts:
                yield line, texts


def _of(book: Workbook, sheet: str) -> Any:
    found = next((each for each in book.worksheets if each.title == sheet), None)
    if found is None:
        raise ListError(_("The chosen sheet is not in this workbook."))
    return cast(Any, found)


def as_text(cell: Any) -> str:
    """A cell as a person would type it: whole numbers without .0, days as 2026-12-31."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        is_day = not (cell.hour or cell.minute or cell.second)
        return (cell.date() if is_day else cell).isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip()
