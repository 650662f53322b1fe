"""`/livez` and `/readyz` of the decide server say what is so, whatever is broken."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from routing import livefile
from routing import plane as plane_module
from routing.api import health
from tests.routing.decide_server import DecideServer, decide_server

__all__ = ["decide_server"]

A_WEEK_S = 7 * 24 * 3600
READY = (200, {"ready": True, "release": 1})


def ready() -> tuple[int, dict[str, Any]]:
    """What `/readyz` says, but for the age of what is held."""
    response = Client().get("/readyz")
    said = response.json()
    said.pop("held_for_s", None)
    return response.status_code, said


def alive() -> bool:
    return Client().get("/livez").status_code == 200


@pytest.fixture
def new_host(live_dir: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[DecideServer]:
    """A decide server to whose folder no courier has ever brought anything."""
    settings.ROOT_URLCONF, settings.MIDDLEWARE = "contactcenter.decide_urls", []
    monkeypatch.setattr(plane_module, "_plane", None)
    yield DecideServer(live_dir)
    plane_module.plane().live.stop()


def test_a_host_without_a_release_lives_and_is_not_ready(new_host: DecideServer) -> None:
    assert alive()
    assert ready() == (503, {"ready": False, "release": None})
    new_host.change(document=None)  # a courier that has begun and has no release yet
    assert ready() == (503, {"ready": False, "release": None})


def test_a_release_that_is_held_says_its_number_and_age(decide_server: DecideServer) -> None:
    assert (alive(), ready()) == (True, READY)
    assert 0 <= Client().get("/readyz").json()["held_for_s"] < 60


def test_a_release_does_not_become_unready_by_age_or_without_its_folder(
    decide_server: DecideServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ready() == READY
    shutil.rmtree(decide_server.folder)
    decide_server.plane.live.refresh()
    monkeypatch.setattr(health, "monotonic", lambda: monotonic() + A_WEEK_S)
    assert (alive(), ready()) == (True, READY)
    assert Client().get("/readyz").json()["held_for_s"] >= A_WEEK_S


@pytest.mark.parametrize("value", ["2", "a-word"], ids=["a newer format", "no format at all"])
def test_a_live_file_that_cannot_be_read_leaves_the_old_release_ready(decide_server: DecideServer, value: str) -> None:
    assert ready() == READY
    with closing(sqlite3.connect(livefile.path_in(decide_server.folder))) as live, live:
        livefile.set_meta(live, "format", value)
        livefile.set_meta(live, "release_revision", "99")
    decide_server.plane.live.refresh()
    assert decide_server.plane.live.failures > 0
    assert (alive(), ready()) == (True, READY)


def unrecorded() -> float:
    """As `/metrics` shows it: counted since this process began."""
    page = Client().get("/metrics").content.decode()
    return sum(float(line.split()[1]) for line in page.splitlines() if line.startswith("routing_unrecorded_total"))


def test_a_spool_that_cannot_be_written_is_counted_and_the_host_stays_ready(decide_server: DecideServer) -> None:
    in_its_place = decide_server.folder / "spool.sqlite3"
    in_its_place.mkdir()  # refused to everybody, to root as well
    before = unrecorded()
    assert decide_server.ask(call_id="refused")["sip_uri"].startswith("sip:")
    assert (alive(), ready()) == (True, READY)
    assert unrecorded() == before + 1
    in_its_place.rmdir()
