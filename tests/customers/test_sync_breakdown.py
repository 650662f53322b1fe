"""A step that breaks down is tried again, with fewer records at once, and in the end without the one that does it."""

from collections.abc import Iterator
from itertools import count
from time import monotonic
from typing import Any

import pytest
from django.utils import timezone

from customers import applying, judging, reading, runs, staging, sync
from customers.crm.mapping import map_record
from customers.models import Customer, RejectedRow, SyncRun
from tests.customers.crm_standin import Fault, Standin, connect, counters, run_to_end, standin

pytestmark = pytest.mark.django_db


@pytest.fixture
def crm() -> Iterator[Standin]:
    with standin() as running:
        yield running


class _Bug(Exception):
    """Something that nobody foresaw."""


def step_until_over(run: SyncRun, steps: int = 60) -> int:
    """Step as Celery would, without its pauses; how many steps it took."""
    for number in range(steps):
        SyncRun.objects.filter(pk=run.pk).update(not_before=None)
        if sync.step(run.pk, monotonic() + 20) is None:
            run.refresh_from_db()
            return number + 1
    raise AssertionError("It does not end.")


@pytest.mark.parametrize("poison", ["C-000001", "C-000040"], ids=["the first of all", "the last of a page"])
def test_a_record_that_the_sync_breaks_down_over_is_left_out_and_no_other(
    crm: Standin, monkeypatch: pytest.MonkeyPatch, poison: str
) -> None:
    original = map_record

    def break_down(record: Any, mappings: Any) -> Any:
        if record["id"] == poison:
            raise _Bug("+390255501001")
        return original(record, mappings)

    monkeypatch.setattr(staging, "map_record", break_down)
    run = sync.start(connect(crm.url), SyncRun.Trigger.MANUAL)
    assert step_until_over(run) < runs.MOST_RESTARTS
    assert (run.state, counters(run), run.repeated) == ("partial", (60, 56, 0, 0, 4), 0)
    assert list(RejectedRow.objects.filter(field="record").values_list("external_id", flat=True)) == [poison]
    assert not Customer.objects.filter(identities__external_id=poison).exists()


def test_a_change_that_cannot_be_applied_is_left_out_and_no_other(
    crm: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = judging.judge

    def then_break(run: SyncRun, mappings: Any) -> None:
        original(run, mappings)
        run.staged.filter(external_id="C-000030").update(mapped={"fields": {"purchases": "what no column takes"}})

    monkeypatch.setattr(judging, "judge", then_break)
    run = sync.start(connect(crm.url), SyncRun.Trigger.MANUAL)
    step_until_over(run)
    assert (run.state, counters(run)) == ("partial", (60, 56, 0, 0, 4))
    assert not Customer.objects.filter(identities__external_id="C-000030").exists()


def test_a_worker_that_is_stopped_again_and_again_but_gets_on_leaves_nobody_out(
    crm: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply_on, calls = applying.apply_on, count(1)

    def stopped_every_second_time(run: SyncRun, mappings: Any) -> None:
        if next(calls) % 2 == 0:
            raise _Bug
        apply_on(run, mappings)

    monkeypatch.setattr(applying, "apply_on", stopped_every_second_time)
    monkeypatch.setattr(applying, "batch_size", lambda: 2)
    run = sync.start(connect(crm.url), SyncRun.Trigger.MANUAL)
    assert step_until_over(run) > runs.MOST_RESTARTS
    assert (run.state, counters(run)) == ("partial", (60, 57, 0, 0, 3))


def test_a_fault_that_passes_costs_no_record(crm: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    original, left = staging.stage, [_Bug(), _Bug(), _Bug()]

    def break_down(*args: Any) -> Any:
        if left:
            raise left.pop()
        return original(*args)

    monkeypatch.setattr(staging, "stage", break_down)
    run = sync.start(connect(crm.url), SyncRun.Trigger.MANUAL)
    step_until_over(run)
    assert (counters(run), run.restarts) == ((60, 57, 0, 0, 3), 0)


def test_a_sync_that_breaks_down_over_everything_ends_and_has_altered_nothing(
    crm: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*args: Any) -> Any:
        raise _Bug

    monkeypatch.setattr(staging, "map_record", break_down)
    monkeypatch.setattr(reading, "MOST_QUARANTINED", 2)
    run = sync.start(connect(crm.url), SyncRun.Trigger.MANUAL)
    step_until_over(run)
    assert (run.state, Customer.objects.count()) == ("failed", 0)


def test_what_broke_down_is_in_the_log_without_its_text(
    crm: Standin, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(*args: Any) -> Any:
        raise _Bug("+390255501001")

    monkeypatch.setattr(staging, "map_record", break_down)
    run_to_end(connect(crm.url))
    assert "_Bug at test_sync_breakdown.py" in caplog.text
    assert "0255501001" not in caplog.text


def test_a_failed_run_goes_on_where_it_was_and_reads_no_page_twice(crm: Standin) -> None:
    crm.faults = [None, Fault(404)]
    run = run_to_end(connect(crm.url))
    assert (run.state, run.read) == ("failed", 20)
    runs.resume(run)
    step_until_over(run)
    assert (run.state, counters(run)) == ("partial", (60, 57, 0, 0, 3))
    assert crm.cursors() == ["", "C-000020", "C-000020", "C-000040"]


def test_a_run_cancelled_while_it_applies_goes_on_without_doing_anything_twice(
    crm: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "batch_size", lambda: 20)
    original, batches = applying.next_keys, []

    def cancel_before_the_second(held: SyncRun, limit: int) -> list[int]:
        batches.append(limit)
        if len(batches) == 2:
            assert runs.cancel(held)
        return original(held, limit)

    monkeypatch.setattr(applying, "next_keys", cancel_before_the_second)
    run = sync.start(connect(crm.url), SyncRun.Trigger.MANUAL)
    step_until_over(run)
    assert (run.state, run.created, Customer.objects.count()) == ("cancelled", 20, 20)
    runs.resume(run)
    step_until_over(run)
    assert (run.state, counters(run), Customer.objects.count()) == ("partial", (60, 57, 0, 0, 3), 57)


def test_a_run_followed_by_another_is_not_resumed(crm: Standin) -> None:
    crm.faults = [Fault(404)]
    connection = connect(crm.url)
    failed = run_to_end(connection)
    run_to_end(connection)
    with pytest.raises(runs.NotPossible):
        runs.resume(failed)


def test_a_run_that_waits_for_an_hour_is_cancelled_at_once(crm: Standin) -> None:
    crm.faults = [Fault(429, headers=(("Retry-After", "3600"),))]
    run = run_to_end(connect(crm.url))
    assert (run.state, run.not_before is not None and run.not_before > timezone.now()) == ("waiting", True)
    assert runs.cancel(run)
    run.refresh_from_db()
    assert (run.state, run.finished_at is not None) == ("cancelled", True)
