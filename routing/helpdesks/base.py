"""What a help desk is told, and what may go wrong: a pusher is one file and one line in the registry."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contactcenter.foundation import http
from contactcenter.foundation.http_errors import Rejected, Unavailable
from customers.crm.asking import seconds_to_wait
from queues.models import HelpDesk

CONNECT_S, READ_S, DEADLINE_S = 5.0, 10.0, 15.0
_BUSY = frozenset({408, 409, 423, 425, 429})


class DeskError(Exception):
    """The help desk did not take it. `code` is stable and names no person."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class DeskUnavailable(DeskError):
    """Trying again may heal it, not before `retry_after_s` if the help desk said so.

    `concerns_all`: it is away or busy, not only for this conversation.
    """

    def __init__(self, code: str, retry_after_s: float | None = None, *, concerns_all: bool = False) -> None:
        super().__init__(code)
        self.retry_after_s = retry_after_s
        self.concerns_all = concerns_all


class DeskRejected(DeskError):
    """Trying again will not heal it: a setting here or there has to change."""


@dataclass(frozen=True)
class Desk:
    """A help desk as it is reached; `url` without a slash at its end."""

    url: str
    account: str
    token: str


def desk_of(row: HelpDesk) -> Desk:
    """The help desk as it is set up."""
    return Desk(row.url.rstrip("/"), row.account, row.token)


@dataclass(frozen=True)
class Assignment:
    """One conversation to one team. `conversation` is empty while only the customer is known.

    `assigned_before` is the team we gave it last, in the help desk's own number: any other was given by hand.
    """

    key: str
    conversation: str
    channel: str
    number: str
    sender: str
    team: str
    priority: str
    assigned_before: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Assigned:
    """What the help desk has now; `by_hand`: somebody had assigned it, and it was left as it was."""

    conversation: str
    team: str
    by_hand: bool = False


@dataclass(frozen=True)
class Person:
    """What a help desk's contact says of himself, the best evidence first; empty where it says nothing."""

    customer_no: str = ""
    phone: str = ""
    email: str = ""


class Pusher(ABC):
    """Tells one kind of help desk."""

    slug: str

    def person(self, desk: Desk, conversation: str) -> Person:
        """Who writes in a conversation. Raises DeskUnavailable or DeskRejected."""
        raise DeskRejected("cannot_be_asked")

    @abstractmethod
    def assign(self, desk: Desk, assignment: Assignment) -> Assigned:
        """Give the conversation to the team. Safe to repeat. Raises DeskUnavailable or DeskRejected."""


def ask(method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Any:
    """The JSON that the help desk answers; None for an answer without any. Raises DeskUnavailable or DeskRejected."""
    sent = dict(headers) | {"Accept": "application/json"}
    if body is not None:
        sent["Content-Type"] = "application/json"
    try:
        answer = http.fetch(
            method, url, headers=sent, body=body, connect_s=CONNECT_S, read_s=READ_S, deadline_s=DEADLINE_S
        )
    except Unavailable as error:
        raise DeskUnavailable(error.code, concerns_all=True) from None
    except Rejected as error:
        raise DeskRejected(error.code) from None
    if not 200 <= answer.status < 300:
        raise _refusal(answer)
    return _json(answer.body)


def _refusal(answer: http.Answer) -> DeskError:
    code = f"status_{answer.status}"
    if answer.status >= 500 or answer.status in _BUSY:
        wait_s = seconds_to_wait(answer.headers.get("Retry-After", ""), datetime.now(UTC))
        return DeskUnavailable(code, wait_s, concerns_all=answer.status in (429, 503))
    return DeskRejected(code)


def _json(body: bytes) -> Any:
    if not body.strip():
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise DeskUnavailable("not_json") from None


def rows(answer: Any, name: str) -> list[dict[str, Any]]:
    """The objects of a list answered, under `name` or as the whole."""
    found = answer.get(name) if isinstance(answer, dict) else answer
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def part(answer: Any, name: str) -> dict[str, Any]:
    """The object under `name`; an empty one where there is none."""
    found = answer.get(name) if isinstance(answer, dict) else None
    return found if isinstance(found, dict) else {}


def said(row: Mapping[str, Any], name: str) -> str:
    """The text or number under `name`; "" for anything else."""
    value = row.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def number_named(name: str, found: list[dict[str, Any]]) -> str:
    """The number of the row with this name, in any case of letters. Raises DeskRejected when there is none."""
    for row in found:
        if str(row.get("name", "")).casefold() == name.strip().casefold():
            return str(row["id"])
    raise DeskRejected("no_such_team")
