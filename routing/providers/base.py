"""What a provider's dialect is: it proves a request, reads it as a Contact, and says an answer in its own words.

A dialect is a plain object without network, clock or settings, so a table of requests tests it whole.
What is common to all (accounts, deciding, spool, the next leg) stays outside, in routing/api/providers.py.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from routing.answers import Answer, emergency
from routing.contacts import Contact

VOICE, MESSAGE, AFTER, STATUS = "voice", "message", "after", "status"
"""Stages, the last part of a webhook's URL: a call, a message, a leg that has ended, a report."""

ANSWERED, BUSY, NO_ANSWER, FAILED, CANCELED = "answered", "busy", "no_answer", "failed", "canceled"
"""How a leg ended; `canceled`: the caller hung up first."""

BRIDGE, REDIRECT, REFER = "bridge", "redirect", "refer"
"""How the call leaves: the provider stays in between; or hands it over, and then knows nothing of a leg's end."""

CALLER_IDS = ("callerId", "P-Asserted-Identity", "Diversion", "User-to-User")
"""Where a caller and the original caller of a diverted call can be named to the queue."""

SHORTEST_RING_S, LONGEST_RING_S = 5, 600
"""How long we let a leg ring, whatever a queue asks; no provider takes less or needs more."""

BEHIND = "behind"
"""Key of the answers that follow this one, each when the one before was not answered: for who asks but once."""

E164 = re.compile(r"\+[1-9][0-9]{5,14}")

LONGEST_HEADER = 200

