"""Outgoing HTTP: the only module that calls `requests`.

Server-side request forgery is closed where it would happen, in the connection (http_connections.py).
Nothing follows a redirect and nothing is read from the environment (no proxy, no .netrc, no CA bundle),
because no `requests.Session` is involved.
"""

import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import DecodeError, HTTPError
from urllib3.util import parse_url

from contactcenter.foundation.http_addresses import Network, networks_of
from contactcenter.foundation.http_connections import PinnedPool, PinnedTlsPool, Terms, tls_context
from contactcenter.foundation.http_errors import FetchError, Rejected, Unavailable

__all__ = ["Answer", "FetchError", "Rejected", "Unavailable", "fetch"]

LONGEST_URL = 4096
PIECE = 16_384
_ACCEPTABLE = re.compile(r"https?://[^\x00-\x20\x7f\\@/?#]+(?:[/?#][^\x00-\x20\x7f\\]*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, redirects included; `body` is decoded, header names ignore case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed_s: float


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    connect_s: float,
    read_s: float,
    deadline_s: float,
    max_bytes: int = 262_144,
    networks: Sequence[str] | None = None,
) -> Answer:
    """Ask once and give the answer, whatever its status. Raises Unavailable or Rejected.

    `connect_s` is for looking up and reaching the host, `read_s` for the silence between two pieces,
    `deadline_s` for everything. `max_bytes` counts the decoded body. `networks` are the private networks
    that may be reached; by default those of the setting PRIVATE_NETWORKS.
    """
    started = monotonic()
    allowed = _networks(tuple(settings.PRIVATE_NETWORKS if networks is None else networks))
    terms = Terms(allowed, connect_s, read_s, started + deadline_s)
    host = _host_of(url)
    adapter = _PinnedAdapter(terms)
    try:
        request = requests.Request(method, url, headers=_headers(headers), data=body).prepare()
        response = adapter.send(request, stream=True, timeout=(connect_s, read_s))
        content = _read(response, max_bytes, host)
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise _named(error, host, terms) from None  # the original names the whole address
    finally:
        adapter.close()
    return Answer(response.status_code, response.headers, content, monotonic() - started)


def _host_of(url: str) -> str:
    """The host that `url` names. Raises Rejected for a URL that we do not use."""
    if len(url) > LONGEST_URL or not _ACCEPTABLE.fullmatch(url):
        raise Rejected("bad_url")
    try:
        host = parse_url(url).host
    except (HTTPError, ValueError):
        raise Rejected("bad_url") from None
    if not host:
        raise Rejected("bad_url")
    return host


def _headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {"User-Agent": "contactcenter", "Accept-Encoding": "gzip, deflate", **(headers or {})}


def _read(response: requests.Response, max_bytes: int, host: str) -> bytes:
    # urllib3 decodes at most a piece at a time, so that a compressed bomb stops here as well.
    content = bytearray()
    with response:
        for piece in response.raw.stream(PIECE, decode_content=True):
            content += piece
            if len(content) > max_bytes:
                raise Rejected("too_large", host)
    return bytes(content)


def _named(error: Exception, host: str, terms: Terms) -> FetchError:
    """The error of ours that stands for one of requests, urllib3, ssl or socket."""
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Rejected("certificate", host)
    if monotonic() >= terms.ends_at:
        return Unavailable("deadline", host)
    if any(isinstance(cause, TimeoutError | requests.Timeout) for cause in causes):
        return Unavailable("timeout", host)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return Unavailable("tls", host)
    if any(isinstance(cause, DecodeError) for cause in causes):
        return Unavailable("broken", host)
    if any(isinstance(cause, OSError | HTTPError) and not isinstance(cause, ValueError) for cause in causes):
        return Unavailable("reset", host)
    return Rejected("bad_request", host)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


class _PinnedAdapter(HTTPAdapter):
    """Sends one request over a connection of its own, under its terms."""

    def __init__(self, terms: Terms) -> None:
        super().__init__()
        self.terms = terms
        self.pool: HTTPConnectionPool | None = None

    def get_connection_with_tls_context(self, request: Any, *_args: Any, **_kwargs: Any) -> HTTPConnectionPool:
        parts = parse_url(request.url)
        host = parts.host or ""
        # The port is always given: http.client would take the end of a bare IPv6 address for one.
        if parts.scheme == "https":
            self.pool = PinnedTlsPool(host, parts.port or 443, ssl_context=tls_context(), terms=self.terms)
        else:
            self.pool = PinnedPool(host, parts.port or 80, terms=self.terms)
        return self.pool

    def cert_verify(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing to do: the TLS context verifies."""

    def close(self) -> None:
        super().close()
        if self.pool is not None:
            self.pool.close()


@lru_cache(maxsize=8)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return networks_of(texts)
