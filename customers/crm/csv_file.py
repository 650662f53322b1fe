"""A file on a web server, fetched in parts (HTTP ranges: RFC 9110, 14), or not at all when it is the same as before."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from contactcenter.foundation import http
from customers.crm import asking
from customers.crm.pages import ConnectionConfig, CrmRejected, CrmUnavailable

PART = 512 * 1024
PARTIAL, UNCHANGED, NO_SUCH_RANGE = 206, 304, 416
_RANGE = re.compile(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15})", re.ASCII)
_IN_TWO_BYTES = (b"\xff\xfe", b"\xfe\xff")
"""How UTF-16 begins: it cannot be cut after a byte that looks like the end of a line."""


@dataclass(frozen=True)
class Version:
    """What the web server calls this state of the file."""

    etag: str = ""
    modified: str = ""

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Version":
        return cls(headers.get("ETag", ""), headers.get("Last-Modified", ""))

    def conditions(self) -> dict[str, str]:
        """The headers that ask for the file only if it is another one."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": "" if self.etag else self.modified}
        return {name: value for name, value in asked.items() if value}


NOTHING = Version()


@dataclass(frozen=True)
class Part:
    """Bytes of the file from the place asked for, of `size` in all."""

    content: bytes
    size: int
    version: Version
    is_last: bool


def fetch(config: ConnectionConfig, at: int, expected: Version, known: Version = NOTHING) -> Part | None:
    """The bytes from `at` on, of the file in the state `expected` if it is read already; None when it is still `known`.

    A server that hands out no parts gives the whole file. Raises CrmUnavailable or CrmRejected.
    """
    answer = _ask(config, {"Range": f"bytes={at}-{at + PART - 1}", **known.conditions()})
    if answer.status == UNCHANGED:
        return None
    version = Version.of(answer.headers)
    if at and (answer.status != PARTIAL or version != expected):
        raise CrmRejected("replaced")
    if answer.status == NO_SUCH_RANGE:
        return Part(b"", 0, version, is_last=True)
    if answer.status != PARTIAL:
        return _whole(answer)
    start, size = _range(answer)
    is_last = at + len(answer.body) == size
    if start != at or at + len(answer.body) > size or not (answer.body or is_last):
        raise CrmUnavailable("truncated")
    if not is_last and (version == NOTHING or answer.body.startswith(_IN_TWO_BYTES)):
        # Without a name for its state nobody would notice that the file is another one by the next part.
        return _whole(_ask(config, {}))
    return Part(answer.body, size, version, is_last)


def _ask(config: ConnectionConfig, headers: dict[str, str]) -> http.Answer:
    # A part of what is compressed cannot be read, so that it has to come as it is.
    sent = {"Accept": "text/csv, text/plain", "Accept-Encoding": "identity", **headers}
    allowed = (PARTIAL, UNCHANGED, NO_SUCH_RANGE) if headers else ()
    try:
        return asking.ask(config, config.url, headers=sent, allowed=allowed)
    except CrmRejected as error:
        if error.code == "too_large":
            raise CrmRejected("no_parts") from None
        raise


def _whole(answer: http.Answer) -> Part:
    return Part(answer.body, len(answer.body), Version.of(answer.headers), is_last=True)


def _range(answer: http.Answer) -> tuple[int, int]:
    """Where the part begins, and how large the file is."""
    found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if found is None:
        raise CrmUnavailable("truncated")
    return int(found[1]), int(found[2])
