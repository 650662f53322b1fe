"""Requests that come as a JSON object, as Vonage, jambonz and Bird send them, and answers as JSON. Pure."""

import re
from collections.abc import Collection
from typing import Any

import orjson

from contactcenter.foundation.values import Value
from routing.providers.base import RawRequest, Reply, context_name, one_line

LONGEST_CALL_ID = 128
LONGEST_TEXT = 256
MOST_CONTEXT = 50

_WITHOUT_PLUS = re.compile(r"[1-9][0-9]{6,14}")


class Payload(dict[str, Any]):
    """A JSON object's fields; whatever is missing or of another kind reads as empty."""

    def text(self, *names: str, longest: int = LONGEST_TEXT) -> str:
        """The first of these fields that says something, as one line; "" without any."""
        for name in names:
            value = self.get(name)
            if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
                return one_line(str(value), longest)
        return ""

    def seconds(self, name: str) -> int | None:
        """A field that counts seconds, as number or text; None when it does not."""
        text = self.text(name, longest=9)
        return int(text) if text.isascii() and text.isdigit() else None

    def part(self, name: str) -> "Payload":
        """An object inside this one; empty when there is none."""
        inner = self.get(name)
        return Payload(inner) if isinstance(inner, dict) else Payload()

    def context(self, plain: Collection[str], prefix: str) -> dict[str, Value]:
        """What an IVR collected: the `plain` fields, and SIP headers, whose names begin with `prefix`."""
        context: dict[str, Value] = {}
        for name in self:
            key = context_name(name.removeprefix(prefix)) if name in plain or name.startswith(prefix) else ""
            said = self[name] if isinstance(self[name], int | float) else self.text(name)
            if key and said != "" and len(context) < MOST_CONTEXT:
                context.setdefault(key, said)
        return context


def read(request: RawRequest) -> Payload:
    """The object in the body. Never raises: what is no JSON object reads as an empty one."""
    try:
        found = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        return Payload()
    return Payload(found) if isinstance(found, dict) else Payload()


def with_plus(number: str, shortest: int = 7) -> str:
    """An E.164 number that a provider wrote without its plus; anything else as it is."""
    return f"+{number}" if len(number) >= shortest and _WITHOUT_PLUS.fullmatch(number) else number


def reply(verbs: Any) -> Reply:
    """`verbs` as JSON."""
    return Reply(200, "application/json", orjson.dumps(verbs))
