"""One provider's API for numbers: who we are, how long it may take, and what went wrong in words."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from contactcenter.foundation import http
from contactcenter.foundation.http_errors import FetchError, Rejected

CONNECT_S, READ_S = 3.0, 6.0
ALTOGETHER_S = 20.0
"""Somebody waits for the page, and the proxy in front of the portal gives up after 30 s."""

LONGEST_PAGE = 2_000_000
_REFUSED = (401, 403)
_TOO_MANY = 429


class NumberingError(Exception):
    """The provider did not do it. `words` are for the supervisor and hold nothing of what was sent."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class NumberingUnavailable(NumberingError):
    """Trying again later may heal it."""


class NumberingRejected(NumberingError):
    """It will not heal by itself: credentials, or a setting at the provider."""


@dataclass
class Api:
    """A provider's API under one account's credentials, for the length of one page. `base` has no slash at its end."""

    base: str
    authorization: str
    ends_at: float = field(default_factory=lambda: monotonic() + ALTOGETHER_S)

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        return self._ask("GET", path + (f"?{urlencode(query)}" if query else ""))

    def send_form(self, path: str, form: Mapping[str, str]) -> Any:
        return self._ask("POST", path, urlencode(form).encode(), "application/x-www-form-urlencoded")

    def send_json(self, path: str, body: Mapping[str, Any], method: str = "POST") -> Any:
        return self._ask(method, path, json.dumps(body).encode(), "application/json")

    def _ask(self, method: str, path: str, body: bytes | None = None, content_type: str = "") -> Any:
        headers = {"Authorization": self.authorization, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = content_type
        try:
            answer = http.fetch(
                method,
                self.base + path,
                headers=headers,
                body=body,
                connect_s=CONNECT_S,
                read_s=READ_S,
                deadline_s=max(self.ends_at - monotonic(), 0.001),
                max_bytes=LONGEST_PAGE,
            )
        except FetchError as error:
            raise _away(error) from None
        if not 200 <= answer.status < 300:
            raise _refusal(answer)
        return _json(answer.body)


def basic(user: str, secret: str) -> str:
    """Who we are, for an API that asks for user and password (RFC 7617)."""
    return "Basic " + b64encode(f"{user}:{secret}".encode()).decode()


def bearer(secret: str) -> str:
    """Who we are, for an API that asks for a key alone (RFC 6750)."""
    return f"Bearer {secret}"


def _away(error: FetchError) -> NumberingError:
    if isinstance(error, Rejected):
        return NumberingRejected(_("This server may not reach the provider (%(code)s).") % {"code": error.code})
    if error.code in ("timeout", "deadline"):
        return NumberingUnavailable(_("The provider did not answer in time. Try again in a minute."))
    return NumberingUnavailable(_("The provider cannot be reached (%(code)s). Try again later.") % {"code": error.code})


def _refusal(answer: http.Answer) -> NumberingError:
    if answer.status in _REFUSED:
        return NumberingRejected(_("The provider refused API user and API secret. Type them again, and save."))
    if answer.status == _TOO_MANY:
        wait = _seconds(answer.headers.get("Retry-After", ""))
        if wait:
            return NumberingUnavailable(_("Too many requests: try again in %(seconds)s seconds.") % {"seconds": wait})
        return NumberingUnavailable(_("Too many requests: try again in some minutes."))
    if answer.status >= 500:
        words = _("The provider has a fault of its own (status %(status)s). Try again later.")
        return NumberingUnavailable(words % {"status": answer.status})
    words = _("The provider refused this (status %(status)s). Its console may say more.")
    return NumberingRejected(words % {"status": answer.status})


def _seconds(retry_after: str) -> int:
    """Whole seconds of a Retry-After in seconds; 0 where it says something else."""
    return int(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 6 else 0


def _json(body: bytes) -> Any:
    if not body.strip():
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise NumberingUnavailable(_("The provider answered something that cannot be read.")) from None