_HEADER = re.compile(r"X-[A-Za-z0-9-]{1,40}")
_NOT_PRINTABLE = re.compile(r"[^ -~]")
_SIP_URI = re.compile(r"sips?:[!-~]+")
_QUOTES = re.compile(r"[<>\"]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class SignatureError(Exception):
    """The request does not prove that it comes from the provider. The text never names a value."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as it came, before anything is parsed. Header names are in lower case.

    `client` is the peer's address as far as we trust it; "" where nobody asked for it.
    """

    method: str
    path: str
    query_string: str = ""
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    client: str = ""

    def header(self, name: str) -> str:
        return (self.headers or {}).get(name, "")

    def url(self, public_url: str) -> str:
        """The URL that the provider called: by our configured address, whatever Host header came along."""
        return f"{public_url}{self.path}" + (f"?{self.query_string}" if self.query_string else "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to the provider."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class LegReport:
    """What a provider says of a leg; `outcome` is one of the words above, or "" while the leg goes on."""

    call_id: str
    to: str
    caller: str
    outcome: str
    sip_code: str = ""
    duration_s: int | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do, as shown in the admin and in docs/providers.md.

    `replay_window_s` None: signatures carry no time. `header_names`: in plain words, what a header of ours may be
    called. `caller_id`: which of CALLER_IDS can be set. `transfer`: BRIDGE, REDIRECT or REFER. `longest_ring_s`:
    the provider's own limit; None where none is known.
    """

    target_kinds: frozenset[str]
    custom_headers: bool
    ring_timeout: bool
    several_targets: bool
    after_stage: bool
    signed: bool
    replay_window_s: int | None = None
    header_names: str = ""
    caller_id: frozenset[str] = frozenset()
    transfer: str = BRIDGE
    longest_ring_s: int | None = None


class Dialect(ABC):
    """One provider's way to ask. `label` is plain English, `stages` are its webhooks, `deadline_s` ours to answer."""

    slug: str
    label: str
    channels: frozenset[str]
    capabilities: Capabilities
    deadline_s: float = 1.5
    stages: frozenset[str] = frozenset()

    @abstractmethod
    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        """Raise SignatureError unless one of the live `secrets` signed exactly this request to `public_url`.

        `now` in seconds since 1970, for signatures that carry their time.
        """

    def misfit(self, secret: str) -> str:
        """Why `secret` can be none of this provider's, in words for a person; "" where nothing is known against it."""
        return ""

    def takes(self, kind: str, address: str) -> bool:
        """Whether an answer can say this extension (`sip`), number (`phone`), queue or team."""
        return kind in self.capabilities.target_kinds


class VoiceDialect(Dialect):
    """A dialect whose HTTP answer is the transfer of the call."""

    stages = frozenset({VOICE, AFTER})
    asks_once: bool = False
    """Whether nobody comes back after a leg, and the answer holds everything that is tried, see BEHIND."""

    @abstractmethod
    def parse(self, request: RawRequest, account: str) -> Contact:
        """The call that `request` asks about. Never raises; `call_id` is empty when the provider named none."""

    @abstractmethod
    def parse_leg(self, request: RawRequest) -> LegReport:
        """How the leg ended that `request` reports. Never raises."""

    @abstractmethod
    def render(self, answer: Answer, next_url: str, own_number: str = "") -> Reply:
        """`answer` in the provider's words; `next_url` is asked when the leg has ended.

        `own_number`, the number that was called, may be shown where the caller hides his.
        """

    @abstractmethod
    def end(self) -> Reply:
        """Nothing more to do for this call."""

    def is_dead_end(self, answer: Answer) -> bool:
        """Whether `answer` would end the call although it names somewhere to go: nobody comes back for the next."""
        return False

    def error_reply(self, target: str) -> Reply:
        """For when all else failed: dial `target`, a SIP URI or a number; without one refuse the call."""
        return self.render(emergency(Contact("", "", ""), "", target), "")


def one_line(text: str, longest: int) -> str:
    """What a provider or caller wrote, without control characters and cut to `longest`."""
    return _CONTROL.sub("", text)[:longest]


def context_name(name: str) -> str:
    """A field's name as the last part of `call.context.*`: X-Customer-No is customer_no; "" when none is left."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower().removeprefix("x-")).strip("_")
    return plain[:50] if plain[:1].isalpha() else ""


def sip_address(uri: str, longest: int = 255) -> str:
    """`uri` as a SIP address that whose user part holds no header; "" when it is none or too long."""
    if not _SIP_URI.fullmatch(uri) or _QUOTES.search(uri):
        return ""
    # A question mark begins headers in an address; inside the user part it can be written as an escape (RFC 3261).
    user, at, host = uri.rpartition("@")
    address = user.replace("?", "%3F") + at + host
    return address if len(address) <= longest else ""


def sip_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those of `headers` that may be sent: named X-…, with one line of printable ASCII as value."""
    sendable = {name: value for name, value in headers.items() if _HEADER.fullmatch(name)}
    return {name: _NOT_PRINTABLE.sub("", value)[:LONGEST_HEADER] for name, value in sendable.items()}


def ring_s(answer: Answer, longest: int = LONGEST_RING_S) -> int:
    """Seconds that this leg may ring, within what providers take."""
    return int(min(max(answer.get("answer_timeout_ms", 30_000) // 1000, SHORTEST_RING_S), longest))


def turns_away(answer: Answer) -> bool:
    """Whether a closed or full queue turns this caller away; without a queue there was simply nobody to dial."""
    return answer.get("action") == "reject" and "queue" in answer


def caller_hides(answer: Answer, own_number: str) -> bool:
    """Whether to show the called number instead of the caller's: networks refuse "anonymous" as a calling number.

    Otherwise the caller's own number is passed on as it came: providers accept no other.
    """
    return not answer.get("caller_id") and E164.fullmatch(own_number) is not None


def is_recent(timestamp: str, now: float, tolerance_s: float) -> bool:
    """Whether `timestamp`, in seconds since 1970, lies within `tolerance_s` of `now`, on either side."""
    is_time = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    return is_time and abs(now - int(timestamp)) <= tolerance_s


def xml_text(text: str) -> str:
    """`text` without the characters that XML 1.0 cannot hold, not even escaped."""
    return _XML.sub("", text)
