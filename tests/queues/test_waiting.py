"""Erlang B, C and A against published figures, and against what must hold whatever the numbers are."""

from math import exp, inf, isinf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queues.waiting import Absurd, Load, agents_needed, erlang_b, erlang_c, forecast

AGENTS = st.integers(min_value=1, max_value=400)
ERLANGS = st.floats(min_value=0.01, max_value=400)
HANDLING = st.floats(min_value=10, max_value=1000)
PATIENCE = st.floats(min_value=5, max_value=3600)

quickly = settings(max_examples=60, deadline=None, derandomize=True)


def load(erlangs: float, handling_s: float = 300, patience_s: float | None = None) -> Load:
    return Load(erlangs * 3600 / handling_s, handling_s, patience_s)


@pytest.mark.parametrize(
    ("agents", "erlangs", "blocked", "digits"),
    [
        # Traffic tables for 1 % and 5 % blocking, as ITU-T E.520 and every handbook print them.
        pytest.param(10, 4.461, 0.01, 4, id="ten lines carry 4.461 erlangs at one percent"),
        pytest.param(1, 0.0101, 0.01, 4, id="one line carries a hundredth"),
        pytest.param(100, 84.064, 0.01, 4, id="a hundred lines carry 84.064 erlangs at one percent"),
        pytest.param(20, 15.249, 0.05, 4, id="twenty lines carry 15.249 erlangs at five percent"),
        # Wolfram, "Compute Loss Probabilities for a Queue": 30 lines, 25 erlangs, about 0.05.
        pytest.param(30, 25, 0.0526, 4, id="thirty lines, 25 erlangs"),
    ],
)
def test_erlang_b_is_what_tables_say(agents: int, erlangs: float, blocked: float, digits: int) -> None:
    assert erlang_b(agents, erlangs) == pytest.approx(blocked, abs=0.6 * 10**-digits)


@pytest.mark.parametrize(
    ("agents", "load", "within_s", "waiting", "in_time", "asa_s", "occupancy"),
    [
        # Call Centre Helper, "Erlang C formula, made simple": 100 calls in half an hour, 180 s, target 20 s.
        pytest.param(14, Load(200, 180), 20, 0.1741, 0.888, 7.8, 0.714, id="ten erlangs, 14 agents"),
        pytest.param(11, Load(200, 180), 20, 0.6821, 0.390, 122.8, 0.909, id="ten erlangs, 11 agents"),
        # Mitan, "The Erlang-C formula": 360 calls in half an hour, 4 minutes, 55 agents, target 15 s.
        pytest.param(55, Load(720, 240), 15, 0.239, 0.846, 8.2, 0.873, id="48 erlangs, 55 agents"),
        # Garnett, Mandelbaum, Reiman 2002, table 1: 48 calls a minute of one minute each, 50 agents.
        pytest.param(50, Load(2880, 60), 0, 0.694, 0.306, 20.8, 0.96, id="48 erlangs, 50 agents"),
    ],
)
def test_erlang_c_is_what_tables_say(
    agents: int, load: Load, within_s: float, waiting: float, in_time: float, asa_s: float, occupancy: float
) -> None:
    found = forecast(agents, load, within_s)
    assert found.waiting == pytest.approx(waiting, abs=0.0006)
    assert found.in_time == pytest.approx(in_time, abs=0.0006)
    assert found.asa_s == pytest.approx(asa_s, abs=0.06)
    assert found.occupancy == pytest.approx(occupancy, abs=0.0006)
    assert found.abandoned == 0


def test_erlang_a_is_what_tables_say() -> None:
    """Garnett, Mandelbaum, Reiman 2002, table 1: 48 calls a minute of a minute, 50 agents, 2 minutes' patience."""
    found = forecast(50, Load(2880, 60, 120), 12.5)
    assert found.abandoned == pytest.approx(0.031, abs=0.0005)
    assert found.abandoned * 120 == pytest.approx(3.7, abs=0.05)  # the average wait of all
    assert found.occupancy == pytest.approx(0.93, abs=0.005)


@pytest.mark.parametrize(
    ("load", "percent", "within_s", "agents"),
    [
        # jonesthenet.com, "Erlang uplift": 250 calls an hour, 330 s, 80 % in 30 s take 28 agents.
        pytest.param(Load(250, 330), 80, 30, 28, id="250 calls an hour"),
        # Call Centre Helper's example: 80 % in 20 s take 14 agents for ten erlangs.
        pytest.param(Load(200, 180), 80, 20, 14, id="ten erlangs"),
        pytest.param(Load(0, 180), 80, 20, 1, id="nobody calls"),
        pytest.param(Load(200, 300), 90, 20, 23, id="90/20 of the worked example"),
    ],
)
def test_so_many_agents_are_needed(load: Load, percent: float, within_s: float, agents: int) -> None:
    assert agents_needed(load, percent, within_s) == agents


@given(agents=AGENTS, erlangs=ERLANGS)
@quickly
def test_whoever_may_wait_finds_all_busy_no_less_often_than_who_may_not(agents: int, erlangs: float) -> None:
    assert 0 <= erlang_b(agents, erlangs) <= erlang_c(agents, erlangs) <= 1


