"""Callers who are not decided like everybody else: pilot callers by a draft, blocked ones not at all."""

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contactcenter.foundation.clock import FixedClock
from contactcenter.foundation.models import Change, ChangeCounter
from routing import courier, livefile
from routing.callers import NOBODY, Block, Callers, compile_callers
from routing.contacts import Contact
from routing.models import BlockedCaller
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, SILVER, STRANGER, DecideServer
from tests.routing.documents import branch

NOW = datetime.now(UTC)
SOON = (NOW + timedelta(hours=2)).isoformat()
OVER = (NOW - timedelta(seconds=1)).isoformat()
MOBILE = "+393331234567"


def draft(**changes: Any) -> dict[str, Any]:
    """What is live, but everybody goes to Priority; and a number that only the draft knows."""
    document = live_folder.demo_document()
    document["flows"]["priority-customers"]["branches"] = [branch("new", "New", "priority", [])]
    document["numbers"]["voice:+390255500099"] = live_folder.called_number("New line")
    return document | changes


def pilot(*callers: str, document: dict[str, Any] | None = None, until: str = SOON) -> dict[str, Any]:
    text = live_folder.canonical(document or draft())
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return {"document": text, "sha256": sha256, "callers": list(callers), "until": until}


def block(number: str = STRANGER, treatment: str = "reject", **fields: Any) -> dict[str, Any]:
    return {"number": number, "is_prefix": False, "treatment": treatment, **fields}


def test_a_pilot_caller_is_decided_by_the_draft_and_everybody_else_by_the_release(decide_server: DecideServer) -> None:
    decide_server.change(callers={"pilot:7": pilot(GOLD)})
    by_draft, live = decide_server.ask(GOLD), decide_server.ask(SILVER, call_id="another")
    assert (by_draft["queue"], by_draft["branch"], by_draft["pilot"]) == ("priority", "new", 7)
    assert "release" not in by_draft
    assert (live["queue"], live["branch"], live["release"]) == ("priority", "silver", 1)
    assert "pilot" not in live


@pytest.mark.parametrize(
    ("asked", "queue"),
    [
        pytest.param({"from": f"sip:{GOLD}@carrier.example.net"}, "priority", id="his number as a SIP address"),
        pytest.param({"from": "02 5550 1001"}, "priority", id="his number without country code, as in that country"),
        pytest.param({"from": "anonymous"}, "standard", id="a hidden caller is nobody's pilot"),
        pytest.param({"to": "+390255500099"}, "priority", id="a number that only the draft has"),
        pytest.param({"to": live_folder.WHATSAPP_NUMBER, "channel": "whatsapp"}, "vip", id="not for messages"),
    ],
)
def test_a_pilot_caller_is_known(decide_server: DecideServer, asked: dict[str, str], queue: str) -> None:
    decide_server.change(callers={"pilot:7": pilot(GOLD)})
    assert decide_server.ask(**({"caller": GOLD} | asked))["queue"] == queue


@pytest.mark.parametrize(
    ("broken", "is_counted"),
    [
        pytest.param({"until": OVER}, False, id="is over"),
        pytest.param({"sha256": "0" * 64}, True, id="is damaged"),
        pytest.param({"document": "{}", "sha256": hashlib.sha256(b"{}").hexdigest()}, True, id="cannot be decided by"),
        pytest.param({"callers": None}, True, id="lists nobody"),
    ],
)
def test_nobody_is_decided_by_a_pilot_that(
    decide_server: DecideServer, broken: dict[str, Any], is_counted: bool
) -> None:
    decide_server.change(callers={"pilot:7": pilot(GOLD) | broken, "block:1": block()}, document=draft(), number=2)
    answer = decide_server.ask(GOLD)
    assert (answer["release"], answer["queue"]) == (2, "priority"), "a release is taken over all the same"
    assert decide_server.ask(STRANGER, call_id="blocked")["reason"] == "blocked", "and so is everything else"
    assert decide_server.plane.live.failures == int(is_counted)


def test_a_pilot_ends_at_its_moment_and_at_once_when_somebody_ends_it(decide_server: DecideServer) -> None:
    ends = NOW + timedelta(minutes=5)
    decide_server.change(callers={"pilot:7": pilot(GOLD, until=ends.isoformat())})
    live, contact = decide_server.plane.live, Contact("a", "c", live_folder.VOICE_NUMBER, GOLD)
    by = [live.world_of(contact, FixedClock(ends + timedelta(microseconds=past))) for past in (-1, 0)]
    assert [world.pilot for world in by if world] == [7, 0]
    decide_server.change(callers={"pilot:7": None})
    assert decide_server.ask(GOLD)["queue"] == "vip"


def test_of_two_pilots_the_newer_counts(decide_server: DecideServer) -> None:
    decide_server.change(
        callers={"pilot:9": pilot(GOLD, document=live_folder.demo_document()), "pilot:10": pilot(GOLD)}
    )
    assert decide_server.ask(GOLD)["pilot"] == 10


