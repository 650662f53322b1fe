"""Tells the decide server what becomes of callers in mod_callcenter's queues, from FreeSWITCH's event socket.

Needs reporter.py beside it. Set DECIDE, KEY and ESL_PASSWORD, and where they differ ESL_HOST, ESL_PORT and QUEUES
(`8001=vip`: their name without domain, our short name). Not run in CI against a FreeSWITCH.

Calls are known by the decision id in X-Decision-Id where they came with our headers, else by the id of the caller's
channel, which is the call id of the dialect FreeSWITCH.
"""

import os
import socket
import time
from collections.abc import Iterator
from urllib.parse import unquote

from reporter import Event, Reporter, event, queue_names

HUNG_UP = ("BREAK_OUT", "NONE")
Message = dict[str, str]


def frames(buffer: bytearray) -> Iterator[tuple[Message, Message]]:
    """The whole frames at the beginning of `buffer`, which are taken out: headers, and the event inside."""
    while (end := buffer.find(b"\n\n")) >= 0:
        headers = _fields(bytes(buffer[:end]))
        length = int(headers.get("Content-Length", "0"))
        if len(buffer) < end + 2 + length:
            return
        body = bytes(buffer[end + 2 : end + 2 + length])
        del buffer[: end + 2 + length]
        yield headers, _fields(body)


def _fields(text: bytes) -> Message:
    lines = text.decode("utf-8", "replace").split("\n")
    return {name: unquote(value) for name, colon, value in (line.partition(": ") for line in lines) if colon}


def read(message: Message, names: dict[str, str], now: float) -> list[Event]:
    """What an event of mod_callcenter means to us; most mean nothing."""
    if message.get("Event-Subclass") != "callcenter::info":
        return []
    at = int(message.get("Event-Date-Timestamp") or now * 1_000_000) / 1_000_000
    match message.get("CC-Action"):
        case "member-queue-start":
            return [_event("entered", at, message, names)]
        case "bridge-agent-start":
            return [_event("agent_answered", at, message, names, _waited(message, "CC-Agent-Answered-Time"))]
        case "member-queue-end" if message.get("CC-Cause") == "Cancel":
            kind = "abandoned" if message.get("CC-Cancel-Reason", "NONE") in HUNG_UP else "left"
            return [_event(kind, at, message, names, _waited(message, "CC-Member-Leaving-Time"))]
    return []  # "Terminated" is the end of a talk: the wait was over with the agent's answer


def _event(kind: str, at: float, message: Message, names: dict[str, str], seconds: int | None = None) -> Event:
    queue = message.get("CC-Queue", "").partition("@")[0]
    decision = message.get("variable_sip_h_X-Decision-Id", "")
    call = {"decision_id": decision} if decision else {"call_id": message.get("CC-Member-Session-UUID", "")}
    return event(kind, at, names.get(queue, queue), call, seconds)


def _waited(message: Message, until: str) -> int | None:
    began, ended = message.get("CC-Member-Joined-Time", ""), message.get(until, "")
    return int(ended) - int(began) if began.isdigit() and ended.isdigit() else None


def listen(connection: socket.socket, password: str, names: dict[str, str], reporter: Reporter) -> None:
    """Log in, ask for the events of queues, and read until FreeSWITCH closes the connection."""
    buffer = bytearray()
    while piece := connection.recv(65536):
        buffer += piece
        for headers, message in frames(buffer):
            match headers.get("Content-Type"):
                case "auth/request":
                    connection.sendall(f"auth {password}\n\nevent plain CUSTOM callcenter::info\n\n".encode())
                case "command/reply" if headers.get("Reply-Text", "").startswith("-ERR invalid"):
                    raise SystemExit("FreeSWITCH refused ESL_PASSWORD.")
                case "text/event-plain":
                    reporter.waiting.extend(read(message, names, time.time()))


def main() -> None:
    """Connect, again and again, for as long as the process lives."""
    reporter, names = Reporter.from_environment(), queue_names(os.getenv("QUEUES", ""))
    password = os.environ["ESL_PASSWORD"]
    reporter.start()
    while True:
        try:
            place = (os.getenv("ESL_HOST", "127.0.0.1"), int(os.getenv("ESL_PORT", "8021")))
            with socket.create_connection(place, timeout=5) as connection:
                connection.settimeout(None)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                listen(connection, password, names, reporter)
        except OSError:
            pass  # FreeSWITCH restarts; what happened meanwhile nobody can tell us
        time.sleep(2)


if __name__ == "__main__":
    main()
