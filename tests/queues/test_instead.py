"""What a closed or full queue does with the callers whom it does not take."""

from datetime import UTC, datetime
from typing import Any

import pytest

from queues.calendars import compile_calendar
from queues.selection import Queue, place
from queues.state import State, Statistics, Switched

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
NEVER = compile_calendar({"time_zone": "Europe/Rome", "hours": [], "exceptions": []})
BEHIND = Queue("standard", "Standard", voice_address="8003", team="Desk")


def vip(**fields: Any) -> Queue:
    return Queue("vip", "VIP", voice_address="8001", team="VIP", overflow_to="standard", max_waiting=5, **fields)


BY_HOURS: dict[str, Any] = {"calendar": NEVER}
FULL = State(statistics={"vip": Statistics(NOW, {"waiting": 5})})
SWITCHED = State(switches=(Switched("close_queue", "vip"),))


@pytest.mark.parametrize(
    ("queue", "state", "ends"),
    [
        pytest.param(vip(), FULL, ("standard", "transfer", ""), id="full, and overflows unless told otherwise"),
        pytest.param(
            vip(when_full="announce", full_address="9001"), FULL, ("vip", "announce", "9001"), id="full, and says so"
        ),
        pytest.param(
            vip(when_full="voicemail", full_address="9002", when_closed="reject"),
            FULL,
            ("vip", "voicemail", "9002"),
            id="full and not closed: what it does when closed does not count",
        ),
        pytest.param(vip(when_full="reject"), FULL, ("vip", "reject", ""), id="full, and turns callers away"),
        pytest.param(
            vip(when_full="reject", **BY_HOURS), State(), ("standard", "transfer", ""), id="closed and not full"
        ),
        pytest.param(vip(when_closed="reject", **BY_HOURS), State(), ("vip", "reject", ""), id="closed: turned away"),
        pytest.param(
            vip(when_closed="announce", closed_address="9001"),
            SWITCHED,
            ("vip", "announce", "9001"),
            id="closed by hand is closed",
        ),
        pytest.param(vip(when_full="reject"), State(), ("vip", "transfer", ""), id="nobody said that it is full"),
    ],
)
def test_a_caller_ends(queue: Queue, state: State, ends: tuple[str, str, str]) -> None:
    placing = place("vip", {"vip": queue, "standard": BEHIND}, state, NOW)
    assert (placing.queue.slug, placing.action, placing.address) == ends


def test_a_message_is_never_turned_away() -> None:
    queues = {"vip": vip(when_closed="reject", **BY_HOURS), "standard": BEHIND}
    placing = place("vip", queues, State(), NOW, channel="whatsapp")
    assert (placing.queue.slug, placing.action) == ("standard", "transfer")


def test_who_comes_by_overflow_meets_the_next_queues_own_rule() -> None:
    queues = {
        "vip": vip(),
        "standard": Queue("standard", "Standard", voice_address="8003", **BY_HOURS, when_closed="reject"),
    }
    placing = place("vip", queues, FULL, NOW)
    assert (placing.queue.slug, placing.action) == ("standard", "reject")
    assert [each.reason for each in placing.refusals] == ["full", "closed"]
