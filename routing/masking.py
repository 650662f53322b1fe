"""Callers' numbers for those who may not see them in clear."""

import re
from contextlib import suppress
from typing import Any

import phonenumbers

from contactcenter.foundation.logs import mask_all

SEES_CALLERS = "routing.view_callers"

SHORTEST = 5
"""A shorter address of a caller could be anything else in a text."""


def masked(address: str) -> str:
    """A caller in a list: +39******78. Too short to be masked is not shown at all."""
    if len(address) < 8:
        return "*" * len(address)
    return f"{address[:3]}{'*' * (len(address) - 5)}{address[-2:]}"


def without(caller: str, value: Any) -> Any:
    """`value`, which goes into JSON, with every number masked, and this caller's address however it is written."""
    hidden = mask_all(value)
    return _replaced(hidden, _spellings(caller), masked(caller)) if len(caller) >= SHORTEST else hidden


def _spellings(caller: str) -> re.Pattern[str]:
    """An id as it is; a number with and without country code."""
    if not caller.startswith("+"):
        return re.compile(rf"(?<!\w){re.escape(caller)}(?!\w)")
    country, national = "", re.escape(caller[1:])
    with suppress(phonenumbers.NumberParseException):
        number = phonenumbers.parse(caller)
        country, national = str(number.country_code), phonenumbers.national_significant_number(number)
    return re.compile(rf"(?<!\d)(?:(?:\+|00)?{country}|0)?{national}(?!\d)")


def _replaced(value: Any, spellings: re.Pattern[str], by: str) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(each, spellings, by) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, spellings, by) for each in value]
    if value is None or isinstance(value, bool):
        return value
    text = spellings.sub(by, str(value))
    return text if text != str(value) else value
