"""A data source made ready for asking, from its entry in a release document."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson

from contactcenter.foundation.values import Value
from contactcenter.foundation.words import Said
from contactcenter.foundation.words import to_translate as _
from customers.sources.answers import ExpressionError, Variable, compile_variable
from customers.sources.templates import TemplateError, check_body, check_url, fill_body, fill_url, names

METHODS = ("GET", "POST")
MOST_VARIABLES = 100
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,120}")  # a token of RFC 9110, section 5.6.2
_OUR_HEADERS = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "content-type"}


class SourceError(Said):
    """This source could not be asked on a live call. `field` names what to mend, the text says why."""

    def __init__(self, field: str, text: str, **values: object) -> None:
        super().__init__(text, **values)
        self.field = field


@dataclass(frozen=True, slots=True)
class Question:
    """One request to a source, ready to be sent. `key` stands for it in memory without telling what it asks."""

    url: str
    body: bytes | None
    key: bytes


@dataclass(frozen=True)
class Source:
    """An HTTP API that answers a question about the caller with JSON. Times in seconds.

    `fills` says which customer fact a variable supplies as well; `fingerprint` changes with the source,
    so that nothing remembered of an earlier version is used.
    """

    slug: str
    method: str
    url: str
    body: str
    auth: str
    auth_name: str
    budget_s: float
    connect_s: float
    read_s: float
    cache_seconds: int
    variables: tuple[Variable, ...]
    fills: Mapping[str, str]
    fingerprint: bytes

    @property
    def needs(self) -> set[str]:
        """The variables without which it cannot be asked."""
        return names(self.url) | names(self.body)

    def question(self, values: Mapping[str, Value]) -> Question:
        """What to ask for these variables. Raises CannotFill."""
        url = fill_url(self.url, values)
        body = fill_body(self.body, values) if self.body else None
        return Question(url, body, _digest(self.fingerprint, url.encode(), body or b""))

    def headers(self, secret: str) -> dict[str, str]:
        """How we identify ourselves, and what we send and expect."""
        headers = {"Accept": "application/json"}
        if self.body:
            headers["Content-Type"] = "application/json"
        match self.auth:
            case "bearer":
                headers["Authorization"] = f"Bearer {secret}"
            case "basic":
                pair = f"{self.auth_name}:{secret}".encode()
                headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
            case "header":
                headers[self.auth_name] = secret
        return headers


def compile_source(slug: str, entry: Mapping[str, Any]) -> Source:
    """The source `slug` of a release document. Raises SourceError for what would fail on a live call."""
    body = entry.get("body", "") if entry.get("method") == "POST" else ""
    _check_request(entry, body)
    return Source(
        slug=slug,
        method=entry["method"],
        url=entry["url"],
        body=body,
        auth=entry.get("auth", "none"),
        auth_name=entry.get("auth_name", ""),
        budget_s=_seconds(entry, "budget_ms"),
        connect_s=_seconds(entry, "connect_ms"),
        read_s=_seconds(entry, "read_ms"),
        cache_seconds=_whole(entry, "cache_seconds", 0, 86_400),
        variables=_variables(entry.get("variables", [])),
        fills=MappingProxyType(
            {each["name"]: each["fills"] for each in entry.get("variables", []) if each.get("fills")}
        ),
        fingerprint=_digest(slug.encode(), orjson.dumps(dict(entry), option=orjson.OPT_SORT_KEYS)),
    )


def _check_request(entry: Mapping[str, Any], body: str) -> None:
    if entry.get("method") not in METHODS:
        raise SourceError("method", _("Choose GET or POST."))
    try:
        check_url(entry.get("url", ""))
    except TemplateError as error:
        raise SourceError("url", error.text, **error.values) from error
    try:
        if body:
            check_body(body)
    except TemplateError as error:
        raise SourceError("body", error.text, **error.values) from error
    _check_auth(entry.get("auth", "none"), entry.get("auth_name", ""))


def _check_auth(auth: str, name: str) -> None:
    if auth not in ("none", "bearer", "basic", "header"):
        raise SourceError("auth", _("Choose how we identify ourselves."))
    if auth == "basic" and (not name or ":" in name):
        raise SourceError("auth_name", _("Give the user name; it has no colon."))
    if auth == "header" and (not _HEADER_NAME.fullmatch(name) or name.lower() in _OUR_HEADERS):
        raise SourceError("auth_name", _("Give the name of the header, such as X-Api-Key."))


def _variables(entries: list[Mapping[str, Any]]) -> tuple[Variable, ...]:
    if len(entries) > MOST_VARIABLES:
        raise SourceError("variables", _("A source gives at most %(most)d variables."), most=MOST_VARIABLES)
    try:
        return tuple(_variable(entry) for entry in entries)
    except KeyError as error:
        raise SourceError("variables", _("A variable has no %(part)s."), part=error) from error


def _variable(entry: Mapping[str, Any]) -> Variable:
    try:
        return compile_variable(entry)
    except ExpressionError as error:
        raise SourceError(f"variables.{entry['name']}", error.text, **error.values) from error


def _seconds(entry: Mapping[str, Any], name: str) -> float:
    return _whole(entry, name, 20, 5000) / 1000


def _whole(entry: Mapping[str, Any], name: str, lowest: int, highest: int) -> int:
    number = entry.get(name)
    if isinstance(number, bool) or not isinstance(number, int) or not lowest <= number <= highest:
        raise SourceError(
            name, _("Give a whole number between %(lowest)d and %(highest)d."), lowest=lowest, highest=highest
        )
    return number


def _digest(*parts: bytes) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()
