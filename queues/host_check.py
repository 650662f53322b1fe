"""Is each host of a phone system there? Asked over the network while a supervisor waits, told in words.

Only addresses that outgoing requests may reach are asked (contactcenter/foundation/http_addresses.py).
"""

import re
import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_address
from secrets import token_hex
from time import monotonic
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from contactcenter.foundation import http
from contactcenter.foundation.http_addresses import networks_of
from contactcenter.foundation.http_connections import Terms, checked_addresses, connect_to, tls_context
from contactcenter.foundation.http_errors import FetchError, Rejected, Unavailable
from queues import options

WAIT_S = 3.0
AGAIN_AFTER_S = 0.5
"""A datagram may get lost: it is sent again, as SIP itself does (T1 of RFC 3261)."""

LARGEST = 65_536
MOST_AT_ONCE = 8
PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}
CANNOT_NOW = 503

_HOST = re.compile(r"(?P<name>[^:;]+)(?::(?P<port>\d+))?(?:;transport=(?P<transport>udp|tcp|tls))?")


@dataclass(frozen=True)
class Checked:
    """One host, whether it can take calls, and what was seen in words; milliseconds until it answered."""

    host: str
    is_well: bool
    words: str
    ms: int | None = None


def check(hosts: Sequence[str], web_address: str = "") -> list[Checked]:
    """Each of `hosts`, in their order, and then the web address if there is one. At most a few seconds for all."""
    language = get_language()

    def told(ask: Callable[[str], Checked], host: str) -> Checked:
        with override(language):  # a thread begins without one
            return ask(host)

    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        checked = [pool.submit(told, _sip, host) for host in hosts]
        if web_address:
            checked.append(pool.submit(told, _web, web_address))
        return [each.result() for each in checked]


def _sip(host: str) -> Checked:
    parts = _HOST.fullmatch(host)
    if parts is None:
        return Checked(host, False, _("This is no SIP host."))
    transport = parts["transport"] or "udp"
    name, port = parts["name"], int(parts["port"] or PORTS[transport])
    terms = Terms(networks_of(settings.PRIVATE_NETWORKS), WAIT_S, WAIT_S, monotonic() + WAIT_S)
    ask = _by_datagram if transport == "udp" else _by_stream
    began = monotonic()
    try:
        code, reason = ask(name, port, transport, terms)
    except (FetchError, OSError) as error:
        return Checked(host, False, _trouble(error))
    return _answered(host, code, reason, round((monotonic() - began) * 1000))


def _answered(host: str, code: int, reason: str, ms: int) -> Checked:
    words = {"code": code, "reason": reason}
    if code == CANNOT_NOW:
        return Checked(
            host, False, _("It is there, but says that it cannot take calls: %(code)s %(reason)s.") % words, ms
        )
    if code < 300:
        return Checked(host, True, _("It answers."), ms)
    # Many refuse this question and take calls all the same: that somebody answers is what counts.
    return Checked(host, True, _("It is there, and answers “%(code)s %(reason)s” to this question.") % words, ms)


def _by_datagram(name: str, port: int, transport: str, terms: Terms) -> tuple[int, str]:
    family, address = checked_addresses(name, port, terms)[0]
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        token = token_hex(8)
        request = options.request(f"{name}:{port}", transport, _own_address(sock), token)
        while True:
            sock.send(request)
            try:
                sock.settimeout(terms.wait(AGAIN_AFTER_S))
                while (found := options.status(sock.recv(LARGEST), token)) is None:
                    sock.settimeout(terms.wait(AGAIN_AFTER_S))
                return found
            except TimeoutError:
                terms.wait(0.1)  # raises at the end of the time


def _by_stream(name: str, port: int, transport: str, terms: Terms) -> tuple[int, str]:
    sock: Any = connect_to(name, port, terms)
    if transport == "tls":
        sock = tls_context().wrap_socket(sock, server_hostname=name)
    with sock:
        token = token_hex(8)
        sock.sendall(options.request(f"{name}:{port}", transport, _own_address(sock), token))
        received = b""
        while b"\r\n\r\n" not in received and len(received) < LARGEST:
            sock.settimeout(terms.wait(WAIT_S))
            piece = sock.recv(LARGEST)
            if not piece:
                break
            received += piece
        found = options.status(received, token)
    if found is None:
        raise Unavailable("broken", name)
    return found


def _own_address(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if ip_address(host.partition("%")[0]).version == 6 else f"{host}:{port}"


def _web(address: str) -> Checked:
    try:
        answer = http.fetch("HEAD", address, connect_s=WAIT_S, read_s=WAIT_S, deadline_s=WAIT_S)
    except FetchError as error:
        return Checked(address, False, _trouble(error))
    ms = round(answer.elapsed_s * 1000)
    if answer.status >= 500:
        return Checked(address, False, _("It is there, but has a fault of its own: status %s.") % answer.status, ms)
    return Checked(address, True, _("It answers, with status %s.") % answer.status, ms)


def _trouble(error: Exception) -> str:
    """What went wrong, in words."""
    if isinstance(error, TimeoutError) or (isinstance(error, FetchError) and error.code in ("timeout", "deadline")):
        return _("No answer within %s seconds: it is down, the address is wrong, or a firewall is in between.") % round(
            WAIT_S
        )
    if isinstance(error, Rejected) and error.code == "forbidden_address":
        return _("This server may not reach that network. The operator can allow it (PRIVATE_NETWORKS).")
    if isinstance(error, FetchError) and error.code == "name_unknown":
        return _("Nobody knows this name: look for a typing mistake.")
    if isinstance(error, ssl.SSLCertVerificationError) or (isinstance(error, Rejected) and error.code == "certificate"):
        return _("Its certificate is not valid.")
    if isinstance(error, ssl.SSLError) or (isinstance(error, FetchError) and error.code in ("broken", "tls")):
        return _("Somebody answers there, but not in the language that is expected.")
    return _("Nobody listens there: the machine is reached, but this port is closed.")
