"""Connections that reach only permitted addresses, and only until a deadline.

A connection resolves its host once, checks every address and connects to a checked one, while the Host
header, the TLS server name and the certificate check keep the original name.
"""

import socket
import ssl
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from time import monotonic
from typing import Any

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from contactcenter.foundation.http_addresses import Network, is_disguised, may_reach
from contactcenter.foundation.http_errors import Rejected, Unavailable

_LOOKUPS = BoundedSemaphore(16)  # a name server that hangs must not collect threads without end


@dataclass(frozen=True, slots=True)
class Terms:
    """What one request may reach, and how long it may take; `ends_at` in monotonic seconds."""

    networks: tuple[Network, ...]
    connect_s: float
    read_s: float
    ends_at: float

    def wait(self, most_s: float) -> float:
        """Seconds that the next step may take. Raises TimeoutError when the deadline has come."""
        left = self.ends_at - monotonic()
        if left <= 0:
            raise TimeoutError
        return min(most_s, left)


class _TimedSocket(socket.socket):
    """Arms its timeout anew for each read and write, so that the deadline also ends a dripping answer."""

    terms: Terms | None = None  # none yet while the TLS handshake runs: that has one timeout for the whole

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._arm()
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:
        self._arm()
        return super().send(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self._arm()
        super().sendall(*args, **kwargs)

    def _arm(self) -> None:
        if self.terms is not None:
            self.settimeout(self.terms.wait(self.terms.read_s))


class _TimedTlsSocket(_TimedSocket, ssl.SSLSocket):
    """The same inside TLS."""


def connect_to(host: str, port: int, terms: Terms) -> _TimedSocket:
    """A connection to a checked address of `host`. Raises FetchError, or TimeoutError at the deadline."""
    connect_by = replace(terms, ends_at=monotonic() + terms.wait(terms.connect_s))
    for family, address in checked_addresses(host, port, connect_by):
        sock = _TimedSocket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(connect_by.wait(connect_by.connect_s))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(terms.wait(terms.read_s))
        except TimeoutError:
            sock.close()
            raise
        except OSError:
            sock.close()
            continue
        sock.terms = terms
        return sock
    raise Unavailable("refused", host)


def checked_addresses(host: str, port: int, terms: Terms) -> list[tuple[int, Any]]:
    """(family, socket address) of each address of `host`, all of them permitted. Raises FetchError."""
    if is_disguised(host):
        raise Rejected("bad_host", host)
    found = [(family, address) for family, _type, _protocol, _name, address in _look_up(host, port, terms)]
    if not all(may_reach(ip_address(address[0]), terms.networks) for _family, address in found):
        raise Rejected("forbidden_address", host)
    return found


def _look_up(host: str, port: int, terms: Terms) -> list[Any]:
    """What the resolver says, in a thread of its own because it knows no timeout."""
    answers: SimpleQueue[list[Any] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)
        finally:
            _LOOKUPS.release()

    if not _LOOKUPS.acquire(timeout=terms.wait(terms.connect_s)):
        raise TimeoutError
    Thread(target=ask, name="look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=terms.wait(terms.connect_s))
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise Unavailable("name_unknown", host)
    return answer


class _Connection(HTTPConnection):
    def __init__(self, *args: Any, terms: Terms, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.terms = terms

    def _new_conn(self) -> socket.socket:
        return connect_to(self._dns_host, self.port, self.terms)


class _TlsConnection(HTTPSConnection):
    def __init__(self, *args: Any, terms: Terms, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.terms = terms

    def _new_conn(self) -> socket.socket:
        return connect_to(self._dns_host, self.port, self.terms)

    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, _TimedTlsSocket):
            self.sock.terms = self.terms


class PinnedPool(HTTPConnectionPool):
    ConnectionCls = _Connection


class PinnedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """Verifies against certifi's authorities alone; made once, because loading them costs 20 ms."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _TimedTlsSocket
    return context