@given(agents=AGENTS, erlangs=ERLANGS)
@quickly
def test_one_more_agent_never_makes_anybody_wait_longer(agents: int, erlangs: float) -> None:
    assert erlang_c(agents + 1, erlangs) <= erlang_c(agents, erlangs)
    for patience_s in (None, 120.0):
        fewer, more = (forecast(number, load(erlangs, 300, patience_s), 20) for number in (agents, agents + 1))
        assert more.in_time >= fewer.in_time - 1e-12
        assert more.asa_s <= fewer.asa_s + 1e-9
        assert more.abandoned <= fewer.abandoned + 1e-12


@given(agents=AGENTS, erlangs=ERLANGS, handling_s=HANDLING, patience_s=PATIENCE)
@quickly
def test_callers_who_hang_up_are_those_whom_agents_do_not_serve(
    agents: int, erlangs: float, handling_s: float, patience_s: float
) -> None:
    found = forecast(agents, load(erlangs, handling_s, patience_s), 20)
    assert found.occupancy * agents == pytest.approx(erlangs * (1 - found.abandoned), rel=1e-6)
    assert 0 <= found.abandoned <= found.waiting <= 1
    assert -1e-12 <= found.in_time <= 1 - found.abandoned + 1e-12


@given(agents=st.integers(1, 60), patience_s=PATIENCE, share=st.floats(0.1, 3))
@quickly
def test_patience_that_is_as_long_as_a_call_makes_a_line_without_end_of_agents(
    agents: int, patience_s: float, share: float
) -> None:
    """Where callers leave as fast as agents finish, the number of those present is Poisson (Palm 1946)."""
    erlangs = agents * share
    term, all_busy = exp(-erlangs), 1.0
    for present in range(agents):
        all_busy -= term
        term *= erlangs / (present + 1)
    found = forecast(agents, load(erlangs, patience_s, patience_s), 20)
    assert found.waiting == pytest.approx(all_busy, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("agents", [12, 22, 300])
def test_the_longer_callers_are_patient_the_nearer_erlang_a_comes_to_erlang_c(agents: int) -> None:
    erlangs = agents * 0.85
    never = forecast(agents, load(erlangs), 20)
    off = [
        abs(forecast(agents, load(erlangs, 300, patience_s), 20).asa_s - never.asa_s)
        for patience_s in (60, 3600, 86_400)
    ]
    assert off == sorted(off, reverse=True)
    assert off[-1] < 0.05 * never.asa_s + 1e-6


@pytest.mark.parametrize("patience_s", [None, 30.0, 3600.0])
@pytest.mark.parametrize("share", [0.5, 0.98, 1.2])
def test_thousands_of_agents_are_reckoned_without_overflow(patience_s: float | None, share: float) -> None:
    found = forecast(3000, load(3000 * share, 300, patience_s), 20)
    assert 0 <= found.waiting <= 1
    assert -1e-9 <= found.in_time <= 1 + 1e-9
    assert isinf(found.asa_s) == (patience_s is None and share > 1)


def test_agents_who_cannot_keep_up_answer_nobody_in_time() -> None:
    found = forecast(10, load(10), 20)
    assert (found.waiting, found.in_time, found.asa_s, found.occupancy) == (1.0, 0.0, inf, 1.0)


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        pytest.param(lambda: erlang_c(0, 3), "agents", id="no agent"),
        pytest.param(lambda: erlang_c(-4, 3), "agents", id="fewer than no agents"),
        pytest.param(lambda: erlang_c(2.5, 3), "agents", id="half an agent"),  # type: ignore[arg-type]
        pytest.param(lambda: erlang_c(True, 3), "agents", id="yes is no number of agents"),
        pytest.param(lambda: erlang_c(10**9, 3), "agents", id="more agents than people"),
        pytest.param(lambda: erlang_c(3, -1), "erlangs", id="negative erlangs"),
        pytest.param(lambda: erlang_c(3, float("nan")), "erlangs", id="erlangs that are no number"),
        pytest.param(lambda: erlang_b(3, inf), "erlangs", id="endless erlangs"),
        pytest.param(lambda: Load(-1, 300), "per_hour", id="negative calls"),
        pytest.param(lambda: Load(10, 0), "handling_s", id="calls without length"),
        pytest.param(lambda: Load(10, 300, 0), "patience_s", id="no patience at all"),
        pytest.param(lambda: forecast(3, Load(10, 300), -1), "within_s", id="answered before the call"),
        pytest.param(lambda: agents_needed(Load(10, 300), 100, 20), "percent", id="everybody, always"),
        pytest.param(lambda: agents_needed(Load(10, 300), 0, 20), "percent", id="nobody"),
        pytest.param(lambda: agents_needed(Load(10_000, 3600), 80, 20), "per_hour", id="more calls than agents"),
        pytest.param(lambda: forecast(1, Load(100_000, 300, 7200), 20), "agents", id="a line around the world"),
    ],
)
def test_absurd_numbers_are_refused_by_name(ask: object, field: str) -> None:
    with pytest.raises(Absurd, match=f"^{field}: ") as refused:
        ask()  # type: ignore[operator]
    assert refused.value.field == field
