"""Outgoing requests: where they may go, how long they may take, how much they may bring."""

import socket
import tracemalloc
from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from pytest_django import Settings

from contactcenter.foundation.http import Answer, FetchError, Rejected, Unavailable, fetch
from tests.customers.source_standin import Standin, full_listener, running_standin

LOOPBACK = ["127.0.0.0/8"]
GRACE_S = 5.0  # a busy machine may stand still; on an idle one the end comes within 0.1
LONG_S = 20.0  # what is not ended by the limit in question takes so long


@pytest.fixture
def server() -> Iterator[Standin]:
    with running_standin() as standin:
        yield standin


def get(url: str, *, networks: list[str] | None = None, **limits: Any) -> Answer:
    terms = {"connect_s": LONG_S, "read_s": LONG_S, "deadline_s": LONG_S} | limits
    return fetch("GET", url, networks=LOOPBACK if networks is None else networks, **terms)


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Have every name resolve to the next of `answers`, the last one for ever; the names that were asked."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *_args: Any, **_kwargs: Any) -> list[Any]:
        address = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_the_answer_comes_as_it_is(server: Standin) -> None:
    answer = get(server.url("/json?phone=1"))
    assert (answer.status, answer.body) == (200, server.content)
    assert answer.headers["content-type"] == "application/json"
    assert server.journal[0].target == "/json?phone=1"
    assert server.journal[0].headers["host"] == f"127.0.0.1:{server.port}"


def test_a_body_and_headers_are_sent(server: Standin) -> None:
    fetch("POST", server.url(), headers={"X-Key": "s"}, body=b'{"a":1}', connect_s=9, read_s=9, deadline_s=9)
    asked = server.journal[0]
    assert (asked.method, asked.body, asked.headers["x-key"]) == ("POST", b'{"a":1}', "s")


def test_private_networks_come_from_the_settings(server: Standin, settings: Settings) -> None:
    settings.PRIVATE_NETWORKS = []
    with pytest.raises(Rejected, match="forbidden_address"):
        fetch("GET", server.url(), connect_s=9, read_s=9, deadline_s=9)
    settings.PRIVATE_NETWORKS = LOOPBACK
    assert fetch("GET", server.url(), connect_s=9, read_s=9, deadline_s=9).status == 200


FORBIDDEN = [
    "http://127.0.0.1:{port}/",
    "http://127.0.0.2:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.0x0.0x0.0x1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://[::]:{port}/",
    "http://[::1]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::127.0.0.1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[fe80::1%25lo]:{port}/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[fc00::1]:{port}/",
    "http://[ff02::1]:{port}/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/latest/meta-data/",
    "http://100.64.0.1:{port}/",
    "http://10.0.0.1:{port}/",
    "http://192.168.0.1:{port}/",
    "http://172.16.0.1:{port}/",
    "http://224.0.0.1:{port}/",
    "http://255.255.255.255:{port}/",
    "http://１２７.0.0.1:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://127。0。0。1:{port}/",
    "http://%31%32%37.0.0.1:{port}/",
    "http://user@127.0.0.1:{port}/",
    "http://user:word@example.com/",
    "http://example.com@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@example.com/",
    "http://example.com\\@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@example.com/",
    "http://127.0.0.1:{port}?@example.com/",
    "http:127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    " http://127.0.0.1:{port}/",
    "http://127.0.0.1:{port}/\r\nHost: example.com",
    "http://127.0.0.1\t:{port}/",
    "file:///etc/passwd",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/",
    "http+unix://127.0.0.1:{port}/",
    "http://[::1:{port}/",
    "http://127.0.0.1:99999/",
    "",
]


@pytest.mark.parametrize("url", FORBIDDEN)
def test_nothing_private_is_connected_to(url: str, server: Standin) -> None:
    with pytest.raises(FetchError) as caught:
        get(url.format(port=server.port), networks=[])
    assert isinstance(caught.value, Rejected), caught.value
    assert server.connections == 0


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "http://[fd00:ec2::254]/", "http://[64:ff9b::a9fe:a9fe]/"])
def test_metadata_is_never_reached_whatever_is_allowed(url: str) -> None:
    with pytest.raises(Rejected, match="forbidden_address"):
        get(url, networks=["0.0.0.0/0", "::/0"])


def test_a_name_that_resolves_to_something_private_is_refused(server: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "127.0.0.1")
    with pytest.raises(Rejected, match=r"forbidden_address: crm\.example\.com"):
        get(f"http://crm.example.com:{server.port}/", networks=[])
    assert server.connections == 0


