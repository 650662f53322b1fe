"""One run at a time, one step at a time, and no run left behind."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Thread
from time import monotonic

import pytest
from django.db import connections
from django.utils import timezone

from customers import reading, runs, sync
from customers.models import CrmConnection, RejectedRow, StagedRecord, SyncRun
from tests.customers.crm_standin import Fault, Standin, connect, counters, run_to_end, standin

pytestmark = [pytest.mark.django_db, pytest.mark.portable]


@pytest.fixture
def crm() -> Iterator[Standin]:
    with standin() as running:
        yield running


@pytest.mark.django_db(transaction=True)
def test_two_who_start_at_once_get_one_run(crm: Standin) -> None:
    connection = connect(crm.url)
    both, outcomes = Barrier(2), []

    def click() -> None:
        try:
            both.wait()
            sync.start(connection, SyncRun.Trigger.MANUAL)
            outcomes.append("started")
        except sync.AlreadyRunning:
            outcomes.append("told that it runs already")
        finally:
            connections.close_all()

    threads = [Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["started", "told that it runs already"]
    assert SyncRun.objects.count() == 1


def test_only_one_of_two_steps_gets_the_run(crm: Standin) -> None:
    run = sync.start(connect(crm.url), SyncRun.Trigger.MANUAL)
    assert runs.claim(run.pk) is not None
    assert sync.step(run.pk, monotonic() + 5) is None
    assert crm.journal == []


def test_a_step_taken_for_dead_is_fenced_out_and_its_page_counts_once(crm: Standin) -> None:
    run = sync.start(connect(crm.url), SyncRun.Trigger.MANUAL)
    takeovers: list[str] = []
    original = reading.fetch

    def fetch_and_lose(held: SyncRun) -> object:
        fetched = original(held)
        if held.page_no == 1 and not takeovers:
            takeovers.append(held.lease_token)
            runs.take_stale(stale_after=0)
            sync.step(run.pk, monotonic() + 20)
        return fetched

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "fetch", fetch_and_lose)
        assert sync.step(run.pk, monotonic() + 20) is None
    run.refresh_from_db()
    assert counters(run) == (60, 57, 0, 0, 3)
    assert RejectedRow.objects.count() == 3
    assert crm.cursors() == ["", "C-000020", "C-000020", "C-000040"]


def test_a_cancelled_run_ends_at_once_and_the_page_in_hand_is_not_taken(crm: Standin) -> None:
    run = sync.start(connect(crm.url), SyncRun.Trigger.MANUAL)
    original = reading.fetch

    def fetch_then_cancel(held: SyncRun) -> object:
        assert runs.cancel(held)
        return original(held)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "fetch", fetch_then_cancel)
        assert sync.step(run.pk, monotonic() + 20) is None
    run.refresh_from_db()
    assert (run.state, run.page_no, run.lease_token, run.read) == ("cancelled", 0, "", 0)
    assert not StagedRecord.objects.exists()


def test_a_run_that_nobody_works_on_is_cancelled_at_once(crm: Standin) -> None:
    run = sync.start(connect(crm.url), SyncRun.Trigger.MANUAL)
    runs.cancel(run)
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert sync.step(run.pk, monotonic() + 5) is None


def test_a_step_out_of_time_leaves_the_run_to_the_next_one(crm: Standin) -> None:
    run = sync.start(connect(crm.url), SyncRun.Trigger.MANUAL)
    assert sync.step(run.pk, monotonic()) == 0.0
    run.refresh_from_db()
    assert (run.state, run.lease_token, run.page_no) == ("running", "", 0)
    assert sync.step(run.pk, monotonic() + 20) is None
    run.refresh_from_db()
    assert run.state == "partial"


def test_a_run_whose_worker_dies_again_and_again_fails(crm: Standin) -> None:
    run = sync.start(connect(crm.url), SyncRun.Trigger.MANUAL)
    for _ in range(runs.MOST_RESTARTS):
        runs.claim(run.pk)
        runs.take_stale(stale_after=0)
    run.refresh_from_db()
    assert (run.state, run.lease_token) == ("failed", "")
    assert run.error


def test_a_run_that_shows_signs_of_life_is_not_woken(crm: Standin) -> None:
    sync.start(connect(crm.url), SyncRun.Trigger.MANUAL)
    assert runs.take_stale() == []


def test_a_run_put_off_for_an_hour_and_cancelled_does_not_wait_for_the_hour(crm: Standin) -> None:
    crm.faults = [Fault(429, headers=(("Retry-After", "3600"),))]
    run = run_to_end(connect(crm.url))
    SyncRun.objects.filter(pk=run.pk).update(cancel_requested=True)
    assert runs.take_stale() == []
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_a_run_whose_pause_is_over_is_woken_at_once_and_once(crm: Standin) -> None:
    crm.faults = [Fault(503, headers=(("Retry-After", "30"),))]
    run = run_to_end(connect(crm.url))
    assert (run.state, runs.take_stale()) == ("waiting", []), "its pause is not over"
    past = timezone.now() - timedelta(seconds=1)
    SyncRun.objects.filter(pk=run.pk).update(not_before=past, heartbeat_at=past - timedelta(seconds=30))
    assert (runs.take_stale(), runs.take_stale()) == ([run.pk], [])


def test_only_the_latest_run_of_a_connection_stays_staged_and_others_lose_nothing(crm: Standin) -> None:
    connection = connect(crm.url)
    run_to_end(connection)
    second = run_to_end(connection)
    assert set(StagedRecord.objects.values_list("run", flat=True)) == {second.pk}
    other = CrmConnection.objects.create(name="Shop", slug="shop", url=crm.url)
    held = SyncRun.objects.create(connection=other, trigger="manual", state="held", upper_bound=timezone.now())
    StagedRecord.objects.create(run=held, external_id="S-1", operation="create")
    third = run_to_end(connection)
    assert set(StagedRecord.objects.values_list("run", flat=True)) == {third.pk, held.pk}
