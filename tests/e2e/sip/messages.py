"""SIP messages as SIPp has written them down: every header in its order, doubles included."""

import re
from dataclasses import dataclass
from pathlib import Path

_HEAD = re.compile(rb"^-{20,} [^\n]*\n(?:UDP|TCP) message (received|sent) \[(\d+)\] bytes ?:\n\n", re.MULTILINE)
_USER = re.compile(r"sips?:([^@>;]*)@")


@dataclass(frozen=True)
class Message:
    """A request or a reply."""

    first_line: str
    headers: tuple[tuple[str, str], ...]
    received: bool

    @property
    def method(self) -> str:
        """INVITE and the like; `SIP/2.0` of a reply."""
        return self.first_line.partition(" ")[0]

    @property
    def called(self) -> str:
        """The user in the request's address: where the call is to go."""
        return user(self.first_line)

    @property
    def caller(self) -> str:
        return user(self["from"])

    @property
    def call_id(self) -> str:
        return self["call-id"]

    def __getitem__(self, name: str) -> str:
        """The only header of that name, "" without one; two of them are an error."""
        found = self.all(name)
        assert len(found) < 2, found
        return found[0] if found else ""

    def all(self, name: str) -> list[str]:
        """All headers of that name, whatever their case."""
        return [value for each, value in self.headers if each == name.lower()]


def user(text: str) -> str:
    """The user of the first SIP address in `text`."""
    found = _USER.search(text)
    return found[1] if found else ""


def read(trace: Path) -> list[Message]:
    """What stands in the file that SIPp was given with -message_file."""
    raw = trace.read_bytes() if trace.exists() else b""
    heads = list(_HEAD.finditer(raw))
    return [parse(raw[head.end() : head.end() + int(head[2])], head[1] == b"received") for head in heads]


def parse(raw: bytes, received: bool = True) -> Message:
    """One message as it came over the wire."""
    first, *lines = raw.decode(errors="replace").partition("\r\n\r\n")[0].split("\r\n")
    pairs = [line.partition(":") for line in lines]
    return Message(first, tuple((name.strip().lower(), value.strip()) for name, _, value in pairs), received)