def test_a_resolver_that_changes_its_mind_is_asked_once(server: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: public when checked, private when connected to. Only the checked answer is used."""
    asked = resolving(monkeypatch, "203.0.114.1", "127.0.0.1")
    with pytest.raises(FetchError):
        get(f"http://crm.example.com:{server.port}/", networks=[], connect_s=0.1)
    assert asked == ["crm.example.com"]
    assert server.connections == 0


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    server: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [(socket.AF_INET, 1, 6, "", (address, server.port)) for address in ("203.0.114.1", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: both)
    with pytest.raises(Rejected, match="forbidden_address"):
        get(f"http://crm.example.com:{server.port}/", networks=[])
    assert server.connections == 0


def test_the_host_header_keeps_the_name_while_the_address_is_pinned(
    server: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, "127.0.0.1")
    assert get(f"http://crm.example.com:{server.port}/json").status == 200
    assert server.journal[0].headers["host"] == f"crm.example.com:{server.port}"


@pytest.mark.parametrize("path", ["/redirect", "/to-metadata"])
def test_a_redirect_is_an_answer_and_is_not_followed(path: str, server: Standin) -> None:
    assert get(server.url(path)).status in (302, 307)
    assert server.connections == 1


def test_the_environment_is_not_believed(
    server: Standin, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert get(server.url()).status == 200
    assert "authorization" not in server.journal[0].headers


ENDS = [
    pytest.param("/hang", "deadline", id="a server that hangs"),
    pytest.param("/drip", "deadline", id="a body that drips"),
    pytest.param("/drip-chunks", "deadline", id="chunks that drip"),
    pytest.param("/slow-headers", "deadline", id="a header that drips"),
    pytest.param("/endless-headers", "deadline", id="a server that says continue for ever"),
    pytest.param("/reset", "reset", id="a connection that is reset"),
    pytest.param("/noise", "reset", id="something that is not HTTP"),
    pytest.param("/cut", "reset", id="a body that is cut off"),
    pytest.param("/huge", "too_large", id="a huge body"),
    pytest.param("/bomb", "too_large", id="a compressed bomb"),
]


@pytest.mark.parametrize(("path", "code"), ENDS)
def test_every_misbehaviour_ends_within_the_deadline(path: str, code: str, server: Standin) -> None:
    budget_s = 0.3 if code == "deadline" else LONG_S
    started = monotonic()
    with pytest.raises(FetchError) as caught:
        get(server.url(path + "?phone=393471234567"), deadline_s=budget_s)
    assert monotonic() - started < GRACE_S
    assert caught.value.code == code
    assert "393471234567" not in f"{caught.value}{caught.value!r}"


def test_silence_between_two_pieces_ends_it_before_the_deadline(server: Standin) -> None:
    started = monotonic()
    with pytest.raises(Unavailable, match="timeout"):
        get(server.url("/hang"), read_s=0.2)
    assert 0.2 <= monotonic() - started < GRACE_S


def test_a_host_that_takes_no_connection_ends_at_the_time_to_connect() -> None:
    with full_listener() as port:
        started = monotonic()
        with pytest.raises(Unavailable, match="timeout"):
            get(f"http://127.0.0.1:{port}/", connect_s=0.2)
    assert 0.2 <= monotonic() - started < GRACE_S


def test_a_name_server_that_hangs_ends_at_the_time_to_connect(server: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: server.closing.wait(LONG_S) and [])
    started = monotonic()
    with pytest.raises(Unavailable, match="timeout"):
        get("http://crm.example.com/", connect_s=0.2)
    assert 0.2 <= monotonic() - started < GRACE_S


def test_a_closed_port_is_refused_at_once() -> None:
    with running_standin() as gone:
        pass
    with pytest.raises(Unavailable, match="refused"):
        get(gone.url())


def test_an_unknown_name_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: Any, **_kwargs: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unavailable, match="name_unknown"):
        get("http://crm.example.invalid/")


def test_a_bomb_costs_no_memory(server: Standin) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(Rejected, match="too_large"):
            get(server.url("/bomb"))
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
def test_the_cap_includes_its_bound(size: int, fits: bool, server: Standin) -> None:
    server.content = bytes(size)
    if fits:
        assert len(get(server.url(), max_bytes=1000).body) == size
    else:
        with pytest.raises(Rejected, match="too_large"):
            get(server.url(), max_bytes=1000)


@pytest.mark.parametrize("value", ["two\r\nlines", "snow ☃"])
def test_a_header_that_cannot_be_sent_is_rejected_without_being_told(value: str, server: Standin) -> None:
    with pytest.raises(Rejected, match=r"^bad_request: 127\.0\.0\.1$"):
        fetch("GET", server.url(), headers={"X-Key": value}, connect_s=9, read_s=9, deadline_s=9, networks=LOOPBACK)
