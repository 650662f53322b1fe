"""Which queue really takes the contact."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from queues.calendars import compile_calendar
from queues.selection import Queue, open_now, place
from queues.state import State, Statistics, Switched

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
OFFICE = compile_calendar(
    {"time_zone": "Europe/Rome", "hours": [{"weekday": 0, "opens": "09:00", "closes": "18:00"}], "exceptions": []}
)
QUEUES = {
    "vip": Queue("vip", "VIP", voice_address="8001", team="VIP", overflow_to="priority", max_waiting=5),
    "priority": Queue("priority", "Priority", voice_address="8002", overflow_to="standard"),
    "standard": Queue("standard", "Standard", voice_address="8003", team="Standard"),
    "office": Queue("office", "Office", voice_address="8004", calendar=OFFICE, overflow_to="standard"),
    "mailbox": Queue(
        "mailbox", "Mailbox", voice_address="8005", calendar=OFFICE, when_closed="voicemail", closed_address="*98"
    ),
    "lonely": Queue("lonely", "Lonely", voice_address="8006", calendar=OFFICE),
}
CLOSED_VIP = Switched("close_queue", "vip")


def waiting(number: int, age_s: int = 1) -> State:
    return State(statistics={"vip": Statistics(NOW - timedelta(seconds=age_s), {"waiting": number})})


@pytest.mark.parametrize(
    ("start", "state", "queue", "reason"),
    [
        pytest.param("vip", State(), "vip", None, id="an open queue takes its contact"),
        pytest.param("vip", State(switches=(CLOSED_VIP,)), "priority", "switched", id="switched off overflows"),
        pytest.param(
            "vip", State(switches=(Switched("close_queue", "vip", NOW),)), "vip", None, id="a switch ends on time"
        ),
        pytest.param(
            "vip",
            State(switches=(CLOSED_VIP, Switched("close_queue", "priority"))),
            "standard",
            "switched",
            id="along the whole chain",
        ),
        pytest.param("vip", waiting(5), "priority", "full", id="full overflows"),
        pytest.param("vip", waiting(4), "vip", None, id="one place left"),
        pytest.param("vip", waiting(5, age_s=61), "vip", None, id="stale statistics do not make a queue full"),
        pytest.param("office", State(), "standard", "closed", id="closed by its hours"),
        pytest.param(
            "office", State(switches=(Switched("open_queue", "office"),)), "office", None, id="opened by switch"
        ),
        pytest.param("lonely", State(), "lonely", "closed", id="closed with nowhere to go still takes the contact"),
        pytest.param(
            "standard",
            State(switches=(Switched("close_queue", "standard"),)),
            "standard",
            "switched",
            id="end of chain",
        ),
    ],
)
def test_placing(start: str, state: State, queue: str, reason: str | None) -> None:
    placing = place(start, QUEUES, state, NOW)
    assert (placing.queue.slug, placing.reason) == (queue, reason)


def test_a_closed_queue_with_a_mailbox_takes_a_message() -> None:
    placing = place("mailbox", QUEUES, State(), NOW)
    assert (placing.action, placing.queue.closed_address) == ("voicemail", "*98")


def test_the_queue_behind_is_the_overflow() -> None:
    placing = place("vip", QUEUES, State(), NOW)
    assert placing.overflow is QUEUES["priority"]


def test_a_message_passes_queues_that_have_no_team() -> None:
    placing = place("priority", QUEUES, State(), NOW, channel="whatsapp")
    assert placing.queue.slug == "standard"


def test_a_cycle_of_overflows_ends() -> None:
    queues = {
        "a": Queue("a", "A", voice_address="1", overflow_to="b"),
        "b": Queue("b", "B", voice_address="2", overflow_to="a"),
    }
    closed = State(switches=(Switched("close_queue", "a"), Switched("close_queue", "b")))
    assert place("a", queues, closed, NOW).queue.slug == "a"


def logged_in(number: int, age_s: int = 1) -> State:
    return State(statistics={"vip": Statistics(NOW - timedelta(seconds=age_s), {"agents_logged_in": number})})


@pytest.mark.parametrize(
    ("state", "switched_on", "queue", "reason"),
    [
        pytest.param(logged_in(0), True, "priority", "no_agents", id="nobody logged in counts as closed"),
        pytest.param(logged_in(1), True, "vip", None, id="one is enough"),
        pytest.param(logged_in(0), False, "vip", None, id="unless the queue says otherwise"),
        pytest.param(logged_in(0, age_s=61), True, "vip", None, id="stale statistics close no queue"),
        pytest.param(waiting(0), True, "vip", None, id="a phone system that does not report agents closes no queue"),
    ],
)
def test_a_queue_without_agents(state: State, switched_on: bool, queue: str, reason: str | None) -> None:
    queues = QUEUES | {"vip": replace(QUEUES["vip"], closed_without_agents=switched_on)}
    placing = place("vip", queues, state, NOW)
    assert (placing.queue.slug, placing.reason) == (queue, reason)
    assert open_now(queues["vip"], state, NOW) is (reason is None)


def test_a_switch_opens_a_queue_whatever_the_phone_system_says_of_agents() -> None:
    state = replace(logged_in(0), switches=(Switched("open_queue", "vip"),))
    assert place("vip", QUEUES, state, NOW).queue.slug == "vip"
