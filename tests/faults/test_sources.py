"""A data source misbehaves: its contacts are answered in time, those that do not ask it notice nothing."""

import socket

import pytest

from tests.customers import source_standin
from tests.customers.source_standin import Standin, running_standin
from tests.faults.callers import Callers
from tests.faults.contact_centre import ContactCentre
from tests.faults.outcome import told
from tests.faults.vitals import megabytes, peak_megabytes
from tests.routing import live_folder
from tests.routing.documents import source

pytestmark = pytest.mark.timeout(180)

ASKING = "+390255500099"
BOMB_BYTES = 1_000_000_000
MORE_MEMORY_MB = 64
"""Far below what the sources send; room for the threads that ask."""


def document_that_asks(url: str) -> live_folder.Document:
    """The demo, and a second number whose flow asks a source about each caller."""
    document = live_folder.demo_document()
    document["sources"] = {"crm": source("CRM", url, "tier") | {"budget_ms": 600, "read_ms": 500}}
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


@pytest.mark.parametrize("how", ["hang", "drip", "byte-a-second", "reset", "status/500", "huge", "bomb"])
def test_a_source_that_misbehaves_touches_nobody_else(decide_host: ContactCentre, how: str) -> None:
    with running_standin() as standin:
        decide_host.build_live_folder(document=document_that_asks(standin.url(f"/{how}?p={{call.from}}")), number=2)
        server = decide_host.start_decide()
        before = megabytes(server.workers[0])
        with Callers(decide_host.port, to=ASKING, threads=8) as asking, Callers(decide_host.port) as others:
            others.go_on(1.5)
        grown = peak_megabytes(server.workers[0]) - before
        assert standin.journal, "it was asked"
    told(f"data source: {how}; those who ask it", asking)
    told(f"data source: {how}; those who do not", others)
    assert all("crm" in " ".join(call.answer["degraded"]) for call in asking.calls), "and it is said"
    assert {call.answer["queue"] for call in others.calls} == {"vip", "standard"}
    assert not any(call.answer["degraded"] for call in others.calls)
    assert others.answered_within(0.3) >= 0.95  # half of what those wait who ask; a busy machine may hold up a few
    assert grown < MORE_MEMORY_MB
