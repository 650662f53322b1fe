"""Addresses and bodies with variables in braces: `https://crm.example.com/customers?phone={call.from}`. Pure.

A value fills its place and nothing more: it can neither reach another host or path nor add a parameter
or a JSON key, whoever chose it. Callers choose some of them.
"""

import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote

from contactcenter.foundation.values import Value
from contactcenter.foundation.words import Said
from contactcenter.foundation.words import to_translate as _

PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+)\}")
_ADDRESS = re.compile(r"https?://(?P<host>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?", re.IGNORECASE)
_UNWRITABLE = re.compile(r"[\x00-\x20\x7f\\]")
_DOTS = {".", ".."}


class TemplateError(Said):
    """This template could send a question elsewhere, or none at all; the text says why."""


class CannotFill(ValueError):
    """This contact's values do not fit, so nobody is asked. The text names the variable, never its value."""


def names(template: str) -> set[str]:
    """The variables that `template` is filled with."""
    return set(PLACEHOLDER.findall(template))


def fill(template: str, values: Mapping[str, Value], encode: Callable[[str], str]) -> str:
    """`template` with each variable's value, encoded. Raises CannotFill when one is missing or empty."""

    def value_of(place: re.Match[str]) -> str:
        value = values.get(place[1])
        if value is None or value == "":
            raise CannotFill(f"missing: {place[1]}")
        return encode(_text(value))

    return PLACEHOLDER.sub(value_of, template)


def fill_url(template: str, values: Mapping[str, Value]) -> str:
    """A checked address with its values percent-encoded. Raises CannotFill."""
    url = fill(template, values, in_url)
    # "." and ".." have no encoded form: every server and client takes %2E%2E for a step up.
    if _has_dots(url):
        raise CannotFill("unusable: a value is a path of its own")
    return url


def fill_body(template: str, values: Mapping[str, Value]) -> bytes:
    """A checked JSON body with its values escaped. Raises CannotFill."""
    return fill(template, values, in_json).encode()


def in_url(text: str) -> str:
    """`text` percent-encoded: no character of it has a meaning in an address (RFC 3986, section 2.2)."""
    return quote(text, safe="", errors="replace")


def in_json(text: str) -> str:
    """`text` as it stands between the quotes of a JSON string."""
    return json.dumps(text)[1:-1]


def check_url(template: str) -> None:
    """Raise TemplateError unless `template` is an address whose scheme and host are written out."""
    address = _ADDRESS.fullmatch(template)
    if address is None or not address["host"] or _UNWRITABLE.search(template):
        raise TemplateError(_("Write a whole address: https://crm.example.com/customers?phone={call.from}"))
    if "{" in address["host"] or "}" in address["host"]:
        raise TemplateError(_("Write the host out; variables may only follow after it."))
    if "@" in address["host"]:
        raise TemplateError(_("Put user name and password into the fields below, not into the address."))
    if "{" in (rest := PLACEHOLDER.sub("", template)) or "}" in rest:
        raise TemplateError(_("Write variables with their whole name in braces: {call.from}"))
    if _has_dots(template):
        raise TemplateError(_("Leave out “.” and “..” as parts of the path."))


def check_body(template: str) -> None:
    """Raise TemplateError unless `template` is JSON with its variables inside quotes."""
    try:
        json.loads(PLACEHOLDER.sub("x", template))
    except (ValueError, RecursionError) as error:
        raise TemplateError(_('Write JSON with variables inside quotes: {"phone": "{call.from}"}')) from error


def _has_dots(url: str) -> bool:
    address = _ADDRESS.fullmatch(url)
    return address is None or any(unquote(part) in _DOTS for part in address["path"].split("/"))


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
