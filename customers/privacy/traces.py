"""Recognises one person's addresses in what was written down of contacts, however they were spelled. Pure."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

import phonenumbers

from customers.addresses import CUSTOMER_NO, PHONE

SHORTEST = 5
"""A shorter customer number is only believed where it is called one."""


class Traces:
    """The traces that these addresses (kind, value) leave."""

    def __init__(self, addresses: Iterable[tuple[str, str]]) -> None:
        self.addresses = tuple(addresses)

    @cached_property
    def needles(self) -> tuple[str, ...]:
        """What any text with a trace contains, whatever the case: to look for it in a database."""
        found = (_national(value) if kind == PHONE else value for kind, value in self.addresses)
        return tuple(sorted(set(found)))

    def in_text(self, text: str) -> bool:
        """Whether one of the addresses stands in `text`."""
        return any(pattern.search(text) for pattern in self._patterns)

    def in_document(self, document: Any) -> bool:
        """Whether one of the values of a JSON document is, or contains, one of the addresses."""
        return any(self._is_trace(name, value) for name, value in leaves(document))

    def _is_trace(self, name: str, value: Any) -> bool:
        text = str(value)
        if name.rpartition(".")[2] == CUSTOMER_NO and "".join(text.split()).upper() in self._customer_numbers:
            return True
        return isinstance(value, str) and self.in_text(text)

    @cached_property
    def _customer_numbers(self) -> frozenset[str]:
        return frozenset(value for kind, value in self.addresses if kind == CUSTOMER_NO)

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], ...]:
        found = (_phone(value) if kind == PHONE else _word(value) for kind, value in self.addresses)
        return tuple(re.compile(pattern, re.ASCII | re.IGNORECASE) for pattern in found if pattern)


def leaves(document: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value of a JSON document with the name it stands under."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from leaves(value, str(key))
    elif isinstance(document, list):
        for value in document:
            yield from leaves(value, name)
    else:
        yield name, document


def _national(number: str) -> str:
    """The digits that every spelling of an E.164 number has in common."""
    return phonenumbers.national_significant_number(phonenumbers.parse(number))


def _phone(number: str) -> str:
    national = _national(number)
    international = rf"(?<![0-9])(?:\+|00)?{number.removeprefix('+')}(?![0-9])"
    if len(national) <= SHORTEST:
        return international
    return rf"{international}|(?<![0-9+])0?{national}(?![0-9])"


def _word(value: str) -> str:
    return rf"(?<![\w.@+-]){re.escape(value)}(?![\w@-])" if len(value) >= SHORTEST else ""
