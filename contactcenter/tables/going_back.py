"""What goes back to how it was: only what still is as the import left it; and how a row of an undo says so."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from contactcenter.foundation.translating import listed
from contactcenter.tables.columns import Refused
from contactcenter.tables.models import ImportRow

SHOWN = 200

Kind = ImportRow.Kind


def to_go_back(
    now: Mapping[str, Any], left: Mapping[str, Any], before: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """By column, what is to stand there again; and the columns that somebody has changed since.

    `now`, `left` and `before` are what stands there, what the import left there, and what stood there before it.
    """
    moved = [name for name in before if now[name] != before[name]]
    back = {name: before[name] for name in moved if now[name] == left[name]}
    return back, [name for name in moved if name not in back]


def left_in(row: ImportRow) -> Mapping[str, Any]:
    """What the import left there, as its line wanted it."""
    return row.before or {}


def say(row: ImportRow, changes: Sequence[tuple[str, str, str]], stays: Sequence[str]) -> None:
    """What goes back in this row, as column, now and then; and what was changed since, by what people call it."""
    row.changes = [(name, now[:SHOWN], then[:SHOWN]) for name, now, then in changes]
    if stays:
        words = _("Changed since, and stays as it is: %(columns)s.") % {"columns": listed(sorted(stays))}
        row.reason = words[:300]
    row.kind = Kind.CHANGED if changes else Kind.REFUSED if stays else Kind.UNCHANGED


def leave_alone(row: ImportRow, refused: Refused) -> None:
    """Nothing of this row goes back, and why."""
    row.kind, row.changes = Kind.REFUSED, []
    row.column, row.reason = refused.column[:80], str(refused.reason)[:300]
