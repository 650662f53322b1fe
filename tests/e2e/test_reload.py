"""SIGHUP on the socket that a supervisor holds: somebody who can answer is there at every moment."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.callers import Callers
from tests.faults.contact_centre import ContactCentre, Server, wait_until

pytestmark = pytest.mark.timeout(400)
PATIENCE_S = 120.0


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ContactCentre]:
    """A decide host without a courier."""
    centre = ContactCentre(tmp_path)
    centre.build_live_folder()
    yield centre
    centre.end()


@pytest.fixture
def listener(host: ContactCentre) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", host.port), backlog=1024) as held:
        yield held


def reload(server: Server) -> None:
    """As a supervisor reloads it."""
    former = set(server.workers)
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: len(server.workers) == len(former) and not former & set(server.workers), PATIENCE_S)


def test_the_former_workers_end_when_the_new_ones_have_loaded(host: ContactCentre, listener: socket.socket) -> None:
    server = host.start_decide(workers=2, listener=listener)
    wait_until(host.is_up, PATIENCE_S)
    former = server.workers
    with Callers(host.port, threads=4, keep_alive=False) as callers:
        reload(server)
        wait_until(lambda: host.said.count("Worker exiting") == 2, PATIENCE_S)
        callers.go_on(0.5)
    assert callers.lost == []
    assert callers.answered_in_two_ways == []
    said = host.said
    for pid in former:
        assert said.index("Successors have loaded") < said.index(f"Worker exiting (pid: {pid})")


def test_what_cannot_load_does_not_replace_what_runs(
    host: ContactCentre, listener: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed_badly = tmp_path / "packages"
    installed_badly.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(installed_badly))
    server = host.start_decide(workers=2, listener=listener)
    wait_until(host.is_up, PATIENCE_S)
    former = set(server.workers)
    (installed_badly / "orjson.py").write_text("raise ImportError('half an installation')")
    with Callers(host.port, threads=2, keep_alive=False) as callers:
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "the former workers stay" in host.said, PATIENCE_S)
        callers.go_on(0.5)
        assert set(server.workers) == former
        (installed_badly / "orjson.py").unlink()
        reload(server)
    assert callers.lost == []
