"""What a decide process holds, and what it makes of a folder that is missing, damaged or new."""

import sqlite3
import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from routing import livefile
from routing.live import Live
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, DecideServer


def release_of(live: Live) -> int | None:
    return live.held.release.number if live.held.release else None


def test_nothing_is_held_while_the_folder_is_empty(live_dir: Path) -> None:
    live = Live(live_dir)
    live.refresh()
    assert live.world() is None


def test_a_release_is_taken_over_by_the_watcher(live_dir: Path) -> None:
    live = Live(live_dir)
    live.start()
    live_folder.build(live_dir, live_folder.demo_document(), number=7)
    _wait_for(lambda: release_of(live) == 7)
    live.stop()


def test_no_thread_closes_what_another_is_reading(live_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite does not fail then: the whole process ends without a word."""
    live_folder.build(live_dir, live_folder.demo_document(), number=1)
    live = Live(live_dir)
    reading, go_on = threading.Event(), threading.Event()

    def stand_still(_connection: sqlite3.Connection) -> None:
        reading.set()
        go_on.wait(30)

    monkeypatch.setattr(livefile, "check_format", stand_still)
    others = [threading.Thread(target=ask) for ask in (live.refresh, live._connections.forget, live.refresh)]
    others[0].start()
    assert reading.wait(30)
    for other in others[1:]:
        other.start()
    others[1].join(0.1)
    assert others[1].is_alive(), "it waits its turn"
    go_on.set()
    for other in others:
        other.join(30)
    assert (release_of(live), live.failures) == (1, 0)


def _wait_for(condition: "object", seconds: float = 30.0) -> None:
    from time import monotonic, sleep

    ends = monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert monotonic() < ends
        sleep(0.02)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("UPDATE release SET sha256 = 'x'", id="a wrong checksum"),
        pytest.param("UPDATE release SET document = '{}'", id="another document"),
        pytest.param("UPDATE meta SET value = '99' WHERE key = 'format'", id="a newer format"),
        pytest.param("UPDATE access SET document = 'x'", id="unreadable access"),
    ],
)
def test_what_cannot_be_read_keeps_the_old(live_dir: Path, damage: str) -> None:
    live_folder.build(live_dir, live_folder.demo_document(), access=live_folder.account("a", "native"), number=1)
    live = Live(live_dir)
    live.refresh()
    with sqlite3.connect(livefile.path_in(live_dir)) as connection:
        connection.execute(damage)
        connection.execute("UPDATE meta SET value = 'new' WHERE key LIKE '%_revision'")
    live.refresh()
    assert release_of(live) == 1
    assert live.failures > 0


def test_a_failure_that_stays_the_same_is_counted_each_time_and_said_once(live_dir: Path) -> None:
    live, damaged = Live(live_dir), b"not a database" * 1000
    livefile.path_in(live_dir).write_bytes(damaged)
    with capture_logs() as said:
        for _ in range(5):
            live.refresh()
        assert (live.failures, len(said)) == (5, 1)
        livefile.path_in(live_dir).unlink()
        live_folder.build(live_dir, live_folder.demo_document(), number=1)
        live.refresh()
        assert release_of(live) == 1
        for path in live_dir.glob("live.sqlite3*"):
            path.unlink()
        livefile.path_in(live_dir).write_bytes(damaged)
        live.refresh()
    assert (live.failures, len(said)) == (6, 2), "after something has been taken over it is news again"


def test_a_process_starts_from_the_plain_copy_when_the_file_is_damaged(decide_server: DecideServer) -> None:
    folder = decide_server.folder
    with livefile.open_for_courier(folder) as connection:
        number, document, sha256 = connection.execute("SELECT number, document, sha256 FROM release").fetchone()
        livefile.write_plain_copy(folder, number, document, sha256, livefile.documents(connection, "access"))
    for path in folder.glob("live.sqlite3*"):
        path.write_bytes(b"not a database")
    answer = decide_server.ask(GOLD)
    assert (answer["queue"], answer["degraded"]) == ("standard", ["facts:error"])


def test_only_the_last_three_plain_copies_are_kept(live_dir: Path) -> None:
    for number in range(1, 6):
        livefile.write_plain_copy(live_dir, number, "{}", "x", {})
    assert [path.name for path in livefile.plain_copies(live_dir)] == [
        "release-000005.json",
        "release-000004.json",
        "release-000003.json",
    ]


def test_the_folder_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "fresh"
    livefile.open_for_courier(folder).close()
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    assert oct(livefile.path_in(folder).stat().st_mode & 0o777) == "0o600"
