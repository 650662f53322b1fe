"""Switches that are set on a decide host by command, while its database is away, and what becomes of them."""

from contextlib import closing
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from queues import switches
from queues.models import Queue, Switch
from queues.state import State, compile_state
from routing import document, handing_over, host_switches, livefile, salvage
from routing.courier import carry_once
from tests.routing import live_folder


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("host_switch", *arguments, stdout=out)
    return out.getvalue()


def state(folder: Path) -> State:
    with closing(livefile.open_for_reading(folder)) as live:
        return compile_state(livefile.documents(live, "queue_state"))


def revision(folder: Path) -> str | None:
    with closing(livefile.open_for_reading(folder)) as live:
        return livefile.meta(live, "state_revision")


@pytest.fixture
def host(live_dir: Path) -> Path:
    """A decide host that holds a release, and one switch of the database: VIP is closed."""
    closed = {"kind": "close_queue", "subject": "vip", "set_at": "2020-01-01T08:00:00+00:00"}
    live_folder.build(live_dir, live_folder.demo_document(), state={"switch:7": closed})
    return live_dir


@pytest.mark.parametrize(
    ("arguments", "kind", "subject", "where"),
    [
        pytest.param(["close", "standard"], "close_queue", "standard", (None, "", ""), id="a queue is closed"),
        pytest.param(["open", "standard"], "open_queue", "standard", (None, "", ""), id="a queue is opened"),
        pytest.param(["send", "*", "--to", "priority"], "send_number", "*", ("priority", "", ""), id="all to a queue"),
        pytest.param(
            ["send", "+39 02 5550000", "--to", "+393331234567"],
            "send_outside",
            "+39025550000",
            (None, "+393331234567", ""),
            id="a number to a mobile",
        ),
        pytest.param(
            ["announce", "*", "--extension", "8900", "--on", "pbx"],
            "announce",
            "*",
            (None, "8900", "pbx"),
            id="an announcement for all",
        ),
    ],
)
def test_it_holds_on_the_host_without_a_database(
    host: Path, arguments: list[str], kind: str, subject: str, where: tuple[str | None, str, str]
) -> None:
    before = revision(host)
    assert "Set on this host: here-" in run(*arguments, "--reason", "fire alarm")
    newest = state(host).switches[0]
    assert (newest.kind, newest.subject) == (kind, subject)
    assert (newest.target, newest.address, newest.phone_system) == where
    assert newest.until is not None, "until the end of the day, unless somebody says otherwise"
    assert revision(host) != before, "that is how decide servers notice"
    assert "fire alarm" in run("list")


@pytest.mark.parametrize(
    ("number", "is_known"),
    [("*", True), (live_folder.VOICE_NUMBER, True), (live_folder.VOICE_NUMBER + "9", False)],
    ids=["every number", "a number of the release", "a number with a digit too many"],
)
def test_a_number_that_the_release_does_not_know_is_switched_with_a_warning(
    host: Path, number: str, is_known: bool
) -> None:
    for where in (["send", number, "--to", "vip"], ["announce", number, "--extension", "8900", "--on", "pbx"]):
        said = run(*where, "--reason", "line broken")
        assert "Set on this host" in said
        assert ("There is no such number" not in said) is is_known


def test_a_new_one_takes_the_place_of_the_databases_and_an_end_ends_it(host: Path) -> None:
    run("open", "vip", "--reason", "drill is over", "--until", "ended")
    assert [(each.kind, each.subject) for each in state(host).switches] == [("open_queue", "vip")]
    [key] = host_switches.in_force(host, timezone.now())
    run("end", key.removeprefix("switch:"))
    assert run("list") == "No switch is set.\n"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param(
            ["close", "vipp", "--reason", "x"], 'queue: "vipp" is not in the live release', id="no such queue"
        ),
        pytest.param(["close", "vip", "--reason", " "], "--reason: ", id="an empty reason"),
        pytest.param(["close", "vip", "--reason", "x", "--until", "25:00"], "--until: ", id="no time of day"),
        pytest.param(["close", "vip", "--reason", "x", "--until", "2020-01-01T00:00"], "--until: ", id="the past"),
        pytest.param(["send", "1", "--to", "vip", "--reason", "x"], "country code", id="no number"),
        pytest.param(["send", "*", "--to", "+12", "--reason", "x"], "country code", id="no outside number"),
        pytest.param(["announce", "*", "--extension", "8900", "--on", "x", "--reason", "x"], "--on: ", id="no system"),
        pytest.param(["end", "8"], "key: ", id="a switch that does not exist"),
    ],
)
def test_the_command_names_what_is_wrong_and_switches_nothing(host: Path, arguments: list[str], named: str) -> None:
    before = state(host)
    with pytest.raises(CommandError, match=named):
        run(*arguments)
    assert state(host) == before