def test_a_draft_is_compiled_once_however_often_the_list_changes() -> None:
    compiled = []

    def verified(*release: Any) -> Any:
        compiled.append(release)
        return None, {}

    rows = {"pilot:1": live_folder.canonical(pilot(GOLD))}
    first, failed = compile_callers(rows, NOBODY, verified)
    second, _failed = compile_callers(rows | {"block:1": live_folder.canonical(block())}, first, verified)
    assert (len(compiled), failed, list(second.pilots), second.stops) == (1, [], [GOLD], True)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param(
            [block()], {"action": "reject", "reason": "blocked", "block": 1, "fallback": False}, id="rejected"
        ),
        pytest.param(
            [block(treatment="queue", queue="priority")],
            {"action": "transfer", "reason": "blocked", "block": 1, "queue": "priority"},
            id="sent to a queue",
        ),
        pytest.param([block("+390255", is_prefix=True)], {"reason": "blocked"}, id="listed by how his number begins"),
        pytest.param([block("+390256", is_prefix=True)], {"reason": "last_path"}, id="others are listed"),
        pytest.param([block(until=SOON)], {"reason": "blocked"}, id="blocked for a while"),
        pytest.param([block(until=OVER)], {"reason": "last_path"}, id="blocked once"),
        pytest.param(
            [block("+390255", is_prefix=True), block(treatment="let_through")],
            {"reason": "last_path"},
            id="let through although others like him are blocked",
        ),
        pytest.param(
            [block(), block("+390255", "let_through", is_prefix=True)],
            {"reason": "last_path"},
            id="one of those who are never blocked",
        ),
        pytest.param(
            [block("+390255", is_prefix=True), block(treatment="queue", queue="vip")],
            {"queue": "vip", "block": 2},
            id="his own entry says more than that of many",
        ),
        pytest.param(
            [block(treatment="queue", queue="unpublished")], {"reason": "last_path"}, id="sent to no queue that is live"
        ),
        pytest.param([block(treatment="of_tomorrow")], {"reason": "last_path"}, id="treated as a later version does"),
    ],
)
def test_a_caller_is(decide_server: DecideServer, entries: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    decide_server.change(callers={f"block:{number}": each for number, each in enumerate(entries, 1)})
    answer = decide_server.ask(STRANGER)
    assert {key: answer.get(key) for key in expected} == expected
    assert ("sip_uri" in answer) is (answer["action"] != "reject")


def test_a_blocked_caller_is_rejected_whatever_he_calls_and_his_messages_are_not(decide_server: DecideServer) -> None:
    switch = {"kind": "send_number", "subject": "*", "set_at": "2026-11-23T08:00:00+00:00", "target": "vip"}
    decide_server.change(callers={"block:1": block()}, state={"switch:1": switch})
    assert decide_server.ask(STRANGER)["action"] == "reject"
    assert decide_server.ask(STRANGER, call_id="other", to="+391")["action"] == "reject"
    message = {"to": live_folder.WHATSAPP_NUMBER, "channel": "whatsapp"}
    assert decide_server.ask(STRANGER, call_id="message", **message)["action"] == "transfer"


def test_a_pilot_caller_is_never_blocked(decide_server: DecideServer) -> None:
    decide_server.change(callers={"block:1": block(GOLD), "pilot:7": pilot(GOLD)})
    assert decide_server.ask(GOLD)["queue"] == "priority"


def test_the_newest_of_two_entries_counts() -> None:
    rows = {f"block:{n}": live_folder.canonical(block(queue=f"q{n}")) for n in (9, 10)}
    callers, _failed = compile_callers(rows, NOBODY, lambda *_: (None, {}))  # type: ignore[arg-type]
    contact = Contact("a", "c", "+391", STRANGER)
    assert callers.block_of(contact, "IT", NOW) == Block(10, STRANGER, False, "reject", "q10")
    assert callers == Callers({}, callers.blocks, {}, (), True)


def test_a_live_file_of_the_version_before_lists_nobody(decide_server: DecideServer) -> None:
    with sqlite3.connect(livefile.path_in(decide_server.folder)) as connection:
        connection.execute("DROP TABLE callers")
        connection.execute("UPDATE meta SET value = 'passed over' WHERE key = 'callers_revision'")
    answer = decide_server.ask(GOLD)
    assert (answer["queue"], decide_server.plane.live.failures) == ("vip", 0)


@pytest.mark.django_db(transaction=True)
def test_what_a_courier_of_the_version_before_passed_over_is_sent_once_more(live_dir: Path) -> None:
    entry = BlockedCaller.objects.create(number=STRANGER, reason="Shouts")
    courier.carry_once(live_dir, "here")
    with sqlite3.connect(livefile.path_in(live_dir)) as connection:
        connection.execute("DELETE FROM callers")
        connection.execute("DELETE FROM meta WHERE key = 'knows_callers'")
    assert listed(live_dir) == set()
    for _round in range(2):
        courier.carry_once(live_dir, "here")
    assert listed(live_dir) == {f"block:{entry.pk}"}
    entry.delete()
    courier.carry_once(live_dir, "here")
    assert listed(live_dir) == set()


@pytest.mark.django_db(transaction=True)
def test_what_a_restored_database_knows_nothing_of_is_forgotten(live_dir: Path) -> None:
    kept, gone = [BlockedCaller.objects.create(number=number, reason="Shouts") for number in (STRANGER, MOBILE)]
    courier.carry_once(live_dir, "here")
    assert listed(live_dir) == {f"block:{kept.pk}", f"block:{gone.pk}"}
    BlockedCaller.objects.filter(pk=gone.pk)._raw_delete("default")
    Change.objects.exclude(key=f"block:{kept.pk}").delete()
    Change.objects.update(seq=1)
    ChangeCounter.objects.update(last_seq=1)
    courier.carry_once(live_dir, "here")
    assert listed(live_dir) == {f"block:{kept.pk}"}


def listed(folder: Path) -> set[str]:
    with closing(livefile.open_for_reading(folder)) as connection:
        return set(livefile.callers(connection))
