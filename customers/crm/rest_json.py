"""A CRM with a JSON list of customers, read page by page with a cursor and a bearer token."""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import jmespath
from django.utils.translation import gettext_lazy as _
from jmespath.exceptions import JMESPathError

from contactcenter.foundation import http
from customers.crm.pages import ConnectionConfig, CrmRejected, CrmUnavailable, Page, PaginationLoop

CONNECT_S, READ_S, TOTAL_S = 5.0, 30.0, 60.0
LARGEST_PAGE = 32 * 1024 * 1024
LONGEST_WAIT_S = 86_400.0


class RestJson:
    """`fetch_page` asks once and keeps nothing: retries are the sync's, which can be cancelled meanwhile."""

    label = _("REST API with JSON")

    def fetch_page(self, config: ConnectionConfig, cursor: str, since: datetime | None, until: datetime) -> Page:
        """The page at `cursor`. Raises CrmUnavailable or CrmRejected.

        `until` is not sent: what changes after it is read now and, harmlessly, once more by the next run.
        """
        document = _json(_ask(_address(config, cursor, since), config.token))
        records = _search(config.records_path, document)
        if not isinstance(records, list):
            raise CrmRejected("no_records")
        next_cursor = _cursor(_search(config.next_cursor_path, document))
        if next_cursor is not None and next_cursor == cursor:
            raise PaginationLoop
        return Page(records, next_cursor, _count(_search(config.count_path, document)))


def _address(config: ConnectionConfig, cursor: str, since: datetime | None) -> str:
    wanted = {
        config.cursor_param: cursor,
        config.page_size_param: str(config.page_size),
        config.updated_since_param: since.isoformat() if since else "",
    }
    query = urlencode({name: value for name, value in wanted.items() if name and value})
    parts = urlsplit(config.url)
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, query]))))


def _ask(url: str, token: str) -> bytes:
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        answer = http.fetch(
            "GET",
            url,
            headers=headers,
            connect_s=CONNECT_S,
            read_s=READ_S,
            deadline_s=TOTAL_S,
            max_bytes=LARGEST_PAGE,
        )
    except http.Unavailable as error:
        raise CrmUnavailable("unreachable", str(error)) from error
    except http.Rejected as error:
        raise CrmRejected("not_allowed", str(error)) from error
    _check_status(answer)
    return answer.body


def _check_status(answer: http.Answer) -> None:
    status = f"HTTP {answer.status}"
    if answer.status in (429, 503):
        wait = seconds_to_wait(answer.headers.get("Retry-After", ""), datetime.now(UTC))
        raise CrmUnavailable("busy", status, retry_after=wait)
    if answer.status in (401, 403):
        raise CrmRejected("token_refused", status)
    if answer.status in (408, 425) or answer.status >= 500:
        raise CrmUnavailable("server_error", status)
    if answer.status != 200:
        raise CrmRejected("refused", status)


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


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        is_page = body.lstrip()[:1] == b"<"
        raise CrmUnavailable("not_json" if is_page else "truncated") from None


def _search(expression: str, document: Any) -> Any:
    try:
        return jmespath.search(expression, document) if expression else None
    except JMESPathError:
        return None


def _cursor(value: Any) -> str | None:
    if value is None or value is False or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise CrmRejected("bad_cursor")
    return str(value)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None
