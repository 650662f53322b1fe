"""`live.sqlite3` is damaged, of a newer format or gone: callers are routed, VIPs soon as VIPs again."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from routing import livefile
from tests.faults.callers import UNHURRIED_S, Call, Callers
from tests.faults.contact_centre import ContactCentre, wait_until
from tests.faults.outcome import all_in_database_once, told
from tests.routing.decide_server import GOLD

pytestmark = pytest.mark.django_db


def overwrite(path: Path) -> None:
    """Noise over every page, in place: whoever has the file open reads it too."""
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))


def spoil_facts(path: Path) -> None:
    """The file is well, but what it says of customers is not what was written."""
    with closing(sqlite3.connect(path)) as live, live:
        live.execute("UPDATE facts SET crc = crc + 1")


def delete(path: Path) -> None:
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()


def make_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as live, live:
        live.execute("UPDATE meta SET value = '99' WHERE key = 'format'")


def vips(calls: list[Call]) -> set[str]:
    """Where gold callers went."""
    return {call.answer.get("queue", "") for call in calls if call.caller == GOLD}


def times_built(centre: ContactCentre) -> int:
    return centre.said.count("live_file_built_anew")


@pytest.mark.parametrize("damage", [overwrite, spoil_facts])
def test_damaged_under_a_running_server_it_is_built_anew(
    running: ContactCentre, damage: Callable[[Path], None]
) -> None:
    once_more = times_built(running) + 1
    with Callers(running.port) as callers:
        assert vips(callers.go_on()) == {"vip"}
        damage(livefile.path_in(running.live))
        wait_until(lambda: times_built(running) == once_more)
        wait_until(lambda: vips(callers.go_on()) == {"vip"})
        assert vips(callers.go_on(0.5)) == {"vip"}, "and stay it"
    assert {call.answer["release"] for call in callers.calls} == {1}, "the release in memory stays"
    assert times_built(running) == once_more, "once is enough"
    told(f"live.sqlite3 damaged while running ({damage.__name__.replace('_', ' ')})", callers)
    all_in_database_once(running, callers)


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        pytest.param(overwrite, "damaged", id="damaged_at_a_cold_start"),
        pytest.param(delete, "missing", id="missing_at_a_cold_start"),
        pytest.param(make_newer, "of a newer format", id="of_a_newer_format_at_a_cold_start"),
    ],
)
def test_callers_are_routed_by_the_plain_copy_first_and_then_by_a_file_built_anew(
    running: ContactCentre, damage: Callable[[Path], None], fault: str
) -> None:
    once_more = times_built(running) + 1
    end_both(running)
    damage(livefile.path_in(running.live))
    said_before = len(running.said)
    running.start_decide()
    with Callers(running.port, pause_s=UNHURRIED_S) as callers:
        callers.go_on(0.3)
        running.start_courier()
        wait_until(lambda: times_built(running) == once_more)
        wait_until(lambda: vips(callers.go_on()) == {"vip"})
        assert vips(callers.go_on(0.3)) == {"vip"}, "and stay it"
    assert {call.answer["release"] for call in callers.calls} == {1}, "from the plain copy, and never from half a file"
    assert "started_from_plain_copy" in running.said[said_before:]
    told(f"live.sqlite3 {fault} at a cold start", callers)
    all_in_database_once(running, callers)


def end_both(centre: ContactCentre) -> None:
    """The courier last and in order: with nobody beside it, it leaves the live file whole in one piece."""
    centre.end_one(centre.server.process)
    centre.courier.terminate()
    centre.courier.wait()
