"""The simulation against formulas where there are any, and its rules where there are none."""

import pytest

from queues.simulation import Call, Pool, calls, occupancy, simulate
from queues.staffing import Centre, everybody, kept_apart
from queues.waiting import Absurd, Load, forecast
from queues.waiting_by_class import Callers, outcomes

MANY = 40_000


def with_patience(*rows: tuple[int, float, float], patience_s: float | None = 180) -> list[Callers]:
    """Callers of (class, calls an hour, head start)."""
    return [Callers(Load(per_hour, 300, patience_s), number, head_start) for number, per_hour, head_start in rows]


@pytest.mark.parametrize(
    ("kinds", "agents"),
    [
        pytest.param(with_patience((3, 240, 0)), 19, id="one class, patience: Erlang A"),
        pytest.param(with_patience((1, 60, 0), (3, 60, 0)), 8, id="two classes, too few agents, patience"),
        pytest.param(
            with_patience((1, 40, 0), (2, 40, 0), (3, 60, 0)), 9, id="three classes, too few agents, patience"
        ),
        pytest.param(with_patience((1, 8, 0), (3, 6, 0), patience_s=None), 2, id="two classes who never hang up"),
    ],
)
def test_what_is_tried_out_is_within_five_percent_of_what_is_reckoned(kinds: list[Callers], agents: int) -> None:
    tried = simulate(kinds, [Pool(agents, tuple(range(len(kinds))))], calls(kinds, MANY), 20)
    for found, told in zip(tried, outcomes(agents, kinds, 20), strict=True):
        assert found.in_time == pytest.approx(told.in_time, rel=0.05)
        assert found.asa_s == pytest.approx(told.asa_s, rel=0.05)
        assert found.abandoned == pytest.approx(told.abandoned, rel=0.05)
        assert found.slowest_s == pytest.approx(told.slowest_s, rel=0.05)


def test_agents_of_their_own_are_two_lines() -> None:
    kinds = with_patience((1, 60, 0), (3, 180, 0))
    calling = calls(kinds, MANY)
    apart = simulate(kinds, [Pool(6, (0,)), Pool(14, (1,))], calling, 20)
    for kind, agents, found in zip(kinds, (6, 14), apart, strict=True):
        told = forecast(agents, kind.load, 20)
        assert found.in_time == pytest.approx(told.in_time, rel=0.05)
        assert found.abandoned == pytest.approx(told.abandoned, rel=0.07)
    assert occupancy(Pool(14, (1,)), kinds, apart) == pytest.approx(forecast(14, kinds[1].load, 20).occupancy, rel=0.02)


def line_of(*waiting: tuple[float, int], patience_s: float = 1e9) -> list[Call]:
    """Everybody is busy with the first call; then people call at (second, kind)."""
    return [Call(0.0, 0, 100.0, 1e9), *(Call(at, kind, 10.0, patience_s) for at, kind in waiting)]


def answered_in_order(kinds: list[Callers], calling: list[Call], agents: int = 1) -> list[float]:
    """Average waits of one caller of each kind, as it was his turn."""
    found = simulate(kinds, [Pool(agents, tuple(range(len(kinds))))], calling, 20)
    return [each.asa_s for each in found]


def kinds_of(*rows: tuple[int, float]) -> list[Callers]:
    """Callers of (class, head start); the first kind only keeps the agent busy."""
    return [Callers(Load(1, 300), number, head_start) for number, head_start in [(3, 0.0), *rows]]


@pytest.mark.parametrize(
    ("kinds", "first"),
    [
        pytest.param(kinds_of((3, 0), (1, 0)), 2, id="an earlier class goes first, though he called later"),
        pytest.param(kinds_of((3, 0), (3, 60)), 2, id="a head start counts as waited"),
        pytest.param(kinds_of((3, 0), (3, 5)), 1, id="a head start that is too short does not help"),
        pytest.param(kinds_of((2, 0), (3, 80)), 1, id="no head start goes past a class"),
        pytest.param(kinds_of((3, 0), (3, 0)), 1, id="who called first goes first"),
    ],
)
def test_whose_turn_it_is(kinds: list[Callers], first: int) -> None:
    waits = answered_in_order(kinds, line_of((10, 1), (20, 2)))
    expected = {1: 90.0, 2: 80.0}[first]
    assert waits[first] == expected
    other = 3 - first
    assert waits[other] == {1: 100.0, 2: 90.0}[other]


