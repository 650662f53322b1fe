"""One question to a CRM: who we are, what its answer's status means, and JSON that really is JSON.

Asked once: repeating is the sync's work, which can be cancelled meanwhile. The one exception is a token that
has been refused: it is renewed once, and the question repeated once.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

from contactcenter.foundation import http
from contactcenter.foundation.stored_secrets import origin
from customers.crm.options import listed
from customers.crm.pages import ConnectionConfig, CrmRejected, CrmUnavailable

CONNECT_S, READ_S, TOTAL_S = 5.0, 30.0, 60.0
LARGEST_PAGE = 32 * 1024 * 1024
LONGEST_WAIT_S = 86_400.0
AUTH_ERRORS = "401"
MISSING = 404

_CODE = re.compile(r"[A-Za-z][A-Za-z_.\-]{0,79}", re.ASCII)


def ask(
    config: ConnectionConfig,
    url: str,
    *,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    allowed: tuple[int, ...] = (),
) -> http.Answer:
    """The CRM's answer; `body` is sent as JSON, by POST. Raises CrmUnavailable or CrmRejected for every status
    but 200 and those in `allowed`."""
    answer = _once(config, url, body, headers)
    auth_errors = {int(status) for status in listed(config.options.get("auth_error_statuses") or AUTH_ERRORS)}
    if answer.status in auth_errors and config.credentials and config.credentials.renew():
        answer = _once(config, url, body, headers)
    if answer.status not in allowed:
        check_status(answer, auth_errors)
    return answer


def ask_json(config: ConnectionConfig, url: str, *, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
    """The document that the CRM answers with. Raises as `ask` does, and for what is no JSON."""
    return read_json(ask(config, url, body=body, headers=headers).body)


def ask_for_one(config: ConnectionConfig, url: str) -> Any | None:
    """The document at `url`, None for 404."""
    answer = ask(config, url, allowed=(MISSING,))
    return None if answer.status == MISSING else read_json(answer.body)


def _once(config: ConnectionConfig, url: str, body: Any, headers: Mapping[str, str] | None) -> http.Answer:
    sent = {"Accept": "application/json", **(headers or {})}
    if config.credentials:
        sent |= config.credentials.headers()
    elif config.token:
        sent["Authorization"] = f"Bearer {config.token}"
    if body is not None:
        sent["Content-Type"] = "application/json"
    return send("GET" if body is None else "POST", url, sent, None if body is None else json.dumps(body).encode())


def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> http.Answer:
    """The answer, whatever its status. Raises CrmUnavailable or CrmRejected when there is none."""
    try:
        return http.fetch(
            method,
            url,
            headers=headers,
            body=body,
            connect_s=CONNECT_S,
            read_s=READ_S,
            deadline_s=TOTAL_S,
            max_bytes=LARGEST_PAGE,
        )
    except http.Unavailable as error:
        raise CrmUnavailable("unreachable", str(error)) from error
    except http.Rejected as error:
        raise CrmRejected("too_large" if error.code == "too_large" else "not_allowed", str(error)) from error


def check_status(answer: http.Answer, auth_errors: set[int] | None = None) -> None:
    """Raises what the answer's status stands for, unless it is 200."""
    status = ", ".join(filter(None, [f"HTTP {answer.status}", _code(answer.body)]))
    if answer.status in (429, 503):
        wait = seconds_to_wait(answer.headers.get("Retry-After", ""), datetime.now(UTC))
        raise CrmUnavailable("busy", status, retry_after=wait)
    if answer.status in (401, 403) or answer.status in (auth_errors or ()):
        raise CrmRejected("token_refused", status)
    if answer.status in (408, 425) or answer.status >= 500:
        raise CrmUnavailable("server_error", status)
    if answer.status != 200:
        raise CrmRejected("refused", status)


def _code(body: bytes) -> str:
    """The name of an error as CRMs give it, if it is a mere name: a text of theirs may repeat a customer."""
    try:
        said = json.loads(body[:10_000])
    except (ValueError, RecursionError):
        return ""
    first = said[0] if isinstance(said, list) and said else said
    if not isinstance(first, dict):
        return ""
    names = (first.get(key) for key in ("errorCode", "code", "error", "category"))
    return next((name for name in names if isinstance(name, str) and _CODE.fullmatch(name)), "")


def seconds_to_wait(retry_after: str, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or a date (RFC 9110, 10.2.3); at most a day."""
    try:
        if retry_after.strip().isdecimal():
            seconds = float(retry_after)
        else:
            moment = parsedate_to_datetime(retry_after)
            seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT_S)


def read_json(body: bytes) -> Any:
    """The document in `body`. Raises CrmUnavailable: what is no JSON is an error page or broke off."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        is_page = body.lstrip()[:1] == b"<"
        raise CrmUnavailable("not_json" if is_page else "truncated") from None


def same_host(config: ConnectionConfig, base: str, link: str) -> str:
    """The address that `link` leads to from `base`. Raises CrmRejected when it is not on the CRM's own host."""
    url = urljoin(base, link)
    if not origin(url) or origin(url) != origin(config.url):
        raise CrmRejected("elsewhere")
    return url


def members(document: Any, name: str) -> list[Any]:
    """The list of that name in the document. Raises CrmRejected where there is none."""
    found = document.get(name) if isinstance(document, dict) else None
    if not isinstance(found, list):
        raise CrmRejected("no_records")
    return found
