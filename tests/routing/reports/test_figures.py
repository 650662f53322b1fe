"""The figures of the field, from counts. Worked by hand: 100 calls, 80 reported."""

import pytest

from routing.reports.figures import Counts

MONDAY = Counts(
    contacts=100, last_path=30, overflowed=5, announced=4, answered=62, timed=60, in_time=48, wait_s=900, abandoned=14,
    abandoned_kept=6, short=2, ended=4, valued=10, value_in_time=75_000, value_missed=25_000,
)  # fmt: skip
"""14 hung up: 2 too soon to count, 6 more within the target."""


@pytest.mark.parametrize(
    ("formula", "level"),
    [
        pytest.param("offered", 48 / (60 + 12), id="of all who were offered"),
        pytest.param("answered", 48 / 60, id="of the answered only"),
        pytest.param("kept", (48 + 6) / (60 + 12), id="hanging up in time is no failure"),
    ],
)
def test_the_service_level_follows_its_formula(formula: str, level: float) -> None:
    assert MONDAY.service_level(formula) == pytest.approx(level)
    assert Counts(contacts=5).service_level(formula) is None, "nothing reported is unknown, not zero"


def test_the_other_figures() -> None:
    assert MONDAY.asa_s == 15
    assert MONDAY.abandonment == pytest.approx(12 / (62 + 12 + 4))
    assert MONDAY.overflow_share == 0.05
    assert MONDAY.last_path_share == 0.3
    assert MONDAY.not_reported == 100 - 4 - 62 - 14 - 4
    assert MONDAY.not_reported_share == pytest.approx(16 / 96)
    assert MONDAY.value_share == 0.75
    assert (MONDAY.late, MONDAY.untimed) == (12, 2)


def test_nothing_has_no_figures() -> None:
    nothing = Counts()
    assert [nothing.asa_s, nothing.abandonment, nothing.overflow_share, nothing.value_share] == [None] * 4
    assert nothing.not_reported_share is None


def test_two_days_add_up() -> None:
    both = MONDAY + MONDAY
    assert both.contacts == 200
    assert both.asa_s == MONDAY.asa_s
