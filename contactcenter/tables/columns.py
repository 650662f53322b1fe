"""The columns of a table, and which of them a file's header means: by our names or by what they are called in any
of the portal's languages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override

from contactcenter.tables import spelling

Label = str | Promise


@dataclass(frozen=True)
class Column:
    """A column: its name in files of any language, what people call it, and whether several may have this meaning."""

    name: str
    label: Label
    is_needed: bool = False
    may_repeat: bool = False

    @property
    def shown(self) -> str:
        """As it stands in a header and beside a choice."""
        return str(capfirst(str(self.label)))


@dataclass(frozen=True)
class Choices:
    """What a person said of a file, and who it was; dates and reasons are in the language of the moment."""

    columns: tuple[str, ...]
    region: str
    empties: bool
    user: Any = None


@dataclass(frozen=True)
class Found:
    """What one line would do. `changes` are column, before and after; `problem` is column and reason."""

    line: int
    key: str = ""
    label: str = ""
    target: int | None = None
    wanted: Mapping[str, Any] = field(default_factory=dict)
    changes: Sequence[tuple[str, str, str]] = ()
    is_new: bool = False
    column: str = ""
    reason: str = ""


class Refused(Exception):
    """This line cannot be imported: the name of the column that is to blame, and why, in words."""

    def __init__(self, column: str, reason: Label) -> None:
        super().__init__(column)
        self.column, self.reason = column, reason


def in_all_languages(labels: Callable[[], Iterable[tuple[str, str]]]) -> dict[str, str]:
    """What `labels` gives, (word, meaning), in each of the portal's languages; words as `plain` has them."""
    found: dict[str, str] = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            for word, meaning in labels():
                found.setdefault(plain(word), meaning)
    return found


def plain(word: str) -> str:
    """A word as it is compared: without case, and whatever stands between its parts."""
    return " ".join(word.replace("_", " ").replace("-", " ").casefold().split())


def recognise(header: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """What each name of the header means; "" for nothing we know, and for what an earlier one means already.

    `handle:phone` is known as “phone” too.
    """
    words = in_all_languages(
        lambda: [
            (word, each.name) for each in columns for word in (each.name, each.name.rpartition(":")[2], each.shown)
        ]
    )
    repeatable = {column.name for column in columns if column.may_repeat}
    found: list[str] = []
    for name in header:
        meaning = words.get(plain(name), "")
        found.append("" if meaning in found and meaning not in repeatable else meaning)
    return found


def problem_of(meanings: Sequence[str], columns: Sequence[Column]) -> str:
    """Why a file cannot be read so, in words; "" when it can."""
    known = {column.name: column for column in columns}
    for meaning in set(filter(None, meanings)):
        if meanings.count(meaning) > 1 and not known[meaning].may_repeat:
            return _("Two columns mean “%(column)s”. Choose one of them.") % {"column": known[meaning].shown}
    for column in columns:
        if column.is_needed and column.name not in meanings:
            return _("Choose the column that means “%(column)s”.") % {"column": column.shown}
    return "" if any(meanings) else _("Say what the columns mean.")


def misspelt(fault: str) -> str:
    """A fault of a number (spelling.py), and what to do about it, in words."""
    return {
        spelling.SHORTENED: _(
            "was shortened by the spreadsheet (3.9E+11). Format the column as text and type it anew."
        ),
        spelling.DECIMAL: _("was turned into a decimal number by the spreadsheet. Format the column as text."),
        spelling.PLUS_LOST: _("has lost its +, as spreadsheets do. Format the column as text and write +39…"),
        spelling.ZERO_LOST: _("has lost its first 0, as spreadsheets do. Format the column as text."),
        spelling.BACKWARDS: _("ends before it begins"),
        spelling.TOO_LARGE: _("is a range of more than %(most)s numbers") % {"most": spelling.LARGEST_RANGE},
        spelling.UNEVEN: _("begins and ends with numbers of different length"),
    }.get(fault, _("is not a telephone number"))
