"""A data source misbehaves: its contacts are answered in time, those that do not ask it notice nothing."""

import socket
from uuid import uuid4

import pytest

from tests.customers import source_standin
from tests.customers.source_standin import Standin, running_standin
from tests.faults.callers import Callers, ask, connected
from tests.faults.contact_centre import ContactCentre, wait_until
from tests.faults.outcome import LEAST_CALLS, told
from tests.faults.vitals import megabytes, peak_megabytes
from tests.routing import live_folder
from tests.routing.decide_server import STRANGER
from tests.routing.documents import source

ASKING = "+390255500099"
BOMB_BYTES = 1_000_000_000
READ_S = 0.5
MORE_MEMORY_MB = 64
"""Far below what the sources send; room for the threads that ask."""


def document_that_asks(url: str) -> live_folder.Document:
    """The demo, and a second number whose flow asks a source about each caller."""
    document = live_folder.demo_document()
    document["sources"] = {"crm": source("CRM", url, "tier") | {"budget_ms": 600, "read_ms": round(READ_S * 1000)}}
    asking = document["flows"]["priority-customers"] | {
        "steps": [{"slug": "crm", "source": "crm", "precedence": "fill"}]
    }
    document["flows"]["asking"] = asking
    document["numbers"][f"voice:{ASKING}"] = live_folder.called_number("Asks", flow="asking")
    return document


def a_byte_a_second(standin: Standin, connection: socket.socket, _target: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while not standin.closing.wait(1.0):
        connection.sendall(b"x")


@pytest.fixture(autouse=True)
def worse_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slower drip and a larger bomb than the tests of the fetch itself need."""
    monkeypatch.setitem(source_standin.BEHAVIOURS, "byte-a-second", a_byte_a_second)
    monkeypatch.setattr(source_standin, "BOMB_BYTES", BOMB_BYTES)


WAYS = ("hang", "drip", "byte-a-second", "reset", "status/500", "huge", "bomb")


def test_a_source_that_misbehaves_touches_nobody_else(decide_host: ContactCentre) -> None:
    """One way after the other, against one server: what one leaves behind would show in the next."""
    decide_host.build_live_folder(document=document_that_asks("http://127.0.0.1:9/"), number=2)
    server = decide_host.start_decide()
    before = megabytes(server.workers[0])
    for release, how in enumerate(WAYS, start=3):
        misbehaves(decide_host, how, release)
        assert peak_megabytes(server.workers[0]) - before < MORE_MEMORY_MB, how


def misbehaves(host: ContactCentre, how: str, release: int) -> None:
    """Those who ask such a source, and those who do not, beside each other."""
    with running_standin() as standin:
        host.build_live_folder(document=document_that_asks(standin.url(f"/{how}?p={{call.from}}")), number=release)
        with connected(host.port) as connection:
            wait_until(lambda: ask(connection, f"first-{uuid4().hex}", STRANGER).answer["release"] == release)
        with Callers(host.port, to=ASKING, threads=8) as asking, Callers(host.port) as others:
            asking.go_on(0.5, calls=LEAST_CALLS * 2)
        assert standin.journal, "it was asked"
    told(f"data source: {how}; those who ask it", asking)
    told(f"data source: {how}; those who do not", others)
    assert all("crm" in " ".join(call.answer["degraded"]) for call in asking.calls), "and it is said"
    assert {call.answer["queue"] for call in others.calls} == {"vip", "standard"}
    assert not any(call.answer["degraded"] for call in others.calls)
    assert others.median < READ_S, "less than what those wait who ask"
