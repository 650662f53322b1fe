"""What is true right now, as decisions read it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from queues.state import Manager, State, Statistics, Switched, compile_state

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def switch(subject: str, set_at: str, kind: str = "send_number", **fields: str) -> dict[str, str]:
    return {"kind": kind, "subject": subject, "set_at": set_at, **fields}


def test_of_a_switch_on_a_number_and_one_on_all_the_one_set_last_comes_first() -> None:
    documents = {
        "switch:1": switch("*", "2026-11-23T08:00:00+00:00", target="standard"),
        "switch:here-ab": switch("+39021234567", "2026-11-23T08:30:00+00:00", target="vip"),
        "switch:3": switch("+39029999999", "2026-11-23T08:45:00+00:00", target="other"),
    }
    state = compile_state(documents)
    assert [each.target for each in state.on_number("+39021234567", NOW)] == ["vip", "standard"]


def test_a_switch_that_is_over_and_one_on_a_queue_say_nothing_of_a_number() -> None:
    state = State(
        switches=(Switched("send_number", "*", NOW, "vip"), Switched("close_queue", "+39021234567")),
    )
    assert state.on_number("+39021234567", NOW) == []


def test_documents_of_another_kind_and_keys_of_tomorrow_are_passed_over() -> None:
    documents: dict[str, dict[str, Any]] = {
        "ended:7": {"by": "x", "set_at": "2026-11-23T08:00:00+00:00"},
        "manager:anna": {
            "address": "8101",
            "phone_system": "pbx",
            "answer_timeout_s": 15,
            "calendar": "",
            "present": True,
            "mood": "good",
        },
    }
    assert compile_state(documents).managers == {"anna": Manager("anna", "8101", "pbx")}


@pytest.mark.parametrize(("age_s", "known"), [(60, True), (61, False), (-30, True)])
def test_statistics_are_missing_once_they_are_too_old(age_s: int, known: bool) -> None:
    state = State(statistics={"vip": Statistics(NOW - timedelta(seconds=age_s), {"waiting": 3})})
    assert state.fresh("vip", NOW) == ({"waiting": 3} if known else {})
    assert state.fresh("unknown", NOW) == {}


def test_how_old_is_too_old_is_a_setting() -> None:
    documents = {"queue:vip": {"as_of": (NOW - timedelta(seconds=20)).isoformat(), "statistics": {"waiting": 3}}}
    assert compile_state(documents, timedelta(seconds=10)).fresh("vip", NOW) == {}
    assert compile_state(documents, timedelta(seconds=30)).fresh("vip", NOW) == {"waiting": 3}


@pytest.mark.parametrize(
    ("present", "until", "there"),
    [
        pytest.param(True, None, True, id="available"),
        pytest.param(False, None, False, id="away"),
        pytest.param(False, LATER, False, id="away for now"),
        pytest.param(False, NOW, True, id="no longer away"),
        pytest.param(True, NOW, False, id="no longer available"),
    ],
)
def test_a_manager_is_there(present: bool, until: datetime | None, there: bool) -> None:
    assert Manager("anna", "8101", present=present, present_until=until).is_there(NOW) is there
