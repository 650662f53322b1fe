"""Waits by class among agents who take everybody: against formulas of others, and against the simulation."""

from math import inf, isinf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queues.simulation import Pool, calls, simulate
from queues.waiting import Absurd, Load, forecast
from queues.waiting_by_class import Callers, Outcome, cobham, outcomes

quickly = settings(max_examples=30, deadline=None, derandomize=True)


def callers(*rows: tuple[int, float], handling_s: float = 300, patience_s: float | None = None) -> list[Callers]:
    """Callers of (class, calls an hour)."""
    return [Callers(Load(per_hour, handling_s, patience_s), number) for number, per_hour in rows]


def test_cobham_is_what_a_single_agent_s_textbook_says() -> None:
    """One agent, non-preemptive, equal calls: W1 = R / (1 - r1), W2 = R / ((1 - r1) (1 - r1 - r2)), R = r s."""
    first, second = cobham(1, [3, 4], 300)
    residual = 7 / 12 * 300
    assert first == pytest.approx(residual / (1 - 3 / 12))
    assert second == pytest.approx(residual / ((1 - 3 / 12) * (1 - 7 / 12)))


@given(
    agents=st.integers(1, 60),
    shares=st.lists(st.floats(0.01, 0.3), min_size=1, max_size=3),
)
@quickly
def test_priority_changes_who_waits_and_not_how_much_is_waited(agents: int, shares: list[float]) -> None:
    per_hour = [share * agents * 12 for share in shares]
    waits = cobham(agents, per_hour, 300)
    fair = forecast(agents, Load(sum(per_hour), 300), 20).asa_s
    assert waits == sorted(waits)
    assert sum(wait * calls for wait, calls in zip(waits, per_hour, strict=True)) / sum(per_hour) == pytest.approx(fair)


@given(
    agents=st.integers(1, 40),
    shares=st.lists(st.floats(0.01, 0.6), min_size=2, max_size=3),
    patience_s=st.floats(20, 900),
)
@quickly
def test_classes_together_hang_up_as_often_as_without_classes(
    agents: int, shares: list[float], patience_s: float
) -> None:
    rows = [(number, share * agents * 12) for number, share in enumerate(shares, 1)]
    found = outcomes(agents, callers(*rows, patience_s=patience_s), 20)
    total = sum(calls for _class, calls in rows)
    together = sum(each.abandoned * calls for each, (_class, calls) in zip(found, rows, strict=True)) / total
    assert together == pytest.approx(forecast(agents, Load(total, 300, patience_s), 20).abandoned, abs=2e-5)
    assert [each.abandoned for each in found] == sorted(each.abandoned for each in found)


@pytest.mark.parametrize("patience_s", [None, 180.0])
def test_a_single_class_is_erlang_c_and_erlang_a(patience_s: float | None) -> None:
    (found,) = outcomes(22, callers((3, 200), patience_s=patience_s), 20)
    told = forecast(22, Load(200, 300, patience_s), 20)
    assert found.in_time == pytest.approx(told.in_time, abs=1e-6)
    assert found.asa_s == pytest.approx(told.asa_s, rel=1e-4)
    assert found.abandoned == pytest.approx(told.abandoned, abs=1e-6)


def test_the_first_class_waits_as_if_it_had_the_next_free_agent_to_itself() -> None:
    """P(W > t) = C exp(-(n - a1) t / s), whoever else calls."""
    first, _second = outcomes(22, callers((1, 40), (2, 160)), 20)
    waiting = forecast(22, Load(200, 300), 20).waiting
    assert 1 - first.in_time == pytest.approx(waiting * 2.718281828 ** (-(22 - 40 / 12) * 20 / 300), rel=1e-4)


def test_the_slowest_of_a_hundred_are_those_beyond_the_95th() -> None:
    (found,) = outcomes(22, callers((3, 200)), 20)
    (at_that_time,) = outcomes(22, callers((3, 200)), found.slowest_s)
    assert at_that_time.in_time == pytest.approx(0.95, abs=0.001)


def test_a_class_that_cannot_be_kept_up_with_does_not_touch_those_before_it() -> None:
    first, second = outcomes(16, callers((1, 40), (2, 200)), 20)
    assert second == Outcome(0.0, inf, 0.0, inf)
    assert first.asa_s == pytest.approx(cobham(16, [40, 200], 300)[0])
    assert not isinf(first.slowest_s)


def test_the_same_class_has_the_same_outcome_and_nobody_calling_waits_for_nothing() -> None:
    one, other, nobody = outcomes(10, callers((2, 30), (2, 60), (1, 0)), 20)
    assert one == other
    assert nobody == Outcome(1.0, 0.0, 0.0, 0.0)


def test_there_is_no_formula_for_handling_times_that_differ() -> None:
    mixed = [*callers((1, 10)), *callers((2, 10), handling_s=200)]
    with pytest.raises(Absurd, match="handling_s"):
        outcomes(5, mixed, 20)


def test_a_line_too_long_to_be_followed_caller_by_caller_is_still_what_a_trial_says() -> None:
    kinds = callers((1, 480), (3, 2880), patience_s=1800)
    tried = simulate(kinds, [Pool(200, (0, 1))], calls(kinds, 15_000), 20)
    _first, last = outcomes(200, kinds, 20)
    assert last.slowest_s == pytest.approx(tried[1].slowest_s, rel=0.1)
    assert last.asa_s == pytest.approx(tried[1].asa_s, rel=0.1)
    assert last.abandoned == pytest.approx(tried[1].abandoned, rel=0.1)


def test_a_class_that_hardly_anybody_of_is_answered_waits_without_end() -> None:
    _first, last = outcomes(1, callers((1, 20_000), (3, 100), patience_s=300), 20)
    assert last.asa_s == inf
    assert last.abandoned == pytest.approx(1)
