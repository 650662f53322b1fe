"""Is each host of a phone system there? Asked for real, over UDP, TCP and HTTP."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from queues import host_check, options
from queues.models import PhoneSystem
from tests.services import free_port

LOOPBACK = "127.0.0.1"
Answer = Callable[[bytes], bytes]


def reply(status: str) -> Answer:
    """A phone system that says this to every request, as RFC 3261 wants it: with the request's own lines."""

    def answer(request: bytes) -> bytes:
        lines = request.decode().split("\r\n")
        kept = [line for line in lines if line.startswith(("Via", "From", "To", "Call-ID", "CSeq"))]
        return "\r\n".join([f"SIP/2.0 {status}", *kept, "Content-Length: 0", "", ""]).encode()

    return answer


@contextmanager
def datagrams(answer: Answer, deaf_to: int = 0) -> Iterator[int]:
    """Answers over UDP at the port it gives; the first `deaf_to` requests get lost."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind((LOOPBACK, 0))
        left = [deaf_to]

        def serve() -> None:
            with suppress(OSError):
                while True:
                    request, peer = sock.recvfrom(65_536)
                    if request == b"end":
                        return
                    left[0] -= 1
                    if left[0] < 0:
                        sock.sendto(b"\r\n\r\n", peer)  # a keep-alive is no answer
                        sock.sendto(answer(request), peer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield sock.getsockname()[1]
        with socket.socket(type=socket.SOCK_DGRAM) as end:
            end.sendto(b"end", sock.getsockname())
        thread.join()


@contextmanager
def stream(answer: Answer) -> Iterator[int]:
    """Answers one connection over TCP."""
    with socket.create_server((LOOPBACK, 0)) as server:

        def serve() -> None:
            with suppress(OSError), server.accept()[0] as connection:
                connection.sendall(answer(connection.recv(65_536)))

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


@pytest.mark.parametrize(
    ("status", "is_well", "words"),
    [
        pytest.param("200 OK", True, "It answers.", id="a phone system that is well"),
        pytest.param("404 Not Found", True, "“404 Not Found”", id="one that does not like the question"),
        pytest.param("503 Service Unavailable", False, "cannot take calls", id="one that is out of order"),
    ],
)
def test_over_udp_it_is_told(status: str, is_well: bool, words: str) -> None:
    with datagrams(reply(status)) as port:
        (checked,) = host_check.check([f"{LOOPBACK}:{port}"])
    assert (checked.is_well, words in checked.words) == (is_well, True)
    assert checked.ms is not None


def test_a_datagram_that_got_lost_is_sent_again() -> None:
    with datagrams(reply("200 OK"), deaf_to=1) as port:
        assert host_check.check([f"{LOOPBACK}:{port}"])[0].is_well


def test_over_tcp() -> None:
    with stream(reply("200 OK")) as port:
        assert host_check.check([f"{LOOPBACK}:{port};transport=tcp"])[0].is_well


def test_somebody_who_speaks_something_else() -> None:
    with stream(lambda _request: b"HTTP/1.0 400 Bad Request\r\n\r\n") as port:
        (checked,) = host_check.check([f"{LOOPBACK}:{port};transport=tcp"])
    assert not checked.is_well
    assert "not in the language" in checked.words


def test_each_host_is_told_in_its_order_and_none_keeps_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_check, "WAIT_S", 1.0)
    closed = f"{LOOPBACK}:{free_port()}"
    with datagrams(reply("200 OK"), deaf_to=1000) as deaf, datagrams(reply("200 OK")) as well:
        hosts = [f"{LOOPBACK}:{deaf}", closed, "no-such-host.invalid", f"{LOOPBACK}:{well}"]
        checked = host_check.check(hosts)
    assert [each.host for each in checked] == hosts
    assert [each.is_well for each in checked] == [False, False, False, True]
    assert "No answer within" in checked[0].words
    assert "Nobody listens there" in checked[1].words


def test_a_network_that_is_not_allowed_is_not_asked(settings: Settings) -> None:
    settings.PRIVATE_NETWORKS = []
    asked: list[bytes] = []

    def note(request: bytes) -> bytes:
        asked.append(request)
        return b""

    with datagrams(note) as port:
        (checked,) = host_check.check([f"{LOOPBACK}:{port}"])
    assert "PRIVATE_NETWORKS" in checked.words
    assert not asked


@pytest.mark.parametrize(
    ("status", "is_well"), [pytest.param(401, True, id="it wants a key"), pytest.param(502, False, id="a fault")]
)
def test_a_web_address_is_asked_by_head(status: int, is_well: bool) -> None:
    class Answers(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Not in the output of the tests."""

    with HTTPServer((LOOPBACK, 0), Answers) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        (checked,) = host_check.check([], f"http://{LOOPBACK}:{server.server_port}/")
        thread.join()
    assert (checked.is_well, str(status) in checked.words) == (is_well, True)


def test_only_a_final_reply_to_our_own_question_counts() -> None:
    ours = options.request("pbx.example.net", "udp", "192.0.2.1:5060", "token")
    assert options.status(reply("200 OK")(ours), "token") == (200, "OK")
    assert options.status(reply("100 Trying")(ours), "token") is None
    assert options.status(reply("200 OK")(ours), "another") is None
    assert options.status(b"nonsense", "token") is None


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "status"), [("supervisor", 200), ("auditor", 403), ("stranger", 302)])
def test_the_page_is_for_those_who_may_change_it(request: pytest.FixtureRequest, who: str, status: int) -> None:
    client: Client = request.getfixturevalue(f"{who}_client")
    with datagrams(reply("200 OK")) as port:
        system = PhoneSystem.objects.create(name="PBX", slug="pbx", hosts=f"{LOOPBACK}:{port}")
        page = client.get(reverse("admin:queues_phonesystem_check", args=[system.pk]))
    assert page.status_code == status
    assert ("It answers." in page.content.decode()) == (status == 200)
