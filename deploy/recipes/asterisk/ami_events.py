"""Tells the decide server what becomes of callers in Asterisk's queues, from AMI events. Asterisk 13 or newer.

Needs reporter.py beside it. Set DECIDE, KEY, AMI_USER and AMI_SECRET, and where they differ AMI_HOST, AMI_PORT and
QUEUES (`8001=vip`: their name, our short name). Not run in CI against an Asterisk.

manager.conf: `timestampevents = yes`, `channelvars = CC_DECISION`, and a user with `read = agent`. Where calls come
from another host with our headers, keep the decision id before Queue():
    same => n,Set(CC_DECISION=${PJSIP_HEADER(read,X-Decision-Id)})
"""

import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from reporter import Event, Reporter, event, queue_names

GRACE_S = 5.0
"""Asterisk says that a caller has left before or after it says why."""

PING_S = 30.0
Message = dict[str, str]


def messages(buffer: bytearray) -> Iterator[Message]:
    """The whole messages at the beginning of `buffer`, which are taken out; the greeting line is skipped."""
    while (end := buffer.find(b"\r\n\r\n")) >= 0:
        lines = bytes(buffer[:end]).decode("utf-8", "replace").split("\r\n")
        del buffer[: end + 4]
        yield dict(_field(line) for line in lines if ": " in line)


def _field(line: str) -> tuple[str, str]:
    name, _colon, value = line.partition(": ")
    if name.startswith("ChanVariable"):  # ChanVariable: CC_DECISION=1f…; others are those of the agent's channel
        variable, _equals, value = value.partition("=")
        return f"variable {variable}", value
    return name, value


@dataclass
class Queues:
    """Callers in queues, as far as Asterisk tells. A caller is known by the id of his channel."""

    names: dict[str, str]
    joined: dict[str, float] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    leaving: dict[str, tuple[float, Event]] = field(default_factory=dict)

    def read(self, message: Message, now: float) -> list[Event]:
        """What `message` means to us; most messages mean nothing."""
        kind, caller = message.get("Event", ""), message.get("Uniqueid", "")
        at = float(message.get("Timestamp") or now)
        match kind:
            case "QueueCallerJoin":
                self.ended.discard(caller)
                self.joined[caller] = at
                return [self._event("entered", at, message)]
            case "AgentConnect" | "QueueCallerAbandon":
                if self.leaving.pop(caller, None) is None:
                    self.ended.add(caller)
                self.joined.pop(caller, None)
                said = "agent_answered" if kind == "AgentConnect" else "abandoned"
                return [self._event(said, at, message, _seconds(message))]
            case "QueueCallerLeave":
                if caller in self.ended:
                    self.ended.discard(caller)
                else:
                    waited = int(at - self.joined[caller]) if caller in self.joined else None
                    self.leaving[caller] = (now, self._event("left", at, message, waited))
        return []

    def settle(self, now: float) -> list[Event]:
        """Those who left some time ago without an agent and without hanging up: by a key, or because it took long."""
        gone = [caller for caller, (since, _event) in self.leaving.items() if now - since >= GRACE_S]
        for caller in gone:
            self.joined.pop(caller, None)
        return [self.leaving.pop(caller)[1] for caller in gone]

    def _event(self, kind: str, at: float, message: Message, seconds: int | None = None) -> Event:
        queue, decision = message.get("Queue", ""), message.get("variable CC_DECISION", "")
        call = {"decision_id": decision} if decision else {"call_id": message.get("Uniqueid", "")}
        return event(kind, at, self.names.get(queue, queue), call, seconds)


def _seconds(message: Message) -> int | None:
    said = message.get("HoldTime", "")
    return int(said) if said.isdigit() else None


def listen(connection: socket.socket, queues: Queues, reporter: Reporter) -> None:
    """Read until Asterisk closes the connection."""
    buffer, pinged = bytearray(), time.time()
    while True:
        now = time.time()
        if now - pinged > PING_S:
            connection.sendall(b"Action: Ping\r\n\r\n")
            pinged = now
        try:
            piece = connection.recv(65536)
        except TimeoutError:
            piece = None
        if piece == b"":
            return
        buffer += piece or b""
        for message in messages(buffer):
            if message.get("Response") == "Error":
                raise SystemExit("Asterisk refused AMI_USER and AMI_SECRET.")
            reporter.waiting.extend(queues.read(message, now))
        reporter.waiting.extend(queues.settle(now))


def main() -> None:
    """Connect, again and again, for as long as the process lives."""
    reporter, queues = Reporter.from_environment(), Queues(queue_names(os.getenv("QUEUES", "")))
    user, secret = os.environ["AMI_USER"], os.environ["AMI_SECRET"]
    reporter.start()
    while True:
        try:
            place = (os.getenv("AMI_HOST", "127.0.0.1"), int(os.getenv("AMI_PORT", "5038")))
            with socket.create_connection(place, timeout=5) as connection:
                connection.settimeout(1)
                login = f"Action: Login\r\nUsername: {user}\r\nSecret: {secret}\r\nEvents: agent\r\n\r\n"
                connection.sendall(login.encode())
                listen(connection, queues, reporter)
        except OSError:
            pass  # Asterisk restarts; what happened meanwhile nobody can tell us
        time.sleep(2)


if __name__ == "__main__":
    main()
