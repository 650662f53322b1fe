"""Values that a condition asks for and that no contact can have."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from contactcenter.foundation.values import DATE, NotOfType, read
from routing.catalogue import Entry
from routing.conditions import OPERATORS, Condition

EXACT = ("is", "is_not", "is_one_of", "is_none_of")
WEEKDAY, DAYS = "time.weekday", range(7)


def cannot_exist(condition: Condition, entry: Entry, variable: str) -> str | None:
    """Why a value of this condition is impossible, if one is. `variable` is its name in words."""
    if OPERATORS[condition.operator].operand in ("none", "window"):
        return None
    for value in _listed(condition.value):
        words = {"value": value, "variable": variable}
        if not _is_of_type(value, entry.type):
            return _("“%(value)s” is no value of “%(variable)s”: another kind of value is expected.") % words
        if condition.operator in EXACT and not _is_possible(value, entry):
            return _("“%(variable)s” is never “%(value)s”: there is no such value.") % words
    return None


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _is_of_type(value: Any, kind: str) -> bool:
    try:
        found = read(value, kind)
    except NotOfType:
        return False
    # Days compare as text: 2026-12-25 and nothing else that means this day.
    return isinstance(found, str) == isinstance(value, str) and (kind != DATE or found == str(value).strip())


def _is_possible(value: Any, entry: Entry) -> bool:
    if entry.name == WEEKDAY:
        return value in DAYS
    if entry.choices is None:
        return True
    # As conditions do, without regard to capital letters.
    return str(value).strip().casefold() in {choice.casefold() for choice, _label in entry.choices}
