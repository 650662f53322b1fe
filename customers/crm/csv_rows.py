"""The whole rows in a part of a CSV file, and where the next part has to begin. Pure."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from customers.crm.lists import ListError, decoded, delimiter_of, header_in, rows_of


@dataclass(frozen=True)
class Rows:
    """The records in the first `taken` bytes, and how they were read; a line that is no record is an empty one."""

    records: list[dict[str, str]]
    taken: int
    columns: tuple[str, ...]
    delimiter: str


def read(content: bytes, charset: str, delimiter: str, columns: tuple[str, ...], *, is_last: bool) -> Rows:
    """The rows of a part, which begins with the header if there are no columns yet. Raises ListError.

    A row that goes on in the next part is left to it. A bad line becomes a record without an id, so that it is counted
    and set aside like any other bad record.
    """
    whole = content if is_last else content[: _end_of_lines(content)]
    text = decoded(whole, charset)
    lines, mark = _Lines(text), delimiter or delimiter_of(text)
    names = list(columns) or header_in(lines, mark)
    records: list[dict[str, str]] = []
    used, problem = lines.used, False
    try:
        for row in rows_of(lines, mark, names):
            problem = bool(row.problem)
            records.append({} if problem else row.values)
            used = lines.used
    except ListError as error:
        if is_last or not records or not error.is_cut_off:
            raise ListError(error.reason, is_cut_off=is_last and error.is_cut_off) from None
    else:
        used = lines.used
    if is_last and problem:
        raise ListError(_("It ends in the middle of a line."), is_cut_off=True)  # somebody is still writing it
    return Rows(records, sum(map(len, whole.splitlines(keepends=True)[:used])), tuple(names), mark)


class _Lines:
    """The lines of a text, and how many of them have been used."""

    def __init__(self, text: str) -> None:
        self.lines, self.used = io.StringIO(text, newline=""), 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self.lines)
        self.used += 1
        return line


def _end_of_lines(content: bytes) -> int:
    """Behind the last line that is whole. Raises ListError when there is none."""
    end = (content.rfind(b"\n") + 1) or (content.rfind(b"\r") + 1)
    if not end:
        raise ListError(_("a field is far too long."))
    return end
