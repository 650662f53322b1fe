"""Nothing that was answered is lost, and nothing is answered in two ways."""

import os
import signal
import sqlite3
from pathlib import Path

import pytest

from routing import spool
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
        target = Spool(tmp_path)
        for number in range(200):
            record(target, f"k{number}", "vip")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    with spool.courier_end(tmp_path / "spool.sqlite3") as rows:
        assert len(spool.unshipped(rows, 1000)) == 200


def test_a_refusing_disk_keeps_the_row_in_memory_and_writes_it_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Spool(tmp_path)
    healthy = Spool._insert

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Spool, "_insert", full)
    assert record(target, "a", "vip") is None
    assert target.unrecorded == 1
    monkeypatch.setattr(Spool, "_insert", healthy)
    record(target, "b", "vip")
    with spool.courier_end(tmp_path / "spool.sqlite3") as rows:
        assert len(spool.unshipped(rows, 10)) == 2


def test_a_locked_spool_does_not_hold_the_call_up(tmp_path: Path) -> None:
    from time import monotonic

    target = Spool(tmp_path)
    record(target, "a", "vip")
    with sqlite3.connect(target.path, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = monotonic()
        assert record(target, "b", "vip") is None
        assert monotonic() - began < 0.5
        other.execute("ROLLBACK")
    assert target.unrecorded == 1


def test_unshipped_rows_are_never_pruned(tmp_path: Path) -> None:
    target = Spool(tmp_path)
    record(target, "old-shipped", "vip")
    record(target, "old-unshipped", "vip")
    with spool.courier_end(target.path) as rows:
        spool.mark_shipped(rows, [1])
        assert spool.prune(rows, before=2.0) == 1
        assert [row.id for row in spool.unshipped(rows, 10)] == [2]
