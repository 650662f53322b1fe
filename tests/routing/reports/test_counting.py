"""Report intervals say what the decisions and events say, whenever those come."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Sum
from django.utils import timezone
from pytest_django import Settings

from routing.models import BranchInterval, ContactEvent, Decision, ReportInterval, ReportMark
from routing.reports import counting
from routing.reports.contacts import Promises
from routing.reports.intervals import QUARTER
from tests.routing.reports import month
from tests.routing.reports.month import decision, event

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

AT = datetime(2026, 11, 2, 9, 7, tzinfo=UTC)
LATER = timedelta(hours=5)


@pytest.fixture(autouse=True)
def release() -> None:
    month.release()


def count() -> None:
    assert counting.count_new(monotonic() + 60)


def last_night() -> datetime:
    """The end of yesterday, nearly."""
    return timezone.now().replace(hour=23, minute=0) - timedelta(days=1)


def stored() -> list[tuple[Any, ...]]:
    """Every interval with all that was counted, in order."""
    names = [field.name for field in ReportInterval._meta.fields if field.name != "id"]
    return sorted(ReportInterval.objects.values_list(*names))


def test_the_call_of_a_pilot_is_no_contact_of_a_release() -> None:
    tried = decision(1, AT)
    tried.document["answer"]["pilot"] = 7
    tried.save()
    count()
    assert stored() == []


def total(*names: str) -> tuple[int, ...]:
    sums = ReportInterval.objects.aggregate(**{name: Sum(name, default=0) for name in names})
    return tuple(sums[name] for name in names)


def came(*events: Callable[[Decision], ContactEvent], number: int = 1, **fields: Any) -> Decision:
    """A decision with what was told of it."""
    made = decision(number, fields.pop("at", AT), **fields)
    made.save()
    ContactEvent.objects.bulk_create([each(made) for each in events])
    return made


def answered(wait_s: float, **fields: Any) -> Callable[[Decision], ContactEvent]:
    return lambda of: event(of, "agent_answered", wait_s + 1, seconds=wait_s, **fields)


def hung_up(wait_s: float) -> Callable[[Decision], ContactEvent]:
    return lambda of: event(of, "abandoned", wait_s + 1, seconds=wait_s)


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        pytest.param(lambda: came(), {"contacts": 1}, id="nothing told"),
        pytest.param(
            lambda: came(answered(10), value=500),
            {"contacts": 1, "answered": 1, "timed": 1, "in_time": 1, "wait_s": 10, "valued": 1, "value_in_time": 500},
            id="answered within the VIP queue's ten seconds",
        ),
        pytest.param(
            lambda: came(answered(11), value=500),
            {"contacts": 1, "answered": 1, "timed": 1, "wait_s": 11, "valued": 1, "value_missed": 500},
            id="a second too late",
        ),
        pytest.param(
            lambda: came(answered(11), release=9),
            {"contacts": 1, "answered": 1, "timed": 1, "in_time": 1, "wait_s": 11},
            id="no such release: twenty seconds",
        ),
        pytest.param(
            lambda: came(hung_up(7)),
            {"contacts": 1, "abandoned": 1, "abandoned_in_time": 1, "abandoned_10": 1, "abandoned_20": 1},
            id="hung up after seven seconds",
        ),
        pytest.param(
            lambda: came(hung_up(60), value=-300),
            {"contacts": 1, "abandoned": 1, "valued": 1, "value_missed": -300},
            id="hung up after a minute; a customer who costs money",
        ),
        pytest.param(
            lambda: came(answered(4, queue="priority")),
            {"contacts": 1, "overflowed": 1, "answered": 1, "timed": 1, "in_time": 1, "wait_s": 4},
            id="another queue answered",
        ),
        pytest.param(lambda: came(reason="full"), {"contacts": 1, "overflowed": 1}, id="full when it was decided"),
        pytest.param(
            lambda: came(reason="closed", action="announce"),
            {"contacts": 1, "announced": 1},
            id="heard an announcement",
        ),
        pytest.param(
            lambda: came(reason="blocked", branch="", queue="", action="reject"),
            {"contacts": 1, "announced": 1, "blocked": 1},
            id="a blocked caller who is turned away",
        ),
        pytest.param(
            lambda: came(answered(4), reason="blocked", branch=""),
            {"contacts": 1, "blocked": 1, "answered": 1, "timed": 1, "in_time": 1, "wait_s": 4},
            id="a blocked caller who is sent to a queue",
        ),
        pytest.param(
            lambda: came(branch="last_path", reason="last_path"), {"contacts": 1, "last_path": 1}, id="everyone else"
        ),
        pytest.param(
            lambda: came(branch="last_path", reason="closed"),
            {"contacts": 1, "last_path": 1, "overflowed": 1},
            id="everyone else, to a closed queue",
        ),
        pytest.param(
            lambda: came(branch="", reason="unknown_number", value=None, queue=""),
            {"contacts": 1, "last_path": 1},
            id="a number that is not set up",
        ),
        pytest.param(
            lambda: came(lambda of: event(of, "left", 30, seconds=29), value=7),
            {"contacts": 1, "ended": 1, "valued": 1, "value_missed": 7},
            id="left the queue by a key",
        ),
        pytest.param(
            lambda: came(lambda of: event(of, "agent_answered", 3, seconds="soon")),
            {"contacts": 1, "answered": 1, "timed": 1, "in_time": 1, "wait_s": 3},
            id="seconds that are none",
        ),
    ],
)
def test_one_contact_is_counted_as_what_became_of_it(contact: Callable[[], Decision], expected: dict[str, int]) -> None:
    contact()
    count()
    (row,) = ReportInterval.objects.values()
    assert row["starts_at"] == datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    assert {name: value for name, value in row.items() if isinstance(value, int) and value and name != "id"} == expected


def test_branches_are_counted_apart_and_make_no_rows_of_figures() -> None:
    for number, branch in enumerate(("gold", "silver", "silver", ""), 1):
        came(number=number, branch=branch)
    count()
    assert total("contacts") == (4,)
    assert ReportInterval.objects.count() == 1
    assert {row.branch: row.contacts for row in BranchInterval.objects.all()} == {"gold": 1, "silver": 2}
    Decision.objects.filter(branch="silver").update(branch="gold")
    counting.count(AT, AT + QUARTER, Promises())
    assert {row.branch: row.contacts for row in BranchInterval.objects.all()} == {"gold": 3}


def test_a_leg_counts_as_answered_where_the_phone_system_rings_until_an_agent_answers() -> None:
    month.release(2, answers_at_once=False)
    came(lambda of: event(of, "leg", 90, outcome="answered", index=1), number=1, release=1)
    came(lambda of: event(of, "leg", 90, outcome="answered", index=1), number=2, release=2)
    count()
    assert total("contacts", "answered", "timed") == (2, 1, 0)


def test_an_event_by_call_id_belongs_to_the_attempt_before_it() -> None:
    first = came(number=1, call_id="same", attempt=0)
    second = came(number=2, call_id="same", attempt=1, at=AT + timedelta(seconds=100), queue="priority")
    ContactEvent.objects.bulk_create(
        [
            event(first, "left", 60, seconds=59, by_call=True),
            event(second, "agent_answered", 9, seconds=8, by_call=True),
        ]
    )
    count()
    found = {row["queue"]: (row["ended"], row["answered"]) for row in ReportInterval.objects.values()}
    assert found == {"vip": (1, 0), "priority": (0, 1)}


def test_an_attempt_that_arrives_late_takes_its_events_from_the_one_before() -> None:
    first = came(number=1, call_id="same", at=AT - LATER)
    event(first, "agent_answered", LATER.total_seconds() + 20, seconds=8, by_call=True).save()
    for _round in range(3):  # until the first decision is looked at no more for its own sake
        count()
    assert total("answered") == (1,)
    came(number=2, call_id="same", attempt=1, queue="priority")
    count()
    assert [(row["queue"], row["answered"]) for row in ReportInterval.objects.order_by("starts_at").values()] == [
        ("vip", 0),
        ("priority", 1),
    ]


def test_what_comes_late_is_counted_where_it_belongs() -> None:
    made = came()
    came(answered(3), number=2, at=AT + LATER)
    count()
    assert total("contacts", "answered") == (2, 1)
    answered(5)(made).save()
    came(answered(4), number=3, at=AT - LATER)
    count()
    assert total("contacts", "answered", "wait_s") == (3, 3, 12)
    assert ReportInterval.objects.count() == 3


def test_an_event_may_come_before_its_decision() -> None:
    made = decision(1, AT)
    answered(5)(made).save()
    count()
    assert total("contacts") == (0,)
    made.save()
    count()
    assert total("contacts", "answered") == (1, 1)


def test_a_row_that_becomes_visible_after_later_ones_is_counted() -> None:
    came(number=1)
    held_back = decision(2, AT + LATER)
    held_back.save()
    came(number=3, at=AT + LATER + LATER)
    Decision.objects.filter(pk=held_back.pk).delete()
    count()
    assert total("contacts") == (2,)
    held_back.save(force_insert=True)  # its transaction was slow: its id is lower than what has been counted
    count()
    assert total("contacts") == (3,)


def test_counting_again_changes_nothing_and_a_rebuild_gives_the_same() -> None:
    month.seed(last_night(), days=1, a_day=200)
    count()
    once = stored()
    assert len(once) > 5
    assert total("contacts") == (Decision.objects.count(),)
    count()
    count()
    assert stored() == once
    ReportInterval.objects.update(answered=99)
    call_command("count_reports", verbosity=0)
    assert stored() == once


def test_it_goes_on_where_the_time_was_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "SLICE", 15)
    month.seed(last_night(), days=1, a_day=200)
    steps = 1
    while not counting.count_new(monotonic()):
        steps += 1
    assert steps > 2
    assert total("contacts") == (Decision.objects.count(),)
    assert not ReportMark.objects.filter(cursor=0, pk=Decision._meta.db_table).exists()


def test_a_rebuild_leaves_alone_what_it_cannot_count_any_more(settings: Settings) -> None:
    settings.DECISIONS_KEPT_DAYS = 2
    now = timezone.now()
    came(number=1, at=now - timedelta(days=2))
    came(number=2, at=now - timedelta(hours=9))
    count()
    ReportInterval.objects.create(starts_at=now - timedelta(days=30), channel="voice", contacts=7)
    ReportInterval.objects.filter(starts_at__lt=now - timedelta(days=1)).update(overflowed=5)
    call_command("count_reports", "--since", (now - timedelta(days=40)).date().isoformat(), verbosity=0)
    assert total("contacts", "overflowed") == (9, 10)
