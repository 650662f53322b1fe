"""Estimated waits in the statistics, and how they are compared with what callers waited."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone

from queues import estimates
from queues.estimates import LAST, Wait
from queues.models import Queue, QueueState, ReportedWait, WaitEstimate
from routing import reported_waits, shipping, spool
from routing.api.statistics import keep_newest
from routing.models import ContactEvent
from routing.spool import Row

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

BUSY = {"waiting": 4, "agents_logged_in": 5, "agents_idle": 0, "aht_s": 300}


@pytest.fixture
def vip(db: None) -> Queue:
    return Queue.objects.create(name="VIP", slug="vip", priority_class=1)


@pytest.fixture
def standard(db: None) -> Queue:
    return Queue.objects.create(name="Standard", slug="standard", priority_class=3)


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(microsecond=0)


def answered(queue: str, at: datetime, seconds: Any, kind: str = "agent_answered") -> ContactEvent:
    return ContactEvent(event_id="e", kind=kind, queue=queue, happened_at=at, document={"seconds": seconds})


def test_the_phone_systems_own_figure_wins_and_says_so(vip: Queue, now: datetime) -> None:
    found = estimates.complete(vip, BUSY | {"estimated_wait_s": 42}, now)
    assert (found["estimated_wait_s"], found["estimated_wait_origin"]) == (42, "reported")


def test_ours_is_given_where_it_says_nothing(vip: Queue, now: datetime) -> None:
    found = estimates.complete(vip, BUSY, now)
    assert (found["estimated_wait_s"], found["estimated_wait_origin"]) == (300, "estimated")
    assert "estimated_wait_s" not in BUSY


def test_where_too_little_is_known_nothing_is_added_or_remembered(vip: Queue, now: datetime) -> None:
    assert estimates.complete(vip, {"waiting": 4}, now) == {"waiting": 4}
    assert not WaitEstimate.objects.exists()


def test_what_a_phone_system_reports_is_completed_on_its_way_in(vip: Queue, now: datetime) -> None:
    assert keep_newest(vip, {**BUSY, "as_of": now})
    stored = QueueState.objects.get().statistics
    assert (stored["estimated_wait_s"], stored["estimated_wait_origin"]) == (300, "estimated")


def test_an_answer_that_the_courier_ships_is_compared(vip: Queue, now: datetime) -> None:
    estimates.complete(vip, BUSY, now - timedelta(seconds=20))
    event = {"v": 1, "event_id": "e1", "kind": "agent_answered", "call_id": "c1", "queue": "vip", "at": now.isoformat()}
    shipped = Row(1, spool.EVENT, orjson.dumps(event | {"details": {"seconds": 14}}))
    assert shipping.insert([shipped], "host") == set()
    assert shipping.insert([shipped], "host") == set()
    assert ReportedWait.objects.get().estimated_s == 300


def test_queues_of_the_same_agents_are_one_line(vip: Queue, standard: Queue, now: datetime) -> None:
    group = {"agent_group": "all"}
    QueueState.objects.create(queue=vip, statistics=BUSY | group | {"waiting": 2}, as_of=now)
    assert estimates.complete(standard, BUSY | group, now)["estimated_wait_s"] == 420
    assert estimates.complete(standard, BUSY, now)["estimated_wait_s"] == 300


def test_a_wait_is_compared_with_what_was_estimated_when_the_caller_came(vip: Queue, now: datetime) -> None:
    for seconds_ago, waiting in ((90, 0), (60, 1), (0, 4)):
        estimates.complete(vip, BUSY | {"waiting": waiting}, now - timedelta(seconds=seconds_ago))
    reported_waits.note([answered("vip", now, 50)])
    wait = ReportedWait.objects.get()
    assert (wait.waited_s, wait.estimated_s, wait.origin) == (50, 120, "estimated")


def test_an_estimate_that_was_old_by_then_is_compared_with_nothing(vip: Queue, now: datetime) -> None:
    estimates.complete(vip, BUSY, now - timedelta(seconds=200))
    reported_waits.note([answered("vip", now, 50)])
    assert ReportedWait.objects.get().estimated_s is None


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"kind": "abandoned"}, id="somebody who hung up"),
        pytest.param({"queue": ""}, id="an answer in no queue"),
        pytest.param({"queue": "nowhere"}, id="an answer in a queue that nobody knows"),
        pytest.param({"seconds": None}, id="an answer without a wait"),
        pytest.param({"seconds": "14"}, id="words"),
        pytest.param({"seconds": True}, id="yes"),
        pytest.param({"seconds": -1}, id="less than no time"),
        pytest.param({"seconds": float("nan")}, id="no number"),
        pytest.param({"seconds": 1e12}, id="longer than a life"),
    ],
)
def test_what_says_nothing_of_a_wait_is_left_aside(vip: Queue, now: datetime, event: dict[str, Any]) -> None:
    told: dict[str, Any] = {"queue": "vip", "at": now, "seconds": 14} | event
    reported_waits.note([answered(**told)])
    assert not ReportedWait.objects.exists()


def test_the_same_report_twice_counts_once(vip: Queue, now: datetime) -> None:
    for _time in range(2):
        reported_waits.note([answered("vip", now, 14)])
    assert ReportedWait.objects.count() == 1


def test_the_last_two_hundred_are_kept_of_each_queue(vip: Queue, standard: Queue, now: datetime) -> None:
    for queue in ("vip", "standard"):
        estimates.note(Wait(queue, now - timedelta(seconds=number), 10) for number in range(LAST + 20))
    estimates.note([Wait("vip", now + timedelta(seconds=1), 10)])
    assert ReportedWait.objects.filter(queue="vip").count() == LAST
    assert ReportedWait.objects.filter(queue="vip").latest("answered_at").answered_at == now + timedelta(seconds=1)
    assert ReportedWait.objects.filter(queue="standard").count() == LAST


def test_estimates_are_kept_for_as_long_as_callers_wait(vip: Queue, now: datetime) -> None:
    estimates.complete(vip, BUSY, now - timedelta(hours=3))
    estimates.complete(vip, BUSY, now)
    assert WaitEstimate.objects.count() == 1


def test_the_page_says_how_good_the_estimates_were(vip: Queue, now: datetime) -> None:
    unknown = "Not known yet: too few waits were reported that an estimate could be compared with."
    assert estimates.words(vip) == unknown
    waits = [("estimated", waited_s) for waited_s in (40, 50, 90) * 4] + [("reported", 61)] * 10
    for number, (origin, waited_s) in enumerate(waits):
        at = now - timedelta(seconds=number)
        ReportedWait.objects.create(queue="vip", answered_at=at, waited_s=waited_s, estimated_s=60, origin=origin)
        assert (estimates.words(vip) == unknown) is (number < 9)
    assert estimates.words(vip) == (
        "The phone system's own estimate was off by 1 s or less for half of the last 10 callers. "
        "It was too long for 0 % of them. "
        "Our estimate was off by 20 s or less for half of the last 12 callers. It was too long for 67 % of them."
    )
