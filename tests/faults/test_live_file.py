"""`live.sqlite3` is damaged, of a newer format or gone: callers are routed, VIPs soon as VIPs again."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from routing import livefile
from tests.faults.callers import Call, Callers
from tests.faults.contact_centre import ContactCentre, wait_until
from tests.faults.outcome import all_in_database_once, told
from tests.routing.decide_server import GOLD


def overwrite(path: Path) -> None:
    """Noise over every page, in place: whoever has the file open reads it too."""
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))


def spoil_facts(path: Path) -> None:
    """The file is well, but what it says of customers is not what was written."""
    with closing(sqlite3.connect(path)) as live, live:
        live.execute("UPDATE facts SET crc = crc + 1")


def vips(calls: list[Call]) -> set[str]:
    """Where gold callers went."""
    return {call.answer.get("queue", "") for call in calls if call.caller == GOLD}


def times_built(centre: ContactCentre) -> int:
    return centre.said.count("live_file_built_anew")


def end_courier(centre: ContactCentre) -> None:
    centre.processes[0].terminate()
    centre.processes[0].wait()


@pytest.mark.parametrize("damage", [overwrite, spoil_facts])
def test_damaged_under_a_running_server_it_is_built_anew(
    contact_centre: ContactCentre, damage: Callable[[Path], None]
) -> None:
    contact_centre.start_decide()
    with Callers(contact_centre.port) as callers:
        assert vips(callers.go_on()) == {"vip"}
        damage(livefile.path_in(contact_centre.live))
        wait_until(lambda: times_built(contact_centre) == 2)
        wait_until(lambda: vips(callers.go_on()) == {"vip"})
        assert vips(callers.go_on(0.5)) == {"vip"}, "and stay it"
    assert {call.answer["release"] for call in callers.calls} == {1}, "the release in memory stays"
    assert times_built(contact_centre) == 2, "once is enough"
    told(f"live.sqlite3 damaged while running ({damage.__name__.replace('_', ' ')})", callers)
    all_in_database_once(contact_centre, callers)


def test_damaged_at_a_cold_start(contact_centre: ContactCentre) -> None:
    end_courier(contact_centre)
    overwrite(livefile.path_in(contact_centre.live))
    start_cold(contact_centre, "live.sqlite3 damaged at a cold start")


def test_missing_at_a_cold_start(contact_centre: ContactCentre) -> None:
    end_courier(contact_centre)
    for path in contact_centre.live.glob("live.sqlite3*"):
        path.unlink()
    start_cold(contact_centre, "live.sqlite3 missing at a cold start")


def test_of_a_newer_format_at_a_cold_start(contact_centre: ContactCentre) -> None:
    end_courier(contact_centre)
    with closing(sqlite3.connect(livefile.path_in(contact_centre.live))) as live, live:
        live.execute("UPDATE meta SET value = '99' WHERE key = 'format'")
    start_cold(contact_centre, "live.sqlite3 of a newer format at a cold start")


def start_cold(centre: ContactCentre, fault: str) -> None:
    """From the plain copies first; with the courier back from a live file that has everything."""
    centre.start_decide()
    with Callers(centre.port) as callers:
        callers.go_on(0.3)
        centre.start_courier()
        wait_until(lambda: times_built(centre) == 2)
        wait_until(lambda: vips(callers.go_on()) == {"vip"})
        assert vips(callers.go_on(0.3)) == {"vip"}, "and stay it"
    assert {call.answer["release"] for call in callers.calls} == {1}, "from the plain copy, and never from half a file"
    assert "started_from_plain_copy" in centre.said
    told(fault, callers)
    all_in_database_once(centre, callers)