def test_whoever_has_hung_up_is_passed_over() -> None:
    kinds = kinds_of((1, 0), (3, 0))
    _busy, gone, patient = simulate(
        kinds,
        [Pool(1, (0, 1, 2))],
        [Call(0.0, 0, 100.0, 1e9), Call(10.0, 1, 10.0, 30.0), Call(20.0, 2, 10.0, 1e9)],
        20,
    )
    assert gone.abandoned == 1
    assert gone.slowest_s == 30
    assert patient.asa_s == 80


def test_agents_of_their_own_are_asked_first_and_the_shared_ones_help_out() -> None:
    kinds = kinds_of((1, 0), (3, 0))
    pools = [Pool(1, (1,)), Pool(1, (0, 1, 2))]
    found = simulate(kinds, pools, [Call(0.0, 1, 50.0, 1e9), Call(1.0, 2, 50.0, 1e9), Call(2.0, 1, 5.0, 1e9)], 20)
    assert found[2].asa_s == 0  # the shared agent was kept free for him
    assert found[1].asa_s == 24  # the average of at once and 48 s


def test_the_same_seed_gives_the_same_callers() -> None:
    kinds = with_patience((1, 60, 0), (3, 180, 0))
    assert calls(kinds, 50, seed=3) == calls(kinds, 50, seed=3) != calls(kinds, 50, seed=4)


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        pytest.param(lambda: calls(with_patience((1, 0, 0)), 10), "per_hour", id="nobody calls"),
        pytest.param(
            lambda: simulate(kinds_of(), [Pool(1, ())], line_of(), 20), "agents", id="nobody takes these callers"
        ),
        pytest.param(lambda: simulate(kinds_of(), [Pool(0, (0,))], line_of(), 20), "agents", id="a pool of nobody"),
        pytest.param(lambda: Centre(with_patience((1, 0, 0)), 20), "per_hour", id="a centre that nobody calls"),
        pytest.param(
            lambda: kept_apart(Centre(with_patience((1, 9, 0), (2, 9, 0)), 20), 0, 5, 5), "own", id="nobody left"
        ),
    ],
)
def test_absurd_arrangements_are_refused_by_name(ask: object, field: str) -> None:
    with pytest.raises(Absurd, match=f"^{field}: "):
        ask()  # type: ignore[operator]


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(with_patience((3, 60, 120), (3, 180, 0)), id="a head start"),
        pytest.param(
            [Callers(Load(40, 450, 180), 1), Callers(Load(180, 280, 180), 3)], id="handling times that differ"
        ),
    ],
)
def test_where_there_is_no_formula_what_differs_is_tried_out(kinds: list[Callers]) -> None:
    """A short trial on top of the formula comes to what a long trial says."""
    told = Centre(kinds, 20).served_by(20)
    tried = simulate(kinds, [Pool(20, (0, 1))], calls(kinds, MANY, seed=6), 20)
    for found, long in zip(told, tried, strict=True):
        assert found.in_time == pytest.approx(long.in_time, abs=0.03)
        assert found.asa_s == pytest.approx(long.asa_s, abs=2.5)
        assert found.abandoned == pytest.approx(long.abandoned, abs=0.02)


@pytest.mark.parametrize("per_hour", [1, 12, 200])
def test_the_fewest_agents_for_a_target_reach_it_and_one_less_does_not(per_hour: float) -> None:
    centre = Centre(with_patience((1, per_hour / 10, 0), (3, per_hour, 0)), 20)
    for kind in (0, 1):
        for percent in (5, 40, 60, 80, 90, 95, 99):
            agents = centre.agents_for(kind, percent)
            assert centre.served_by(agents)[kind].in_time >= percent / 100
            assert agents == 1 or centre.served_by(agents - 1)[kind].in_time < percent / 100


def test_one_line_for_all_is_better_for_all_than_two() -> None:
    kinds = with_patience((1, 20, 0), (3, 180, 0), patience_s=None)
    centre = Centre(kinds, 20)
    apart, together = kept_apart(centre, 0, 5, 22), centre.served_by(22)
    assert everybody(kinds, together)[0] > everybody(kinds, apart)[0]
    assert everybody(kinds, together)[1] < everybody(kinds, apart)[1]
