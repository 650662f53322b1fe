"""A decide process that starts on a full disk, alone on its folder: SQLite cannot even make the file of its locks."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from routing import livefile
from routing.live import Live
from routing.variables import FactsUnavailable
from tests.e2e.full_disk import fill, may_mount, small_disk
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, SILVER, STRANGER

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = {
    f"phone:{GOLD}": live_folder.person(1, tier="gold"),
    f"phone:{SILVER}": live_folder.person(2, tier="silver"),
}
COURIER = """
import os, sys
from pathlib import Path
from routing import livefile
from tests.routing import live_folder
people = {f"phone:{sys.argv[2]}": live_folder.person(1, tier="platinum")}
live_folder.build(Path(sys.argv[1]), live_folder.demo_document(), facts=people, number=2)
writing = livefile.open_for_courier(Path(sys.argv[1]))
livefile.put_facts(writing, people.items())
if "killed" in sys.argv:
    os._exit(1)
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A live folder that is a disk of its own, with release 1, a gold and a silver customer; nobody has it open."""
    if not may_mount():
        pytest.skip("no file system may be mounted here")
    with small_disk(tmp_path / "live") as folder:
        live_folder.build(folder, live_folder.demo_document(), facts=PEOPLE, number=1)
        yield folder


def courier(folder: Path, *options: str) -> None:
    """Another process makes the gold customer a platinum one by release 2."""
    subprocess.run([sys.executable, "-c", COURIER, str(folder), GOLD, *options], cwd=ROOT, check=False)


def started(folder: Path) -> Live:
    """As a process starts; the test looks itself whether something has changed."""
    live = Live(folder)
    live.start()
    live.stop()
    return live


def tier(live: Live, caller: str = GOLD) -> str | None:
    found = live.find_facts(f"phone:{caller}")
    return found["tier"] if found else None


def release_of(live: Live) -> int | None:
    return live.held.release.number if live.held.release else None


def test_customers_are_known_on_a_full_disk_in_every_thread(disk: Path) -> None:
    fill(disk)
    with capture_logs() as said:
        live = started(disk)
        with ThreadPoolExecutor(8) as threads:
            tiers = list(threads.map(lambda caller: tier(live, caller), [GOLD, SILVER, STRANGER] * 40))
        for _ in range(3):
            live.refresh()
    assert tiers == ["gold", "silver", None] * 40
    assert (release_of(live), live.failures) == (1, 0)
    assert [line["event"] for line in said] == ["live_folder_without_room"], "said once"


def test_what_the_courier_writes_when_there_is_room_again_is_seen_at_the_next_look(disk: Path) -> None:
    filler = fill(disk)
    live = started(disk)
    assert (release_of(live), tier(live)) == (1, "gold")
    filler.unlink()
    courier(disk)
    with capture_logs() as said:
        live.refresh()
    assert (release_of(live), tier(live), tier(live, SILVER)) == (2, "platinum", "silver")
    assert [line["event"] for line in said] == ["live_folder_has_room_again"]
    courier(disk)
    live.refresh()
    assert live.failures == 0


def test_what_a_killed_courier_left_in_the_log_counts_on_a_full_disk_too(disk: Path) -> None:
    courier(disk, "killed")
    for path in disk.glob("*-shm"):
        path.unlink()  # as after a restart of a host that keeps none
    assert livefile.path_in(disk).with_name("live.sqlite3-wal").stat().st_size > 0
    fill(disk)
    live = started(disk)
    assert (release_of(live), tier(live)) == (2, "platinum")


OTHER = """
import sys
from pathlib import Path
import django
django.setup()
from routing.live import Live
print("ready", flush=True)
live = Live(Path(sys.argv[1]))
for _ in range(100):
    live.refresh()
    assert live.find_facts(f"phone:{sys.argv[2]}")["tier"] == "gold"
print(live.failures)
"""


def test_two_workers_do_not_disturb_each_other(disk: Path) -> None:
    fill(disk)
    command = [sys.executable, "-c", OTHER, str(disk), GOLD]
    here = os.environ | {"DJANGO_SETTINGS_MODULE": "contactcenter.decide_settings"}
    with subprocess.Popen(command, cwd=ROOT, env=here, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"ready\n"
        live = started(disk)
        while other.poll() is None:
            live.refresh()
            assert tier(live) == "gold"
        assert (other.stdout.read(), live.failures) == (b"0\n", 0)


def test_a_damaged_file_is_still_called_damaged(disk: Path) -> None:
    fill(disk)
    livefile.path_in(disk).write_bytes(b"not a database" * 1000)
    live = started(disk)
    with pytest.raises(FactsUnavailable):
        live.find_facts(f"phone:{GOLD}")
