"""How long somebody who calls now is told to wait."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from queues.estimating import Answered, Line, estimated_wait_s, quality

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def line(priority_class: int = 3, *, seconds_old: float = 0, **numbers: Any) -> Line:
    return Line(f"q{priority_class}", priority_class, NOW - timedelta(seconds=seconds_old), numbers)


def answers(count: int, every_s: float, *, waited_s: float = 60, priority_class: int = 3) -> list[Answered]:
    """So many answers until now, one after the other."""
    return [Answered(NOW - timedelta(seconds=every_s * number), waited_s, priority_class) for number in range(count)]


BUSY = {"agents_logged_in": 5, "agents_idle": 0, "aht_s": 300}


@pytest.mark.parametrize(
    ("own", "others", "recent", "seconds"),
    [
        pytest.param(line(waiting=4, **BUSY), [], [], 300, id="five turns at one a minute"),
        pytest.param(line(waiting=0, **BUSY), [], [], 60, id="the next agent, while all are busy"),
        pytest.param(line(waiting=0, agents_logged_in=5, agents_idle=2, aht_s=300), [], [], 0, id="somebody is idle"),
        pytest.param(line(waiting=0, agents_logged_in=5), [], [], 0, id="nobody waits, and agents are there"),
        pytest.param(line(waiting=0, aht_s=300), [], [], None, id="nothing is said of agents: unknown"),
        pytest.param(line(waiting=4, agents_logged_in=0, aht_s=300), [], [], None, id="nobody is there to answer"),
        pytest.param(line(waiting=4, agents_logged_in=5), [], [], None, id="no handling time, no answers: unknown"),
        pytest.param(line(**BUSY), [], [], None, id="nobody says how many wait: unknown"),
        pytest.param(line(waiting=4), [], answers(20, 30), 150, id="one every half a minute of late"),
        pytest.param(
            line(waiting=4, **BUSY), [], answers(20, 30), 150, id="what happened counts more than the average"
        ),
        pytest.param(line(waiting=4, **BUSY), [], answers(9, 30), 300, id="nine answers say too little"),
        pytest.param(
            line(waiting=4, **BUSY), [], answers(20, 30, waited_s=1), 300, id="answers without a wait say nothing"
        ),
        pytest.param(
            line(waiting=4, waiting_by_class={"1": 1, "3": 2, "5": 1}, **BUSY),
            [],
            [],
            240,
            id="later classes wait behind",
        ),
        pytest.param(
            line(waiting=4, **BUSY), [line(1, waiting=2, **BUSY)], [], 420, id="an earlier class of the same agents"
        ),
        pytest.param(
            line(waiting=4, **BUSY), [line(5, waiting=9, **BUSY)], [], 300, id="a later class of the same agents"
        ),
        pytest.param(
            line(waiting=4, **BUSY), [line(1, waiting=9, seconds_old=61)], [], 300, id="what is old is left aside"
        ),
        pytest.param(
            line(waiting=4, agents_idle=0, aht_s=300),
            [
                line(1, waiting=0, agents_logged_in=5, seconds_old=9),
                line(2, waiting=0, agents_logged_in=9, seconds_old=30),
            ],
            [],
            300,
            id="shared agents are counted once, as they were said last",
        ),
        pytest.param(
            line(waiting=4, **BUSY),
            [],
            [*answers(10, 60, waited_s=1, priority_class=1), *answers(5, 60, waited_s=1, priority_class=3)],
            # One turn a minute, of which ten in a quarter of an hour go to an earlier class.
            900,
            id="those of an earlier class who are still to come",
        ),
    ],
)
def test_the_estimate_is(own: Line, others: list[Line], recent: list[Answered], seconds: int | None) -> None:
    assert estimated_wait_s(own, others, recent) == seconds


def test_an_earlier_class_never_takes_all_of_the_agents_time() -> None:
    crowd = answers(300, 3, waited_s=1, priority_class=1)
    assert estimated_wait_s(line(waiting=0, **BUSY), [], crowd) == 600


def test_what_is_absurd_comes_to_a_day() -> None:
    absurd = line(waiting=100_000, agents_logged_in=1, agents_idle=0, aht_s=604_800)
    assert estimated_wait_s(absurd, [], []) == 86_400


def test_answers_of_another_hour_do_not_count() -> None:
    earlier = [Answered(each.at - timedelta(hours=1), 60, 3) for each in answers(20, 30)]
    assert estimated_wait_s(line(waiting=4, **BUSY), [], earlier) == 300


@pytest.mark.parametrize(
    ("pairs", "error_s", "too_long"),
    [
        pytest.param([(60, 60)], 0, 0, id="right"),
        pytest.param([(60, 40), (60, 50), (60, 90)], 20, 2 / 3, id="mostly too long"),
        pytest.param([(10, 40), (10, 20)], 20, 0, id="always too short"),
    ],
)
def test_estimates_were_off_by(pairs: list[tuple[float, float]], error_s: float, too_long: float) -> None:
    found = quality(pairs)
    assert found
    assert (found.count, found.median_error_s, found.too_long) == (len(pairs), error_s, too_long)


def test_without_any_wait_nothing_is_said() -> None:
    assert quality([]) is None
