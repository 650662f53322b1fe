"""Requests that come as a form, as Twilio's kin and Plivo send them: fields read safely, an IVR's as context."""

from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl

from contactcenter.foundation.values import Value
from routing.providers.base import RawRequest, context_name, one_line

LONGEST_CALL_ID = 128
LONGEST_TEXT = 256
MOST_CONTEXT = 50


class Form(dict[str, list[str]]):
    """A form's fields, each with all its values in the order they came."""

    def getlist(self, name: str) -> list[str]:
        """All values of a field; the name by which Twilio's validator asks."""
        return self[name]

    def first(self, name: str, longest: int = LONGEST_TEXT) -> str:
        """The first value of a field on one line; "" without the field."""
        return one_line(self.get(name, [""])[0], longest)

    def seconds(self, name: str) -> int | None:
        """A field that counts seconds; None when it is no number."""
        text = self.first(name, 9)
        return int(text) if text.isascii() and text.isdigit() else None

    def context(self, plain: Collection[str], prefix: str) -> Mapping[str, Value]:
        """What an IVR collected: the `plain` fields, and SIP headers, whose field names begin with `prefix`."""
        context: dict[str, Value] = {}
        for name in self:
            key = context_name(name.removeprefix(prefix)) if name in plain or name.startswith(prefix) else ""
            if key and len(context) < MOST_CONTEXT:
                context.setdefault(key, self.first(name))
        return context


def read(request: RawRequest) -> Form:
    """The fields of a request, from the body or, by GET, from the query. Never raises."""
    return collect(body_pairs(request) if request.method == "POST" else parse_qsl(request.query_string, True))


def body_pairs(request: RawRequest) -> list[tuple[str, str]]:
    """Names and values of a posted form in the order they came. Whatever is no form gives few or none."""
    return parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)


def collect(pairs: list[tuple[str, str]]) -> Form:
    """`pairs` as a form."""
    form = Form()
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form
