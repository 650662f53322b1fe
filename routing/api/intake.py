"""A request's bytes to a Contact: strict about shape, tolerant of everything a caller can influence.

A serializer describes this for the schema but does not run here: it costs more than the whole decision.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import orjson

from contactcenter.foundation.problems import Malformed
from contactcenter.foundation.values import Value
from routing.contacts import CHANNELS, Contact

LARGEST_BODY = 65_536
DEEPEST = 20
LONGEST_CALL_ID = 128
LONGEST_ADDRESS = 256
MOST_CONTEXT = 50
_CONTEXT_NAME = re.compile(r"[a-z][a-z0-9_]{0,49}", re.ASCII)
_KNOWN = frozenset({"call_id", "to", "from", "channel", "attempt", "context", "src_ip", "diverted_from"})


def read_json(body: bytes) -> dict[str, Any]:
    """The body as an object. Refuses duplicate keys, NaN, Infinity, 1e999, NUL, lone surrogates, depth over 20."""
    if len(body) > LARGEST_BODY:
        raise Malformed("too_large", f"The body is larger than {LARGEST_BODY} bytes.", status=413)
    if b"\\u0000" in body or b"\x00" in body:
        raise Malformed("invalid_json", "The body contains a NUL character.")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed("invalid_json", "The body is not JSON.") from error
    if not isinstance(found, dict):
        raise Malformed("invalid_json", "The body is not a JSON object.")
    if body.count(b"{") + body.count(b"[") > DEEPEST and _depth(found) > DEEPEST:
        raise Malformed("invalid_json", f"The body is nested deeper than {DEEPEST}.")
    if not _surely_unique(body, found):
        json.loads(body, object_pairs_hook=_without_duplicates)
    return found


def _surely_unique(body: bytes, found: Mapping[str, Any]) -> bool:
    """Whether every quotation mark of `body` belongs to a key or a text that was kept: then no key was there twice.

    A quarter of what a second parsing costs. Says no to what it cannot count: escapes, lists, objects further inside.
    """
    kept = 0
    for each in (found, found.get("context")):
        if isinstance(each, dict):
            kept += len(each) + [*map(type, each.values())].count(str)
    return b"\\" not in body and body.count(b'"') == 2 * kept


def _without_duplicates(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) != len({name for name, _ in pairs}):
        raise Malformed("duplicate_key", "A key stands in an object twice.")


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
    return deepest


def read_question(body: bytes, account: str) -> tuple[Contact, list[str]]:
    """The contact that is asked about, and warnings. Raises Malformed with the field's name."""
    asked = read_json(body)
    warnings: list[str] = []
    if not asked.keys() <= _KNOWN:
        warnings.append("unknown_keys")
    context = _context(asked.get("context"), warnings)
    contact = Contact(
        account=account,
        call_id=_required(asked, "call_id", LONGEST_CALL_ID),
        to=_required(asked, "to", LONGEST_ADDRESS),
        caller=_text(asked, "from"),
        channel=_channel(asked.get("channel", "voice")),
        attempt=_attempt(asked.get("attempt", 0)),
        diverted_from=_text(asked, "diverted_from"),
        context=context,
        src_ip=_text(asked, "src_ip"),
    )
    return contact, warnings


def _required(asked: Mapping[str, Any], name: str, longest: int) -> str:
    value = asked.get(name)
    if value is None or value == "":
        raise Malformed("missing_field", f"{name} is required.", name)
    if not isinstance(value, str) or len(value) > longest:
        raise Malformed("invalid_field", f"{name} is text of 1 to {longest} characters.", name)
    return value


def _text(asked: Mapping[str, Any], name: str) -> str:
    """What the network says of the caller: any text is taken, an absent one is empty."""
    value = asked.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed("invalid_field", f"{name} is text.", name)
    return value[:LONGEST_ADDRESS]


def _channel(value: Any) -> str:
    if not isinstance(value, str) or value not in CHANNELS:
        raise Malformed("invalid_field", f"channel is one of {', '.join(CHANNELS)}.", "channel")
    return value


def _attempt(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= 99:
        raise Malformed("invalid_field", "attempt is a whole number from 0 to 99.", "attempt")
    return value


def _context(value: Any, warnings: list[str]) -> dict[str, Value]:
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > MOST_CONTEXT:
        raise Malformed("invalid_field", f"context is an object of at most {MOST_CONTEXT} values.", "context")
    context: dict[str, Value] = {}
    for name, each in value.items():
        if isinstance(each, dict | list):
            raise Malformed("invalid_field", "context holds plain values only.", "context")
        if not _CONTEXT_NAME.fullmatch(name):
            warnings.append("context_name_ignored")
        elif each is not None:
            context[name] = each[:LONGEST_ADDRESS] if isinstance(each, str) else each
    return context
