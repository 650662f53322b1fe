"""A disk that is really full: a file system of a few megabytes as the live folder."""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.callers import SOME, Callers, ask, connected
from tests.faults.contact_centre import ContactCentre, Database, kept_running, wait_until
from tests.faults.outcome import all_in_database_once, told
from tests.faults.test_spool import unrecorded

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a file system"),
]

DISK = "12m"
FULL_S = 1.0


@pytest.fixture(scope="module")
def on_a_small_disk(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContactCentre]:
    """A decide host whose live folder is a file system of its own; both tests leave it running."""
    centre = ContactCentre(tmp_path_factory.mktemp("small-disk"), database)
    centre.live.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=700", "tmpfs", str(centre.live)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        with kept_running(centre):
            yield centre
    finally:
        subprocess.run(["umount", "--lazy", str(centre.live)], check=True)


@contextmanager
def filled_up(folder: Path) -> Iterator[None]:
    """Not a byte is free on the folder's file system; what somebody frees in between is taken as well."""
    ballast = folder / "ballast"
    with ballast.open("ab", buffering=0) as file:
        take_all(file.fileno())
        try:
            yield
        finally:
            ballast.unlink()


def take_all(descriptor: int) -> None:
    for piece in (1_000_000, 4096, 1):
        with suppress(OSError):
            while True:
                os.write(descriptor, bytes(piece))


def test_answered_without_room_and_written_when_there_is_room_again(on_a_small_disk: ContactCentre) -> None:
    centre = on_a_small_disk
    before = unrecorded(centre)
    with Callers(centre.port) as callers:
        callers.go_on()
        with filled_up(centre.live):
            during = callers.go_on(FULL_S)
            waiting = unrecorded(centre) - before
        callers.go_on()
    told("disk full, then room again", callers)
    assert len(during) >= SOME
    assert waiting > 5
    # Nobody calls any more: what waits in memory is written all the same.
    wait_until(lambda: set(callers.decisions) <= set(centre.database_ids()))
    all_in_database_once(centre, callers)


def test_what_a_kill_loses_on_a_full_disk_is_what_was_said_to_be_unrecorded(on_a_small_disk: ContactCentre) -> None:
    centre = on_a_small_disk
    before = unrecorded(centre)
    with filled_up(centre.live):
        with Callers(centre.port) as callers:
            callers.go_on(FULL_S)
        waiting = unrecorded(centre) - before
        killed = centre.server.workers[0]
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: killed not in centre.server.workers and centre.is_up())
        asked_again_while_full(centre, callers)
    stored = Counter(centre.in_database())
    missing = set(callers.decisions) - set(stored)
    told("disk full, and the worker killed -9", callers, unsaved=len(missing))
    assert waiting > 5
    assert len(missing) <= waiting, "no more than it had said"
    assert max(stored.values()) == 1


def asked_again_while_full(centre: ContactCentre, callers: Callers) -> None:
    """The successor cannot read what was decided: it decides anew, knows its customers, and says the same."""
    with connected(centre.port) as connection:
        for earlier in callers.calls[-5:]:
            again = ask(connection, earlier.call_id, earlier.caller)
            assert again.dialable
            assert again.answer["decision_id"] == earlier.answer["decision_id"]
            assert again.answer["queue"] == earlier.answer["queue"]
