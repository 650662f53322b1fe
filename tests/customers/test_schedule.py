"""The nightly start and the dispatcher stand in Celery beat's tables, where beat notices them."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from django_celery_beat.models import PeriodicTask, PeriodicTasks

from customers import schedule
from customers.models import SyncRun
from customers.tasks import dispatch_due, nightly_sync
from tests.customers.crm_standin import connect

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

NOWHERE = "http://127.0.0.1:1/api"


def nightly() -> PeriodicTask:
    """The one nightly start there is."""
    return PeriodicTask.objects.get(task="customers.tasks.nightly_sync")


def test_a_connection_is_read_every_night_in_its_own_zone() -> None:
    connection = connect(NOWHERE, nightly_at=time(3, 40), time_zone="Asia/Jakarta")
    schedule.apply(connection)
    task = nightly()
    assert (task.task, task.args, task.enabled) == ("customers.tasks.nightly_sync", f"[{connection.pk}]", True)
    assert (task.crontab.hour, task.crontab.minute, str(task.crontab.timezone)) == ("3", "40", "Asia/Jakarta")


def test_a_changed_time_replaces_the_old_one_and_beat_hears_of_it() -> None:
    connection = connect(NOWHERE)
    schedule.apply(connection)
    before = PeriodicTasks.last_change()
    connection.nightly_at, connection.is_enabled = time(5, 0), False
    schedule.apply(connection)
    task = nightly()
    assert (task.crontab.hour, task.enabled) == ("5", False)
    assert PeriodicTasks.last_change() > before


def test_a_connection_that_is_gone_is_not_read_any_more() -> None:
    connection = connect(NOWHERE)
    schedule.apply(connection)
    schedule.remove(connection.pk)
    assert not PeriodicTask.objects.filter(task="customers.tasks.nightly_sync").exists()


def test_the_dispatcher_is_there_once_wherever_a_connection_is() -> None:
    connection = connect(NOWHERE)
    schedule.apply(connection)
    schedule.apply(connection)
    task = PeriodicTask.objects.get(task="customers.tasks.dispatch_due")
    assert (task.interval.every, task.interval.period, task.enabled) == (schedule.DISPATCH_EVERY_S, "seconds", True)


def test_two_nightly_messages_make_one_run() -> None:
    connection = connect(NOWHERE)
    nightly_sync(connection.pk)
    nightly_sync(connection.pk)
    run = SyncRun.objects.get()
    assert (run.trigger, run.state) == ("schedule", "queued")


def test_a_nightly_message_for_a_connection_that_is_off_or_gone_does_nothing() -> None:
    nightly_sync(connect(NOWHERE, is_enabled=False).pk)
    nightly_sync(4711)
    assert not SyncRun.objects.exists()


def test_the_dispatcher_wakes_a_silent_run_once(django_capture_on_commit_callbacks: object) -> None:
    nightly_sync(connect(NOWHERE).pk)
    with django_capture_on_commit_callbacks() as first:  # type: ignore[operator]
        dispatch_due(stale_after=0.0)
    with django_capture_on_commit_callbacks() as second:  # type: ignore[operator]
        dispatch_due(stale_after=60.0)
    assert (len(first), len(second)) == (1, 0)


def test_a_night_has_one_run_however_many_schedulers_ask() -> None:
    connection = connect(NOWHERE)
    nightly_sync(connection.pk)
    SyncRun.objects.update(state="succeeded")
    nightly_sync(connection.pk)
    assert SyncRun.objects.count() == 1


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        pytest.param("2026-03-10T01:29:59+00:00", "2026-03-09 02:30", id="a second before it, the night before"),
        pytest.param("2026-03-10T01:30:00+00:00", "2026-03-10 02:30", id="the moment itself"),
        pytest.param("2026-10-25T00:30:00+00:00", "2026-10-25 02:30", id="half past two in summer time"),
        pytest.param("2026-10-25T01:30:00+00:00", "2026-10-25 02:30", id="half past two again, an hour later"),
        pytest.param("2026-03-29T01:05:00+00:00", "2026-03-29 02:30", id="a night without half past two"),
    ],
)
def test_a_night_is_named_by_the_clock_on_the_wall(moment: str, night: str) -> None:
    connection = connect(NOWHERE, nightly_at=time(2, 30))
    assert schedule.slot(connection, datetime.fromisoformat(moment)) == night


def test_a_night_whose_message_was_lost_is_begun_by_the_dispatcher_once() -> None:
    connection = connect(NOWHERE)
    schedule.apply(connection)
    now = timezone.now()
    PeriodicTask.objects.filter(name__contains="nightly").update(last_run_at=now - timedelta(minutes=1))
    dispatch_due()
    assert not SyncRun.objects.exists(), "it may still come"
    connection.nightly_at = (now - timedelta(minutes=20)).astimezone(ZoneInfo(connection.time_zone)).time()
    connection.save()
    PeriodicTask.objects.filter(name__contains="nightly").update(last_run_at=now - timedelta(minutes=10))
    dispatch_due()
    dispatch_due()
    assert SyncRun.objects.get().trigger == "schedule"
