"""What a dialect of messages is: it proves a request and reads it as events of conversations.

A message needs no answer within the call: its event is stored and the provider hears "got it" at once; where
it goes is told to the help desk later. The text of a message is never read into an event.
"""

import hashlib
import hmac
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from contactcenter.foundation.values import Value
from routing.providers.base import MESSAGE, Capabilities, Dialect, RawRequest, Reply, SignatureError, one_line

INBOUND, STATUS, ASSIGNED = "inbound", "status", "assigned"
"""What an event says: the customer wrote; the conversation was resolved or opened; somebody assigned it."""

OPEN, RESOLVED = "open", "resolved"
CHANNELS = frozenset({"sms", "whatsapp", "instagram", "messenger"})
LONGEST_ID = 128
LARGEST_BATCH = 3 * 1024 * 1024
"""Bytes of one request: Meta sends up to 1,000 messages at once."""

LONGEST_ADDRESS = 128
TOLERANCE_S = 300
"""Seconds that a signed time may differ from ours, in both directions."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event of a conversation, without its text.

    `message_id` is unique within the account. `conversation` is the help desk's own id where a help desk asks;
    `to` is the address that was written to, or the help desk's inbox. `status` is OPEN or RESOLVED.
    """

    kind: str
    message_id: str
    channel: str = ""
    to: str = ""
    sender: str = ""
    conversation: str = ""
    status: str = ""
    team: str = ""
    assignee: str = ""
    occurred_at: datetime | None = None
    context: Mapping[str, Value] = field(default_factory=dict)


class MessageDialect(Dialect):
    """A dialect whose requests are events; `deadline_s` is how soon the provider hears that we have them."""

    stages = frozenset({MESSAGE})
    deadline_s = 1.0

    def handshake(self, request: RawRequest, account: str, secrets: Sequence[str]) -> Reply | None:
        """The answer to a GET that only asks whether we are there; None for any other. Raises SignatureError."""
        return None

    def verify_token(self, account: str, secret: str) -> str:
        """What is typed at the provider, to be said in its handshake; "" where there is no such thing."""
        return ""

    @abstractmethod
    def parse(self, request: RawRequest) -> list[Message]:
        """The events in `request` that concern us, in their order. Never raises: what cannot be read is left out."""

    def accepted(self) -> Reply:
        """Got it."""
        return Reply(200, "application/json", b"{}")


def capabilities(*, replay_window_s: int | None = None) -> Capabilities:
    """What all dialects of messages can do: hand a conversation to a team."""
    return Capabilities(
        target_kinds=frozenset({"team"}),
        custom_headers=False,
        ring_timeout=False,
        several_targets=False,
        after_stage=False,
        signed=True,
        replay_window_s=replay_window_s,
    )


def json_of(request: RawRequest) -> dict[str, Any]:
    """The body as a JSON object; an empty one for whatever is none."""
    try:
        found = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def part(document: Any, *path: str) -> dict[str, Any]:
    """The object at `path` inside `document`; an empty one where there is none."""
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else {}


def objects(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects in the list `name` of `document`, whatever else stands there."""
    found = document.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def words(value: Any, longest: int = LONGEST_ADDRESS) -> str:
    """A short text or number as one line; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return one_line(str(value).strip(), longest)


def event_id(*parts: Any) -> str:
    """An event's id from its parts; "" when the last one is missing. One that is too long becomes its hash."""
    texts = [words(each, 1000) for each in parts]
    if not texts[-1]:
        return ""
    whole = ":".join(texts)
    return whole if len(whole) <= LONGEST_ID else hashlib.sha256(whole.encode()).hexdigest()


def moment(value: Any) -> datetime | None:
    """A time in seconds or milliseconds since 1970, or in ISO 8601; None for anything else."""
    try:
        if isinstance(value, str) and not value.strip().isdigit():
            read = datetime.fromisoformat(value.strip())
            return read if read.tzinfo else read.replace(tzinfo=UTC)
        seconds = float(value)
        return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def within(signed_at: datetime | None, now: float) -> None:
    """Raise SignatureError unless a signed time is near enough."""
    if signed_at is None or abs(signed_at.timestamp() - now) > TOLERANCE_S:
        raise SignatureError("the signed time is missing or too far from ours")


def require_one(expected: Sequence[str], *given: str) -> None:
    """Raise SignatureError unless one of the `given` signatures is one that a live secret makes."""
    sent = [each.encode("utf-8", "replace") for each in given]
    # All are compared, so that time does not tell which secret is live.
    same = [hmac.compare_digest(each.encode(), one) for each in expected for one in sent]
    if not any(same):
        raise SignatureError("no live secret signed this request")
