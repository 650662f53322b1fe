"""The types a variable can have, and how a value from outside becomes one of them. Pure.

Money is an integer in minor units (cents): comparing integers is exact and fast.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from contactcenter.foundation.words import Said
from contactcenter.foundation.words import to_translate as _

Value = str | int | float | bool
"""What a known variable holds. A variable that is not known is absent, never None."""

TEXT, NUMBER, MONEY, YES_NO, DATE = "text", "number", "money", "yes_no", "date"

LONGEST_TEXT = 200
_YES, _NO = {"true", "yes", "1", "y"}, {"false", "no", "0", "n"}


class NotOfType(Said):
    """The value cannot be read as the type that was asked for."""


def _text(raw: Any) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise NotOfType(_("a text"))
    return str(raw).strip()[:LONGEST_TEXT]


def _number(raw: Any) -> int | float:
    number = _decimal(raw)
    return int(number) if number == number.to_integral_value() else float(number)


def _money(raw: Any) -> int:
    number = _decimal(raw)
    if number != number.to_integral_value():
        raise NotOfType(_("money in minor units"))
    return int(number)


def _decimal(raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise NotOfType(_("a number"))
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation as error:
        raise NotOfType(_("a number")) from error
    if not number.is_finite() or abs(number) > 10**15:
        raise NotOfType(_("a number"))
    return number


def _yes_no(raw: Any) -> bool:
    word = str(raw).strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise NotOfType(_("yes or no"))


def _date(raw: Any) -> str:
    """ISO 8601 text: it sorts and compares like the date itself."""
    try:
        return date.fromisoformat(str(raw)[:10]).isoformat()
    except ValueError as error:
        raise NotOfType(_("a date")) from error


READERS: dict[str, Callable[[Any], Value]] = {
    TEXT: _text,
    NUMBER: _number,
    MONEY: _money,
    YES_NO: _yes_no,
    DATE: _date,
}


def read(raw: Any, kind: str) -> Value | None:
    """`raw` as a value of type `kind`; None when nothing is there. Raises NotOfType."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    return READERS[kind](raw)
