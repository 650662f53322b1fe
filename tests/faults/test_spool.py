"""The spool is locked, damaged or without room: calls are answered, and what was answered gets into the database."""

import os
import sqlite3
import urllib.request
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.callers import Callers
from tests.faults.contact_centre import ContactCentre, wait_until
from tests.faults.outcome import all_in_database_once, told

pytestmark = pytest.mark.django_db


def unrecorded(centre: ContactCentre) -> int:
    """The decide server's own count of rows that the disk refused."""
    with urllib.request.urlopen(f"http://127.0.0.1:{centre.port}/metrics", timeout=5) as page:
        lines = page.read().decode().splitlines()
    return next(int(float(line.split()[-1])) for line in lines if line.startswith("routing_unrecorded"))


def test_damaged_in_mid_load_a_new_one_is_begun_and_readable_rows_are_saved(running: ContactCentre) -> None:
    with Callers(running.port) as callers:
        callers.go_on(0.5)
        running.courier.kill()
        running.courier.wait()
        waiting = callers.go_on(0.5, calls=40)
        overwrite_the_end(running.live / "spool.sqlite3")
        callers.go_on(0.5)
        running.start_courier()
    wait_until(lambda: "spool_salvaged" in running.said)
    stored = Counter(running.in_database())
    missing = set(callers.decisions) - set(stored)
    told("spool damaged in mid-load: its last two pages", callers, unsaved=len(missing))
    assert len(waiting) >= 40, "much lay in the spool alone"
    assert len(missing) < 30, "at most what lay in the two damaged pages"
    assert max(stored.values()) == 1


def overwrite_the_end(path: Path) -> None:
    """Noise over the last two pages of the file, once everything has been written to it."""
    with closing(sqlite3.connect(path)) as rows:
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(-8192, os.SEEK_END)
        file.write(os.urandom(8192))


def test_locked_by_another_process_for_two_seconds(running: ContactCentre) -> None:
    with Callers(running.port, threads=12) as callers:
        callers.go_on()
        with closing(sqlite3.connect(running.live / "spool.sqlite3", isolation_level=None, timeout=20)) as other:
            other.execute("BEGIN EXCLUSIVE")
            callers.go_on(2.0, calls=60)
        callers.go_on()
    told("spool locked for 2 s, 12 callers", callers)
    assert unrecorded(running) > 20
    # Nobody calls any more: what waits in memory is written all the same.
    wait_until(lambda: set(callers.decisions) <= set(running.database_ids()))
    all_in_database_once(running, callers)


def test_no_room_on_the_disk(running: ContactCentre) -> None:
    before = unrecorded(running)
    with running.server.no_room_on_disk(allowed=4096):
        with Callers(running.port) as callers:
            callers.go_on(1.0, calls=40)
        waiting = unrecorded(running) - before
    told("no room on the disk", callers)
    assert waiting > 20
    wait_until(lambda: set(callers.decisions) <= set(running.database_ids()))
    all_in_database_once(running, callers)


def test_unreadable_at_a_cold_start(decide_host: ContactCentre) -> None:
    (decide_host.live / "spool.sqlite3").write_bytes(os.urandom(40_000))
    decide_host.start_decide()
    with Callers(decide_host.port) as callers:
        callers.go_on()
    told("spool unreadable at a cold start", callers)
    wait_until(lambda: decide_host.unshipped() == len(callers.decisions))
    assert len(list(decide_host.live.glob("spool-set-aside-*.sqlite3"))) == 1
