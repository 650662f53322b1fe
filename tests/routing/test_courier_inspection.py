"""Damage in the live file is found also where no caller's facts lie."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from routing import livefile
from routing.courier_inspection import AT_ONCE, Inspection
from tests.routing import live_folder

FACTS = 2 * AT_ONCE + 10
LAST = f"phone:+39{FACTS - 1:010d}"


@pytest.fixture
def folder(live_dir: Path) -> Path:
    facts = {f"phone:+39{each:010d}": live_folder.person(each, tier="gold") for each in range(FACTS)}
    live_folder.build(live_dir, live_folder.demo_document(), facts=facts)
    with closing(sqlite3.connect(livefile.path_in(live_dir))) as live:
        live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return live_dir


def read_through(folder: Path) -> None:
    inspection = Inspection(folder)
    for _ in range(4):
        inspection.go_on()


def one_fact(folder: Path) -> None:
    with closing(sqlite3.connect(livefile.path_in(folder))) as live, live:
        live.execute("UPDATE facts SET crc = crc + 1 WHERE key = ?", (LAST,))


def one_that_is_text(folder: Path) -> None:
    with closing(sqlite3.connect(livefile.path_in(folder))) as live, live:
        live.execute("UPDATE facts SET document = 'x' WHERE key = ?", (LAST,))


def a_page_in_the_middle(folder: Path) -> None:
    path = livefile.path_in(folder)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(os.urandom(4096))


@pytest.mark.parametrize("damage", [one_fact, one_that_is_text, a_page_in_the_middle])
def test_damage_is_found_and_the_file_given_up(folder: Path, damage: Callable[[Path], None]) -> None:
    assert livefile.is_usable(folder)
    damage(folder)
    read_through(folder)
    assert not livefile.is_usable(folder)


def test_a_sound_file_is_read_to_its_end_and_then_left_alone(folder: Path) -> None:
    inspection = Inspection(folder)
    for _ in range(3):
        inspection.go_on()
    one_fact(folder)
    inspection.go_on()
    assert livefile.is_usable(folder), "not again before an hour is over"
    read_through(folder)
    assert not livefile.is_usable(folder), "in three rounds it would have been seen"


def test_no_file_is_no_damage(tmp_path: Path) -> None:
    read_through(tmp_path)
    assert list(tmp_path.iterdir()) == []
