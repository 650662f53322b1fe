"""A client that keeps a server busy: one thread, a few kept connections, the next question as soon as one is answered.

`busy` says how much of its core the client used. Well below 1, the server was what set the pace.
"""

import selectors
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter, thread_time

CONNECTIONS = 4
NO_ANSWER_S = 30.0


class WrongAnswer(Exception):
    """The server answered something else than a decision."""


@dataclass(frozen=True)
class Load:
    """What came of asking for a while; latencies in seconds."""

    seconds: float
    latencies: list[float]
    busy: float

    def __add__(self, other: "Load") -> "Load":
        seconds = self.seconds + other.seconds
        busy = (self.busy * self.seconds + other.busy * other.seconds) / seconds
        return Load(seconds, self.latencies + other.latencies, busy)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        return sorted(self.latencies)[int(share * (len(self.latencies) - 1))]


def keep_busy(port: int, asked: Iterator[bytes], seconds: float, proof: bytes, over: int = CONNECTIONS) -> Load:
    """Ask for `seconds` over so many connections. Raises WrongAnswer on an answer that has no `proof` in it."""
    connections = [socket.create_connection(("127.0.0.1", port), timeout=NO_ANSWER_S) for _ in range(over)]
    latencies: list[float] = []
    with selectors.DefaultSelector() as waiting:
        worked, began = thread_time(), perf_counter()
        for each in connections:
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            each.sendall(next(asked))
            waiting.register(each, selectors.EVENT_READ, perf_counter())
        while waiting.get_map():
            ready = waiting.select(NO_ANSWER_S)
            if not ready:
                raise WrongAnswer(f"no answer within {NO_ANSWER_S} s")
            for key, _ in ready:
                connection: socket.socket = key.fileobj  # type: ignore[assignment]
                check(read_answer(connection), proof)
                now = perf_counter()
                latencies.append(now - key.data)
                if now - began < seconds:
                    connection.sendall(next(asked))
                    waiting.modify(connection, selectors.EVENT_READ, now)
                else:
                    waiting.unregister(connection)
        took = perf_counter() - began
        worked = thread_time() - worked
    for each in connections:
        each.close()
    return Load(took, latencies, worked / took)


def read_answer(connection: socket.socket) -> bytes:
    """One whole response; every server here says how long its body is."""
    received = b""
    while True:
        chunk = connection.recv(65_536)
        if not chunk:
            raise WrongAnswer("the server closed the connection")
        received += chunk
        head, separator, body = received.partition(b"\r\n\r\n")
        if separator and len(body) >= _length(head):
            return received


def _length(head: bytes) -> int:
    name = b"content-length:"
    at = head.lower().find(name)
    if at < 0:
        raise WrongAnswer("no Content-Length")
    return int(head[at + len(name) :].split(b"\r\n", 1)[0])


def check(response: bytes, proof: bytes) -> None:
    """Raises WrongAnswer unless this is a 200 with `proof` in it."""
    if not response.startswith(b"HTTP/1.1 200 ") or proof not in response:
        raise WrongAnswer(response.split(b"\r\n", 1)[0].decode("ascii", "replace"))
