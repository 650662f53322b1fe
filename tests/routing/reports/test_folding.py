"""Rows that an earlier version kept for each branch become few, and no figure changes."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from routing.models import BranchInterval, ReportInterval
from routing.reports import folding, tasks
from routing.reports.periods import Period
from routing.reports.reading import Question

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
DAYS = 3
BRANCHES = ("gold", "silver", "last_path", "")
KEYS = {"id", "starts_at", "channel", "flow", "queue", "tier", "branch"}
SUMS = [each.name for each in ReportInterval._meta.concrete_fields if each.name not in KEYS]


def counted(place: int, **fields: Any) -> ReportInterval:
    """An interval whose sums are all different."""
    given = {"channel": "voice", "flow": "f", "queue": "vip", "tier": "gold"}
    sums = {name: 1 + place * (1 + number) for number, name in enumerate(SUMS)}
    return ReportInterval(**given, **sums, **fields)


@pytest.fixture
def as_before() -> None:
    """Three days, with four branches each quarter that lead to the same queue."""
    moments = [NOON - timedelta(minutes=15 * number) for number in range(0, DAYS * 96, 8)]
    ReportInterval.objects.bulk_create(
        counted(place, starts_at=moment, branch=branch)
        for moment in moments
        for place, branch in enumerate(BRANCHES, moment.hour)
    )


def figures() -> list[Any]:
    period = Period(date(2026, 10, 29), date(2026, 11, 3), ZoneInfo("Asia/Kathmandu"))
    return [
        [asked.cells(by_hour=False), list(asked.by("starts_at", "queue")), asked.by_hour_of_the_week()]
        for asked in (Question(period, ("voice",), {"flow": "f"}, short_abandon_s) for short_abandon_s in (0, 5))
    ]


def fold(seconds: float = 60) -> bool:
    return folding.fold(monotonic() + seconds)


def test_the_figures_stay_and_the_rows_become_few(as_before: None) -> None:
    before, rows = figures(), ReportInterval.objects.count()
    assert fold()
    assert figures() == before
    assert ReportInterval.objects.count() == rows / len(BRANCHES)
    assert not ReportInterval.objects.exclude(branch="").exists()


def test_the_worker_that_counts_does_it(as_before: None) -> None:
    tasks.count_contacts()
    assert not ReportInterval.objects.exclude(branch="").exists()


def test_what_each_branch_had_is_kept(as_before: None) -> None:
    wanted = ReportInterval.objects.exclude(branch="").values_list("starts_at", "flow", "branch", "contacts")
    before = sorted(wanted)
    assert fold()
    assert sorted(BranchInterval.objects.values_list("starts_at", "flow", "branch", "contacts")) == before


def test_it_goes_on_where_the_time_was_up(as_before: None, monkeypatch: pytest.MonkeyPatch) -> None:
    before = figures()
    assert not fold(seconds=-1)
    moments = iter([0.0, 2.0])
    monkeypatch.setattr(folding, "monotonic", lambda: next(moments))
    assert not folding.fold(1.0)
    left = ReportInterval.objects.exclude(branch="").dates("starts_at", "day")
    assert list(left) == [date(2026, 10, 30), date(2026, 10, 31), date(2026, 11, 1)], "the newest day is folded first"
    assert figures() == before
    monkeypatch.undo()
    assert fold()
    assert figures() == before


def again_by_branch() -> None:
    """A worker of the earlier version counts a quarter anew that was folded."""
    ReportInterval.objects.filter(starts_at=NOON).delete()
    ReportInterval.objects.create(starts_at=NOON, channel="voice", flow="f", branch="gold", contacts=7)


@pytest.mark.parametrize(
    ("meanwhile", "contacts"),
    [
        pytest.param(lambda: None, 1 + NOON.hour, id="nothing happened"),
        pytest.param(again_by_branch, 7, id="the earlier version still counts"),
    ],
)
def test_it_may_be_repeated(as_before: None, meanwhile: Callable[[], None], contacts: int) -> None:
    assert fold()
    rows = ReportInterval.objects.count()
    meanwhile()
    assert fold()
    assert ReportInterval.objects.count() == rows
    assert BranchInterval.objects.get(starts_at=NOON, branch="gold").contacts == contacts
