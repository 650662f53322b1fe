"""Text with a list in it, as spreadsheets export it and people paste it: rows of named values. Pure.

Nothing here is ever evaluated: a formula is the text that it is written with.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DELIMITERS = (";", "\t", ",", "|")
LONGEST_FIELD = 10_000
MOST_COLUMNS = 200
LOOKED_AT = 20
_MAGIC: dict[bytes, str | Promise] = {
    b"PK\x03\x04": _("This is an Excel or zip file. In the spreadsheet choose “Save as” and then CSV."),
    b"\xd0\xcf\x11\xe0": _(
        "This is an old Excel file, or one with a password. In the spreadsheet choose “Save as” and then CSV."
    ),
    b"%PDF": _("This is a PDF file. A list has to be text: CSV, or copied from the spreadsheet and pasted."),
    b"\x1f\x8b": _("This is a compressed file. Unpack it first."),
}


class ListError(ValueError):
    """The text as a whole is no list; says why, and in which line if one is to blame."""

    def __init__(self, reason: str | Promise, line: int = 0, *, is_cut_off: bool = False) -> None:
        super().__init__(reason, line)
        self.reason, self.line, self.is_cut_off = reason, line, is_cut_off

    def __str__(self) -> str:
        return str(
            _("Line %(line)s: %(reason)s") % {"line": self.line, "reason": self.reason} if self.line else self.reason
        )


@dataclass(frozen=True)
class Row:
    """One line of the list: its number in the text, its values by column, and what is wrong with it, if anything."""

    line: int
    values: dict[str, str]
    problem: str | Promise = ""


def refuse_other_kinds(content: bytes) -> None:
    """Raises ListError, with what to do instead, for what begins like a file that is no text."""
    for magic, reason in _MAGIC.items():
        if content.startswith(magic):
            raise ListError(reason)


def decoded(content: bytes, charset: str = "") -> str:
    """The text in `content`: by its mark, else as `charset`, else UTF-8 or what Windows writes. Raises ListError."""
    refuse_other_kinds(content)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _checked(_decode(content, "utf-16"))
    for name in [charset] if charset else ["utf-8-sig", "cp1252"]:
        try:
            return _checked(_decode(content, "utf-8-sig" if name.lower() in ("utf-8", "utf8") else name))
        except ListError:
            if charset or name == "cp1252":
                raise
    raise ListError(_("Its letters cannot be read."))


def _decode(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset)
    except (UnicodeError, LookupError):
        raise ListError(_("Its letters cannot be read. Save the list as UTF-8.")) from None


def _checked(text: str) -> str:
    if "\0" in text:
        raise ListError(_("This is not text. A list has to be CSV, or copied from the spreadsheet and pasted."))
    return text


def delimiter_of(text: str) -> str:
    """The mark between the columns: the one that splits the first lines into equally many, and most."""
    lines = [line for line in islice(io.StringIO(text, newline=""), LOOKED_AT) if line.strip()]
    if not lines:
        return ","
    counts = {mark: _columns(lines, mark) for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: (counts[mark][0], counts[mark][1]))


def _columns(lines: list[str], mark: str) -> tuple[int, int]:
    """How many of the lines have as many columns as the first, and how many those are; nothing for one column."""
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=mark) if row]
    except csv.Error:
        return 0, 0
    return (0, 0) if not widths or widths[0] == 1 else (widths.count(widths[0]), widths[0])


def rows(text: str, delimiter: str = "", *, header: list[str] | None = None) -> Iterator[Row]:
    """The rows below the header, which is the first line unless given. Raises ListError."""
    records = _records(io.StringIO(text, newline=""), delimiter or delimiter_of(text))
    columns = _header(records) if header is None else header
    return (_row(line, cells, columns) for line, cells in records)


def header_in(lines: Iterator[str], delimiter: str) -> list[str]:
    """The names in the first line that is not empty; `lines` goes on behind it. Raises ListError."""
    return _header(_records(lines, delimiter))


def rows_of(lines: Iterator[str], delimiter: str, columns: list[str]) -> Iterator[Row]:
    """The rows in `lines`, which has no header; no line is taken before its row is wanted. Raises ListError."""
    return (_row(line, cells, columns) for line, cells in _records(lines, delimiter))


def _header(records: Iterator[tuple[int, list[str]]]) -> list[str]:
    first = next(records, None)
    return [] if first is None else header_of(first[1])


def _records(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The values of each row that is not empty, with its line."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        before = reader.line_num
        try:
            cells = next(reader, None)
        except csv.Error as error:
            reason = _("a quotation mark is open or out of place, or a field is far too long.")
            raise ListError(reason, before + 1, is_cut_off="unexpected end" in str(error)) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield before + 1, cells


def header_of(cells: list[str]) -> list[str]:
    """The names of the columns. Raises ListError for what cannot be a header."""
    names = [cell.strip()[:80] for cell in cells]
    if len(names) > MOST_COLUMNS:
        raise ListError(_("it has too many columns."), 1)
    if not all(names) or len(set(names)) < len(names):
        raise ListError(_("each column needs a name of its own in the first line."), 1)
    return names


def _row(line: int, cells: list[str], columns: list[str]) -> Row:
    values = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
    if len(cells) != len(columns):
        found = {"found": len(cells), "wanted": len(columns)}
        return Row(line, values, _("has %(found)s columns instead of %(wanted)s") % found)
    if any(len(value) > LONGEST_FIELD for value in values.values()):
        return Row(line, {}, _("has a field longer than %(longest)s characters") % {"longest": LONGEST_FIELD})
    return Row(line, values)
