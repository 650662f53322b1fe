"""What became of a contact, from what was told of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from routing.reports.outcomes import ABANDONED, ANSWERED, ENDED, NOT_REPORTED, Outcome, Terms, Told, outcome_of

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TERMS = {"vip": Terms(10, 90), "priority": Terms(20, 80), "ringing": Terms(20, 80, rings_agents=True)}


def told(kind: str, after_s: float, **fields: Any) -> Told:
    return Told(kind, AT + timedelta(seconds=after_s), **{"queue": "vip", **fields})


def leg(outcome: str, after_s: float, **fields: Any) -> Told:
    return told("leg", after_s, outcome=outcome, **fields)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([], Outcome(NOT_REPORTED), id="nobody said anything"),
        pytest.param([told("entered", 1)], Outcome(NOT_REPORTED), id="entered, and then nothing"),
        pytest.param(
            [told("agent_answered", 9, seconds=7)], Outcome(ANSWERED, 7), id="the phone system's seconds count"
        ),
        pytest.param(
            [told("entered", 2), told("agent_answered", 9)], Outcome(ANSWERED, 7), id="without seconds: the times"
        ),
        pytest.param(
            [told("agent_answered", 9)], Outcome(ANSWERED, 9), id="never said to have entered: since the decision"
        ),
        pytest.param([told("agent_answered", -3)], Outcome(ANSWERED, 0), id="clocks differ: never below zero"),
        pytest.param([told("abandoned", 40, seconds=38)], Outcome(ABANDONED, 38), id="hung up"),
        pytest.param([told("left", 30, seconds=29)], Outcome(ENDED, 29), id="left by a key, or it took too long"),
        pytest.param(
            [told("left", 30, seconds=29), told("agent_answered", 45, seconds=12, queue="priority")],
            Outcome(ANSWERED, 41, "priority"),
            id="another queue answered: both waits count",
        ),
        pytest.param(
            [told("abandoned", 50, seconds=10, queue="priority"), told("left", 35, seconds=30)],
            Outcome(ABANDONED, 40, "priority"),
            id="told in the wrong order",
        ),
        pytest.param([told("entered", 1, queue="8001")], Outcome(NOT_REPORTED), id="a queue that is none of ours"),
        pytest.param([leg("answered", 300)], Outcome(NOT_REPORTED), id="a leg answered by waiting music"),
        pytest.param(
            [leg("answered", 300, queue="ringing")], Outcome(ANSWERED, None, "ringing"), id="a leg that rings agents"
        ),
        pytest.param([leg("answered", 300, index=0)], Outcome(ANSWERED, None), id="the account manager answered"),
        pytest.param([leg("canceled", 12)], Outcome(ABANDONED, 12), id="hung up before anything answered"),
        pytest.param([leg("no_answer", 20)], Outcome(ENDED, 20), id="nobody picked up"),
        pytest.param([leg("failed", 1), leg("busy", 3)], Outcome(ENDED, 3), id="no leg got through"),
        pytest.param(
            [leg("answered", 300), told("agent_answered", 60, seconds=58)],
            Outcome(ANSWERED, 58),
            id="the queue's word counts before the leg's",
        ),
        pytest.param(
            [told("agent_answered", 5, seconds=4), told("abandoned", 90, seconds=30)],
            Outcome(ANSWERED, 4),
            id="answered, and later in a queue again",
        ),
    ],
)
def test_what_was_told_says_how_it_ended(events: list[Told], expected: Outcome) -> None:
    assert outcome_of(AT, "vip", events, TERMS) == expected
