"""Headers of a queue's own, with names in braces that each call fills: X-CC-Language: {customer.language}. Pure.

All names begin with X-CC-, so that a SIP proxy can take out what a caller himself says under such a name.

Strict on purpose: what gets in here goes out in SIP, so there is no way to a line break or a second header.
"""

import re
from collections.abc import Mapping
from typing import Any

MOST_HEADERS = 4
LONGEST_IN_ALL = 100
"""Characters of names and filled values together: an answer repeats them for each host, and stays below 4 KB."""

OF_THE_DECISION = ("queue", "tier", "branch", "flow", "priority", "priority_class", "head_start_s", "decision_id")
OF_THE_CUSTOMER = ("customer.plan", "customer.account_level", "customer.category", "customer.language")
VARIABLES = (*OF_THE_DECISION, *OF_THE_CUSTOMER)
"""What may stand in braces: nothing that says who the customer is."""

Template = tuple[tuple[str, str], ...]
"""Names and values with their braces, in the order in which they were written."""

_LINE = re.compile(r"(X-CC-[A-Za-z0-9-]{1,25}): *((?:[A-Za-z0-9_.:+ -]|\{[a-z_.]{1,40}\}){1,100})")
_BRACES = re.compile(r"\{([a-z_.]+)\}")
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_.:+ -]")


class HeaderError(ValueError):
    """This is no template. `line` is what is wrong, `code` says why: shape, variable, twice or many."""

    def __init__(self, code: str, line: str) -> None:
        super().__init__(f"{code}: {line}")
        self.code, self.line = code, line


def parse(text: str) -> Template:
    """The headers of `text`, one a line. Raises HeaderError."""
    headers: list[tuple[str, str]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        headers.append(_header(line))
        if len({name.lower() for name, _value in headers}) < len(headers):
            raise HeaderError("twice", line)
    if len(headers) > MOST_HEADERS:
        raise HeaderError("many", "")
    return tuple(headers)


def _header(line: str) -> tuple[str, str]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise HeaderError("shape", line)
    name, value = found.groups()
    for variable in _BRACES.findall(value):
        if variable not in VARIABLES:
            raise HeaderError("variable", variable)
    return name, value.strip()


def fill(template: Template, values: Mapping[str, Any]) -> dict[str, str]:
    """The headers of one call, as many as fit; one whose variable is missing is left out."""
    filled: dict[str, str] = {}
    room = LONGEST_IN_ALL
    for name, value in template:
        if any(values.get(variable, "") == "" for variable in _BRACES.findall(value)):
            continue
        plain = _BRACES.sub(lambda found: _NOT_ALLOWED.sub("", str(values[found[1]])), value).strip()
        room -= len(name) + len(plain)
        if plain and room >= 0:
            filled[name] = plain
    return filled