def test_a_machine_without_a_live_file_says_so(live_dir: Path) -> None:
    with pytest.raises(CommandError, match="There is no live file"):
        run("close", "vip", "--reason", "x")


@pytest.fixture
def database(transactional_db: None, live_dir: Path) -> Path:
    """A host whose live folder the courier has filled from the database, with a release by hand."""
    for slug in ("vip", "priority", "standard"):
        Queue.objects.create(name=slug, slug=slug)
    carry_once(live_dir, "here")
    text = live_folder.canonical(live_folder.demo_document())
    with closing(livefile.open_for_courier(live_dir)) as live:
        livefile.put_release(live, 1, text, document.checksum(text))
    return live_dir


def held() -> list[tuple[str, str, str]]:
    return [(each.kind, each.subject, each.reason) for each in switches.in_force(timezone.now())]


def test_once_the_database_is_back_it_is_a_switch_like_all_others(database: Path) -> None:
    run("close", "vip", "--reason", "fire alarm", "--until", "ended")
    set_at = datetime.fromisoformat(next(iter(host_switches.in_force(database, timezone.now()).values()))["set_at"])
    assert carry_once(database, "here").carried
    assert held() == [("close_queue", "vip", "fire alarm")]
    switch = Switch.objects.get()
    assert (switch.created_by, switch.created_at) == (None, set_at)
    assert " on " in switch.set_from
    assert list(host_switches.in_force(database, timezone.now())) == [f"switch:{switch.pk}"]
    carry_once(database, "here")
    assert Switch.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "saved"),
    [
        pytest.param(None, ["close_queue"], id="the damage is elsewhere in it"),
        pytest.param(b"no database", [], id="nothing can be read any more"),
    ],
)
def test_a_file_that_was_damaged_meanwhile_is_read_before_it_goes(
    database: Path, content: bytes | None, saved: list[str]
) -> None:
    run("close", "vip", "--reason", "fire alarm", "--until", "ended")
    if content:
        livefile.path_in(database).write_bytes(content)
    livefile.complain(database, salvage.inode(livefile.path_in(database)))
    carry_once(database, "here")
    assert livefile.is_usable(database)
    assert [each.kind for each in state(database).switches] == saved
    assert [kind for kind, _subject, _reason in held()] == saved


def test_there_is_no_moment_in_between_at_which_it_does_not_hold(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("close", "vip", "--reason", "fire alarm")
    seen: list[int] = []
    real = livefile.put

    def put(live: Any, table: str, rows: Any) -> None:
        seen.append(len(state(database).switches))
        real(live, table, rows)

    monkeypatch.setattr(livefile, "put", put)
    assert handing_over.hand_over(database) == 1
    assert seen
    assert set(seen) == {1}
    assert len(state(database).switches) == 1


@pytest.mark.parametrize("is_damaged", [False, True], ids=["as usual", "the file was damaged meanwhile"])
def test_an_end_on_the_host_ends_it_everywhere(database: Path, is_damaged: bool) -> None:
    switch = switches.close_queue(Queue.objects.get(slug="vip"), "fire", None, None)
    carry_once(database, "here")
    run("end", str(switch.pk))
    assert state(database).switches == ()
    if is_damaged:
        livefile.complain(database, salvage.inode(livefile.path_in(database)))
    carry_once(database, "here")
    assert state(database).switches == ()
    switch.refresh_from_db()
    assert switch.ended_at is not None
    assert " on " in switch.ended_from


def test_what_was_switched_later_in_the_portal_counts_more(database: Path) -> None:
    run("close", "vip", "--reason", "on the host", "--until", "ended")
    switches.open_queue(Queue.objects.get(slug="vip"), "in the portal, later", None, None)
    for _ in range(2):
        carry_once(database, "here")
    assert held() == [("open_queue", "vip", "in the portal, later")]
    assert [(each.kind, each.subject) for each in state(database).switches] == [("open_queue", "vip")]
    assert Switch.objects.get(reason="on the host").ended_at is not None


def test_a_queue_that_is_gone_meanwhile_does_not_hold_the_courier_up(database: Path) -> None:
    run("send", "*", "--to", "priority", "--reason", "flood")
    Queue.objects.filter(slug="priority").delete()
    carry_once(database, "here")
    assert state(database).switches == ()
    assert not Switch.objects.exists()
