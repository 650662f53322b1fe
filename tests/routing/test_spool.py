"""Nothing that was answered is lost, and nothing is answered in two ways."""

import os
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import Any

import pytest
from prometheus_client import REGISTRY

from routing import salvage, spool, unwritten
from routing.contacts import Contact
from routing.spool import Spool

CONTACT = Contact("account", "call", "+39", "+49")


def record(target: Spool, key: str, queue: str) -> bytes | None:
    return target.record(key, spool.DECISION, {"queue": queue}, at=1.0)


def test_the_first_decision_under_a_key_wins(tmp_path: Path) -> None:
    target = Spool(tmp_path)
    assert record(target, "k", "vip") is None
    assert record(target, "k", "standard") == b'{"queue":"vip"}'


def test_decisions_of_one_call_are_found_together_and_no_others(tmp_path: Path) -> None:
    target = Spool(tmp_path)
    for call_id, attempt in [("call", 0), ("call", 1), ("call2", 0), ("cal", 0)]:
        contact = Contact("account", call_id, "+39", "+49", attempt=attempt)
        record(target, spool.text_key(contact.key), "vip")
    assert set(target.of_call(CONTACT)) == {
        spool.text_key(CONTACT.key),
        spool.text_key(Contact("account", "call", "+39", "+49", attempt=1).key),
    }


