"""Releases that are one apart read each other; what is further off is refused, counted, and nothing is lost."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from contactcenter.foundation import formats
from contactcenter.foundation.formats import Format, OtherFormat
from customers import facts
from routing import courier, livefile, spool
from routing.live import Live
from routing.models import Decision
from routing.release import ReleaseError, compile_release
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, SILVER, DecideServer

READERS = [
    pytest.param(1, 1, True, id="the same release"),
    pytest.param(1, 2, True, id="a reader one ahead"),
    pytest.param(2, 2, True, id="both have moved"),
    pytest.param(2, 1, False, id="a reader one behind"),
    pytest.param(1, 3, False, id="a reader two ahead"),
    pytest.param(3, 2, False, id="a writer ahead of what is read"),
]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> "Use":
    return Use(monkeypatch)


class Use:
    """Makes this process one of another release."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, name: str, *, newest: int, written: int | None = None) -> None:
        """`name` of formats.py; what is written is the newest unless told otherwise."""
        self._monkeypatch.setattr(formats, name, Format(name, written or newest, newest))
        if name == "SPOOL_ROW":
            self._monkeypatch.setattr(spool, "FORMAT", written or newest)


def release_of(live: Live) -> int | None:
    return live.held.release.number if live.held.release else None


@pytest.mark.parametrize(("written", "newest", "is_read"), READERS)
def test_which_numbers_are_read(written: int, newest: int, is_read: bool) -> None:
    assert (written in Format("thing", newest=newest).readable) is is_read


@pytest.mark.parametrize("found", [None, "1", True, 0, 1.5, {}], ids=repr)
def test_what_is_no_number_of_a_format_is_refused_by_its_name(found: object) -> None:
    with pytest.raises(OtherFormat, match="the thing has a format"):
        Format("thing").check(found)


def test_whoever_writes_facts_writes_the_number_that_is_said_here() -> None:
    assert formats.FACTS.written == facts.FORMAT


@pytest.mark.parametrize(("written", "newest", "is_read"), READERS)
def test_the_live_file_of_another_release(live_dir: Path, use: Use, written: int, newest: int, is_read: bool) -> None:
    use("LIVE_FOLDER", newest=written)
    live_folder.build(live_dir, live_folder.demo_document(), facts={"phone:+391": live_folder.person(1)}, number=7)
    use("LIVE_FOLDER", newest=newest)
    live = Live(live_dir)
    live.refresh()
    assert release_of(live) == (7 if is_read else None)
    assert (live.failures > 0) is not is_read


@pytest.mark.parametrize(("written", "newest", "is_read"), READERS)
def test_the_plain_copy_of_another_release(live_dir: Path, use: Use, written: int, newest: int, is_read: bool) -> None:
    live_folder.build(live_dir, live_folder.demo_document(), number=7)
    use("LIVE_FOLDER", newest=written)
    with closing(livefile.open_for_reading(live_dir)) as connection:
        number, document, sha256 = connection.execute("SELECT number, document, sha256 FROM release").fetchone()
        livefile.write_plain_copy(live_dir, number, document, sha256, access={})
    use("LIVE_FOLDER", newest=newest)
    livefile.path_in(live_dir).write_bytes(b"not a database")
    live = Live(live_dir)
    live.start()
    live.stop()
    assert release_of(live) == (7 if is_read else None)


def test_a_reader_one_behind_keeps_what_it_held_and_an_upgraded_one_takes_over(live_dir: Path, use: Use) -> None:
    live_folder.build(live_dir, live_folder.demo_document(), number=1)
    live = Live(live_dir)
    live.refresh()
    with sqlite3.connect(livefile.path_in(live_dir)) as connection:
        livefile.set_meta(connection, "format", "2")
    live_folder.build(live_dir, live_folder.demo_document(), number=2)
    for _ in range(2):
        live.refresh()
    assert (release_of(live), live.failures) == (1, 2), "counted at each look, and never tired of it"
    use("LIVE_FOLDER", newest=2, written=1)
    live.refresh()
    assert release_of(live) == 2


