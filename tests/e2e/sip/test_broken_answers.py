"""Answers that no decide server should give: the proxy's own queue takes the call, and the breaker counts right."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from queues import host_check
from tests.e2e.sip import agents, kamailio, messages
from tests.e2e.sip.agents import Caller, PhoneSystem
from tests.routing.decide_server import KEY

NUMBER = "+390255500000"


@dataclass
class Standin:
    """In place of the decide server: says the same to everybody, and keeps what it was asked."""

    port: int
    status: int = 200
    body: bytes = b""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)


@dataclass
class Bench:
    """A proxy between callers, one phone system, and the stand-in."""

    folder: Path
    main: PhoneSystem
    standin: Standin

    @contextmanager
    def proxy(self, **settings: str) -> Iterator[int]:
        own = {
            "DECIDE_URL": f"http://127.0.0.1:{self.standin.port}/",
            "DECIDE_KEY": KEY,
            "DEFAULT_QUEUE_URI": f"sip:reception@{self.main.host}",
        }
        with kamailio.proxy(self.folder, own | settings) as port:
            yield port

    def landed(self, proxy: int, times: int, user: str = "+390255501001") -> Counter[tuple[str, str]]:
        """(queue, reason of the proxy) of that many calls, one after the other."""
        with agents.calling(self.folder, proxy, [Caller(user, NUMBER)], times=times, rate=20) as calls:
            calls.end()
        invites = self.main.received("INVITE", calls).values()
        return Counter((each.called, each["X-Fallback"]) for each in invites)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("sip")
    with answering() as standin, agents.phone_system("main", folder, "queue.xml", RINGS_MS="0") as main:
        yield Bench(folder, main, standin)


@pytest.fixture(scope="module")
def port(bench: Bench) -> Iterator[int]:
    """A proxy whose breaker never opens."""
    with bench.proxy(BREAKER_FAILURES="1000") as made:
        yield made


@contextmanager
def answering() -> Iterator[Standin]:
    standin = Standin(0)

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            standin.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            standin.keys.add(self.headers["Authorization"])
            length = f"Content-Length: {len(standin.body)}"
            self.wfile.write(f"HTTP/1.0 {standin.status} Said\r\n{length}\r\n\r\n".encode() + standin.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Not in the output of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    standin.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield standin
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def routes(*uris: str) -> bytes:
    """An answer with these targets."""
    rows = [{"uri": uri, "headers": {"extra": "X-Queue: vip\r\n"}, "fr_timer": 1000} for uri in uris]
    return json.dumps(
        {"action": "transfer", "queue": "vip", "version": "1.0", "routing": "serial", "routes": rows}
    ).encode()


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        pytest.param(500, b"{}", "lookup", id="an error"),
        pytest.param(401, b"{}", "lookup", id="a key that does not count"),
        pytest.param(200, b"<html>Sign in first</html>", "lookup", id="a page of somebody else"),
        pytest.param(200, b"", "lookup", id="nothing"),
        pytest.param(200, b"[" * 9000, "lookup", id="more than an answer ever is"),
        pytest.param(200, b"{}", "lookup", id="an object that is no answer"),
        pytest.param(200, b'{"action": "reject", "fallback": true}', "last", id="an answer of last resort"),
        pytest.param(200, routes(), "last", id="an empty list of targets"),
        pytest.param(200, routes("tel:+390255500001"), "last", id="a target that is no SIP address"),
        pytest.param(200, routes("sip:vip@nowhere .example"), "last", id="a target with a space"),
        pytest.param(200, b'{"action": "transfer", "phone": "+393330000001"}', "last", id="a phone without a gateway"),
    ],
)
def test_a_call_goes_to_the_proxys_own_queue_after(bench: Bench, port: int, status: int, body: bytes, why: str) -> None:
    bench.standin.status, bench.standin.body = status, body
    assert bench.landed(port, 2) == {("reception", why): 2}


def test_a_closed_queue_may_turn_callers_away(bench: Bench, port: int) -> None:
    bench.standin.status = 200
    bench.standin.body = b'{"action": "reject", "queue": "vip", "fallback": false, "reason": "closed"}'
    before = len(messages.read(bench.main.trace))
    assert kamailio.invited(port, NUMBER) == 603
    assert kamailio.statistic(bench.folder, port, "turned_away") == 1
    assert len(messages.read(bench.main.trace)) == before


@pytest.mark.parametrize("transport", ["", ";transport=tcp"], ids=["udp", "tcp"])
def test_the_portals_check_finds_a_real_sip_server(port: int, transport: str) -> None:
    (checked,) = host_check.check([f"127.0.0.1:{port}{transport}"])
    assert (checked.is_well, checked.words) == (True, "It answers.")


def test_a_bad_target_is_left_out_and_the_next_one_dialled(bench: Bench, port: int) -> None:
    bench.standin.status = 200
    bench.standin.body = routes("sip:vip@nowhere .example", f"sip:second@{bench.main.host}")
    assert bench.landed(port, 2) == {("second", ""): 2}


def test_what_the_proxy_asks(bench: Bench, port: int) -> None:
    bench.standin.asked.clear()
    bench.standin.keys.clear()
    bench.landed(port, 1, "o'brien")
    (asked,) = bench.standin.asked
    assert asked.pop("call_id").endswith("@127.0.0.1")
    assert asked == {"to": NUMBER, "from": "o'brien", "src_ip": "127.0.0.1"}
    assert bench.standin.keys == {f"Bearer {KEY}"}


@pytest.mark.parametrize(
    ("status", "landed"),
    [
        pytest.param(503, {("reception", "lookup"): 2, ("reception", "breaker"): 6}, id="a server that is ill"),
        pytest.param(400, {("reception", "lookup"): 8}, id="not a question that it refuses: callers could do that"),
    ],
)
def test_the_breaker_is_opened_by(bench: Bench, status: int, landed: dict[tuple[str, str], int]) -> None:
    bench.standin.status, bench.standin.body = status, b"{}"
    with bench.proxy(BREAKER_FAILURES="2", BREAKER_OPEN_S="60", LOOKUP_WORKERS="1") as own:
        assert bench.landed(own, 8) == landed