def test_a_killed_process_loses_nothing_it_has_answered(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        try:
            target = Spool(tmp_path)
            for number in range(200):
                record(target, f"k{number}", "vip")
        finally:  # whatever happens: a child that went on would be a second run of the tests
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    with spool.courier_end(tmp_path / "spool.sqlite3") as rows:
        assert len(spool.unshipped(rows, 1000)) == 200


def test_a_refusing_disk_keeps_the_row_in_memory_and_writes_it_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Spool(tmp_path)
    healthy = spool.open_spool

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(spool, "open_spool", full)
    assert record(target, "a", "vip") is None
    assert record(target, "a", "standard") == b'{"queue":"vip"}', "asked again, it is the same decision"
    assert target.unrecorded == 1
    monkeypatch.setattr(spool, "open_spool", healthy)
    assert len(shipped_within(target, seconds=30.0)) == 1


def shipped_within(target: Spool, seconds: float) -> list[spool.Row]:
    """What the courier finds, as soon as it finds anything: nobody has to call for it."""
    ends_at = monotonic() + seconds
    while monotonic() < ends_at:
        with spool.courier_end(target.path) as rows:
            if found := spool.unshipped(rows, 10):
                return found
        sleep(0.02)
    return []


def test_a_damaged_spool_is_set_aside_and_what_is_readable_comes_back(tmp_path: Path) -> None:
    target, other_process = Spool(tmp_path), Spool(tmp_path)
    for number in range(2000):
        record(target, f"before-{number}", "vip")
    record(other_process, "other", "vip")
    with spool.courier_end(target.path) as rows:
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rows.execute("UPDATE spool SET at = at WHERE id = 1")  # everybody reads its pages anew
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with target.path.open("r+b") as file:
        file.seek(target.path.stat().st_size // 2)
        file.write(os.urandom(4096))
    for number in range(2000):
        record(target, f"before-{number}", "vip")
    record(other_process, "of the other process", "vip")
    assert len(list(tmp_path.glob("spool-set-aside-*.sqlite3"))) == 1
    with spool.courier_end(target.path) as rows:
        salvage.bring_back(rows, tmp_path, settled_after_s=0)
        keys = {key for (key,) in rows.execute("SELECT key FROM spool")}
    assert "of the other process" in keys
    assert len(keys) > 1500, "all but what lay in the damaged page"
    assert list(tmp_path.glob("spool-set-aside-*.sqlite3")) == []


def test_a_spool_that_is_noise_at_the_start_keeps_nobody_from_starting(tmp_path: Path) -> None:
    (tmp_path / "spool.sqlite3").write_bytes(os.urandom(40_000))
    here = Spool(tmp_path)
    here.open()
    assert here.record("a", spool.DECISION, {"n": 1}, 1.0) is None
    assert here.unrecorded == 0


def test_a_locked_spool_does_not_hold_the_call_up(tmp_path: Path) -> None:
    target = Spool(tmp_path)
    record(target, "a", "vip")
    with sqlite3.connect(target.path, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = monotonic()
        assert record(target, "b", "vip") is None
        assert monotonic() - began < 3.0, "far below SQLite's own patience"
        other.execute("ROLLBACK")
    assert target.unrecorded == 1


def test_a_disk_that_stands_still_holds_up_one_call_and_not_those_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, goes_on, healthy = Spool(tmp_path), Event(), Spool._insert

    def hang(*given: Any) -> bytes | None:
        assert goes_on.wait(30)
        return healthy(*given)

    monkeypatch.setattr(Spool, "_insert", hang)
    with ThreadPoolExecutor(4) as threads:
        held_up = threads.submit(record, target, "first", "vip")
        behind = [threads.submit(record, target, f"k{number}", "vip") for number in range(20)]
        assert [each.result(20) for each in behind] == [None] * 20
        assert not held_up.done()
        goes_on.set()
        assert held_up.result(20) is None
    assert target.flush(within_s=20) == 0
    with spool.courier_end(target.path) as rows:
        assert len(spool.unshipped(rows, 100)) == 21


def test_what_does_not_fit_into_memory_is_counted_as_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unwritten, "KEPT_IN_MEMORY", 3)
    target, lost = Spool(tmp_path), counted("routing_lost_total")
    record(target, "first", "vip")
    with sqlite3.connect(target.path, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        for number in range(5):
            record(target, f"k{number}", "vip")
        assert counted("routing_unwritten") == 3
        assert counted("routing_lost_total") - lost == 2
        assert target.flush(within_s=0) == 3, "an end that cannot wait"
        other.execute("ROLLBACK")
    assert (counted("routing_unwritten"), counted("routing_lost_total") - lost) == (0, 5)


def counted(name: str) -> float:
    return REGISTRY.get_sample_value(name) or 0


def test_an_older_spool_gets_its_missing_index(tmp_path: Path) -> None:
    record(Spool(tmp_path), "a", "vip")
    with sqlite3.connect(tmp_path / "spool.sqlite3") as rows:
        rows.execute("DROP INDEX spool_set_aside")
    with spool.courier_end(tmp_path / "spool.sqlite3") as rows:
        plan = rows.execute("EXPLAIN QUERY PLAN SELECT count(*) FROM spool WHERE shipped = 2").fetchall()
    assert "spool_set_aside" in str(plan)


def test_the_courier_never_holds_the_spool_for_longer_than_decide_processes_wait(tmp_path: Path) -> None:
    """Counted in rows of one transaction: time would say what else the machine does."""
    target, held = Spool(tmp_path), [0]
    for number in range(300):
        record(target, f"k{number}", "vip")

    def note(statement: str) -> None:
        if statement.startswith("BEGIN"):
            held.append(0)
        held[-1] += statement.startswith(("UPDATE", "DELETE"))

    with spool.courier_end(target.path) as rows:
        rows.set_trace_callback(note)
        spool.mark_shipped(rows, [row.id for row in spool.unshipped(rows, 1000)])
        assert spool.prune(rows, before=2.0) == 300
    assert sum(held) == 600
    assert max(held) <= 50


def test_unshipped_rows_are_never_pruned(tmp_path: Path) -> None:
    target = Spool(tmp_path)
    record(target, "old-shipped", "vip")
    record(target, "old-unshipped", "vip")
    with spool.courier_end(target.path) as rows:
        spool.mark_shipped(rows, [1])
        assert spool.prune(rows, before=2.0) == 1
        assert [row.id for row in spool.unshipped(rows, 10)] == [2]
