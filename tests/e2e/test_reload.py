"""SIGHUP on the socket that a supervisor holds: somebody who can answer is there at every moment."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.callers import UNHURRIED_S, Callers
from tests.faults.contact_centre import ContactCentre, wait_until
from tests.faults.outcome import HELD_UP_S, told

pytestmark = pytest.mark.timeout(400)
PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python looks here first for what the server needs."""
    return tmp_path_factory.mktemp("packages")


@pytest.fixture(scope="module")
def host(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContactCentre]:
    """A decide host without a courier, its server with two workers; each test leaves it running."""
    centre = ContactCentre(tmp_path_factory.mktemp("reloaded"))
    centre.build_live_folder()
    with (
        pytest.MonkeyPatch.context() as patch,
        socket.create_server(("127.0.0.1", centre.port), backlog=1024) as held,
    ):
        patch.setenv("PYTHONPATH", str(packages))
        centre.start_decide(workers=2, listener=held)
        wait_until(centre.is_up, PATIENCE_S)
        yield centre
    centre.end()


def test_the_former_workers_end_when_the_new_ones_have_loaded(host: ContactCentre) -> None:
    former = host.server.workers
    with Callers(host.port, keep_alive=False, pause_s=UNHURRIED_S) as callers:
        host.server.reload()
        wait_until(lambda: host.said.count("Worker exiting") == 2, PATIENCE_S)
        callers.go_on(0.5)
    told("decide server reloaded, socket held", callers, none_hangs_s=HELD_UP_S)
    said = host.said
    for pid in former:
        assert said.index("Successors have loaded") < said.index(f"Worker exiting (pid: {pid})")


def test_what_cannot_load_does_not_replace_what_runs(host: ContactCentre, packages: Path) -> None:
    former = set(host.server.workers)
    (packages / "orjson.py").write_text("raise ImportError('half an installation')")
    with Callers(host.port, threads=2, keep_alive=False, pause_s=UNHURRIED_S) as callers:
        host.server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "the former workers stay" in host.said, PATIENCE_S)
        callers.go_on(0.5)
        assert set(host.server.workers) == former
        (packages / "orjson.py").unlink()
        host.server.reload()
        callers.go_on(0.5)
    told("decide server reloaded with a package that cannot load, and then without", callers, none_hangs_s=HELD_UP_S)