@pytest.mark.parametrize(("written", "newest", "is_read"), READERS)
def test_the_document_of_another_release(use: Use, written: int, newest: int, is_read: bool) -> None:
    use("RELEASE", newest=newest)
    document = live_folder.demo_document() | {"format": written}
    if is_read:
        assert compile_release(document, 1).queues
    else:
        with pytest.raises(ReleaseError, match="the RELEASE has a format that this version does not read"):
            compile_release(document, 1)


def test_a_release_that_is_not_read_holds_up_neither_switches_nor_keys(decide_server: DecideServer, use: Use) -> None:
    decide_server.ask(GOLD, call_id="earlier")
    switch = {"switch:1": {"kind": "close_queue", "subject": "vip"}}
    decide_server.change(document=live_folder.demo_document() | {"format": 2}, number=2, state=switch)
    live = decide_server.plane.live
    answer = decide_server.ask(GOLD)
    assert (answer["release"], answer["queue"], live.failures) == (1, "priority", 1)
    use("RELEASE", newest=2)
    live.refresh()
    assert decide_server.ask(GOLD, call_id="later")["release"] == 2


def test_facts_of_another_release_are_unknown_until_they_are_read(decide_server: DecideServer, use: Use) -> None:
    decide_server.change(facts={f"phone:{GOLD}": live_folder.person(1, tier="gold") | {"v": 2}})
    answer = decide_server.ask(GOLD)
    assert (answer["queue"], answer["degraded"]) == ("standard", ["facts:error"])
    assert decide_server.plane.live.failures == 1
    use("FACTS", newest=2, written=1)
    assert [decide_server.ask(caller, call_id="later")["queue"] for caller in (GOLD, SILVER)] == ["vip", "priority"]


@pytest.mark.parametrize(("written", "newest", "is_read"), READERS)
def test_who_asks_again_gets_the_first_answer_of_another_release(
    decide_server: DecideServer, use: Use, written: int, newest: int, is_read: bool
) -> None:
    use("SPOOL_ROW", newest=written)
    first = decide_server.ask(GOLD)
    decide_server.change(facts={f"phone:{GOLD}": None})
    use("SPOOL_ROW", newest=newest)
    again = decide_server.ask(GOLD)
    assert again["decision_id"] == first["decision_id"]
    assert (again["queue"], again["degraded"]) == (("vip", []) if is_read else ("standard", ["spool:format"]))


@pytest.mark.django_db(transaction=True)
def test_the_courier_sets_a_row_aside_that_it_cannot_read_and_its_successor_ships_it(
    decide_server: DecideServer, use: Use
) -> None:
    folder = decide_server.folder
    decide_server.ask(GOLD, call_id="former")
    use("SPOOL_ROW", newest=3)
    decide_server.ask(GOLD, call_id="ahead")
    use("SPOOL_ROW", newest=1)
    courier.carry_out(folder, "here")
    assert calls() == {"former"}
    use("SPOOL_ROW", newest=2, written=1)
    courier.try_set_aside_again(folder)
    courier.carry_out(folder, "here")
    assert calls() == {"former"}, "still too far off"
    use("SPOOL_ROW", newest=3, written=2)
    courier.try_set_aside_again(folder)
    courier.carry_out(folder, "here")
    assert calls() == {"former", "ahead"}


def calls() -> set[str]:
    return set(Decision.objects.values_list("call_id", flat=True))


@pytest.mark.parametrize(("found", "written", "goes_on"), [(1, 1, True), (1, 2, False), (2, 1, False)])
def test_a_courier_goes_on_with_a_file_of_its_own_format_only(
    live_dir: Path, use: Use, found: int, written: int, goes_on: bool
) -> None:
    """Another is built beside it and put in place when it is complete; who reads both does not notice."""
    use("LIVE_FOLDER", newest=2, written=found)
    live_folder.build(live_dir, live_folder.demo_document())
    use("LIVE_FOLDER", newest=2, written=written)
    assert livefile.is_usable(live_dir) is goes_on
