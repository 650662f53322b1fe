"""A data source that misbehaves on demand: a real HTTP server on the loopback.

The first part of the path says how: /json, /hang, /drip, /slow-headers, /reset, /status/500, /huge, /bomb,
/redirect, /html, /cut. Everything asked is kept in `journal`.
"""

import gzip
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

Answering = Callable[["Standin", socket.socket, str], None]

BOMB_BYTES = 200_000_000
_ZEROS = gzip.compress(bytes(10_000_000), 9)  # members of a gzip file may follow each other


@dataclass
class Asked:
    """One request as it arrived; header names in small letters."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass
class Standin:
    """The server: where it listens, what it was asked, and what /json answers."""

    port: int
    journal: list[Asked] = field(default_factory=list)
    connections: int = 0
    content: bytes = b'{"customer": {"tier": "gold", "orders": 12}}'
    delay_s: float = 0.0
    failing: bool = False
    closing: Event = field(default_factory=Event)
    server_names: list[str | None] = field(default_factory=list)

    def url(self, path: str = "/json") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def running_standin(tls: ssl.SSLContext | None = None) -> Iterator[Standin]:
    """A stand-in on a free port of the loopback, gone at the end."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    standin = Standin(listener.getsockname()[1])
    Thread(target=_accept, args=(listener, standin, tls), daemon=True).start()
    try:
        yield standin
    finally:
        standin.closing.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@contextmanager
def full_listener() -> Iterator[int]:
    """A port that takes no connection any more: reaching it hangs."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    waiting = [socket.socket() for _ in range(4)]
    for each in waiting:
        each.setblocking(False)
        each.connect_ex(listener.getsockname())
    time.sleep(0.05)
    try:
        yield listener.getsockname()[1]
    finally:
        for each in waiting:
            each.close()
        listener.close()


def _accept(listener: socket.socket, standin: Standin, tls: ssl.SSLContext | None) -> None:
    while not standin.closing.is_set():
        try:
            connection, _address = listener.accept()
        except OSError:
            return
        standin.connections += 1
        Thread(target=_serve, args=(connection, standin, tls), daemon=True).start()


def _serve(connection: socket.socket, standin: Standin, tls: ssl.SSLContext | None) -> None:
    with suppress(OSError, ValueError):
        if tls is not None:
            connection = tls.wrap_socket(connection, server_side=True)
        asked = _read_request(connection)
        standin.journal.append(asked)
        kind = asked.target.split("?")[0].strip("/").split("/")[0]
        BEHAVIOURS.get(kind, _json)(standin, connection, asked.target)
    connection.close()


def _read_request(connection: socket.socket) -> Asked:
    with connection.makefile("rb") as lines:
        method, target, _version = lines.readline().decode("latin-1").split()
        headers = {}
        while (line := lines.readline().decode("latin-1").strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = lines.read(int(headers.get("content-length", 0)))
    return Asked(method, target, headers, body, time.monotonic())


def _send(connection: socket.socket, status: int, body: bytes, *headers: str) -> None:
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    connection.sendall("\r\n".join(head).encode() + body)


def _json(standin: Standin, connection: socket.socket, _target: str) -> None:
    standin.closing.wait(standin.delay_s)
    _send(connection, 500 if standin.failing else 200, standin.content, "Content-Type: application/json")


def _status(_standin: Standin, connection: socket.socket, target: str) -> None:
    _send(connection, int(target.split("?")[0].split("/")[2]), b"{}")


def _hang(standin: Standin, _connection: socket.socket, _target: str) -> None:
    standin.closing.wait(30)


def _drip(standin: Standin, connection: socket.socket, _target: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while not standin.closing.wait(0.05):
        connection.sendall(b"x")


def _slow_headers(standin: Standin, connection: socket.socket, _target: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not standin.closing.wait(0.05):
        connection.sendall(b"x")


def _endless_headers(standin: Standin, connection: socket.socket, _target: str) -> None:
    while not standin.closing.wait(0.02):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def _drip_chunks(standin: Standin, connection: socket.socket, _target: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not standin.closing.wait(0.05):
        connection.sendall(b"1\r\nx\r\n")


def _reset(_standin: Standin, connection: socket.socket, _target: str) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _huge(_standin: Standin, connection: socket.socket, _target: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _ in range(200):
        connection.sendall(bytes(1_000_000))


def _bomb(_standin: Standin, connection: socket.socket, _target: str) -> None:
    body = _ZEROS * (BOMB_BYTES // 10_000_000)
    _send(connection, 200, body, "Content-Encoding: gzip")


def _redirect(standin: Standin, connection: socket.socket, _target: str) -> None:
    _send(connection, 302, b"", f"Location: {standin.url('/json')}")


def _to_metadata(_standin: Standin, connection: socket.socket, _target: str) -> None:
    _send(connection, 307, b"", "Location: http://169.254.169.254/latest/meta-data/")


def _html(_standin: Standin, connection: socket.socket, _target: str) -> None:
    _send(connection, 200, b"<html>Please log in</html>", "Content-Type: text/html")


def _cut(_standin: Standin, connection: socket.socket, _target: str) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"customer"')


def _noise(_standin: Standin, connection: socket.socket, _target: str) -> None:
    connection.sendall(b"\x00\xff this is not HTTP\r\n\r\n")


BEHAVIOURS: dict[str, Answering] = {
    "json": _json,
    "status": _status,
    "hang": _hang,
    "drip": _drip,
    "drip-chunks": _drip_chunks,
    "slow-headers": _slow_headers,
    "endless-headers": _endless_headers,
    "reset": _reset,
    "huge": _huge,
    "bomb": _bomb,
    "redirect": _redirect,
    "to-metadata": _to_metadata,
    "html": _html,
    "cut": _cut,
    "noise": _noise,
}
