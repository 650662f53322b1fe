"""What comes of an event of a CRM: the record is read again and applied; an event by itself says nothing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError
from django.utils import timezone

from contactcenter.foundation import changes
from contactcenter.foundation.models import Change
from customers import facts, identity, staging, sync
from customers.models import (
    CrmConnection,
    CrmEvent,
    CrmPush,
    Customer,
    CustomerMerge,
    ExternalIdentity,
    StagedRecord,
    SyncRun,
    TierChange,
)
from customers.push import applying, waiting
from routing.courier import carry_once
from routing.live import Live
from tests.customers.push_standin import TellingCrm, standard, tell, telling_crm, told

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

GOLD_PHONE, SILVER_PHONE = "+390255501001", "+390255501003"


@pytest.fixture
def crm() -> Iterator[TellingCrm]:
    with telling_crm() as running:
        running.put("c1", "silver", GOLD_PHONE)
        yield running


@pytest.fixture
def push(crm: TellingCrm) -> CrmPush:
    return crm.connect()


def say(push: CrmPush, *bodies: bytes) -> int:
    """Tell of these events, each with an id of its own, and have them applied."""
    for number, body in enumerate(bodies, push.events.count()):
        response = tell(push, body, standard(body, event=f"msg_{number}"))
        assert response.status_code == 202, response.content
    return applying.sweep(10)


def tier(external_id: str) -> str | None:
    customer = ExternalIdentity.objects.get(external_id=external_id).customer
    return customer.tier.slug if customer.tier else None


def test_the_record_is_read_again_and_reaches_the_decide_plane(crm: TellingCrm, push: CrmPush, live_dir: Path) -> None:
    say(push, told("c1"))
    crm.put("c1", "gold", GOLD_PHONE)
    say(push, told("c1", tier="platinum"))  # what an event says of a tier is not believed
    assert crm.asked == ["c1", "c1"]
    carry_once(live_dir, "here")
    live = Live(live_dir)
    live.refresh()
    found = live.find_facts(f"phone:{GOLD_PHONE}")
    assert found is not None
    assert found["tier"] == "gold"
    change = TierChange.objects.get()
    assert (change.old_tier, change.new_tier, change.run and change.run.trigger) == ("silver", "gold", "push")


def test_a_day_of_pushes_is_a_handful_of_runs_and_leaves_nothing_staged(crm: TellingCrm, push: CrmPush) -> None:
    crm.put("c2", "gold", SILVER_PHONE)
    say(push, told("c1"), told("c2"), told("c1"))
    run = SyncRun.objects.get()
    assert (run.state, run.read, run.created, run.finished_at is not None) == ("pushed", 2, 2, True)
    assert not StagedRecord.objects.exists()
    assert set(CrmEvent.objects.values_list("state", flat=True)) == {"applied"}


def test_a_pushed_run_neither_stops_nor_shortens_the_nightly_one(crm: TellingCrm, push: CrmPush) -> None:
    CrmConnection.objects.update(updated_since_param="updated_since")
    say(push, told("c1"))
    run = sync.start(push.connection, SyncRun.Trigger.MANUAL)
    assert run.since is None, "nothing was read in full yet"
    crm.put("c1", "gold", GOLD_PHONE)
    say(push, told("c1"))
    assert tier("c1") == "gold", "although a run is going on"


def test_what_happened_earlier_is_not_read_again(crm: TellingCrm, push: CrmPush) -> None:
    now = timezone.now()
    say(push, told("c1", at=now - timedelta(seconds=5)))
    say(push, told("c1", at=now - timedelta(seconds=60)))
    assert crm.asked == ["c1"]
    assert CrmEvent.objects.first().state == "ignored"  # type: ignore[union-attr]


def test_an_event_from_the_future_does_not_silence_those_that_follow(crm: TellingCrm, push: CrmPush) -> None:
    say(push, told("c1", at=timezone.now() + timedelta(days=365)))
    crm.put("c1", "gold", GOLD_PHONE)
    say(push, told("c1"))
    assert tier("c1") == "gold"


def test_the_same_event_twice_is_one(crm: TellingCrm, push: CrmPush) -> None:
    body = told("c1")
    assert [tell(push, body).status_code for _ in range(3)] == [202] * 3
    applying.sweep(10)
    assert (crm.asked, CrmEvent.objects.count()) == (["c1"], 1)


def test_who_is_deleted_loses_his_tier_only_if_the_crm_has_him_no_more(crm: TellingCrm, push: CrmPush) -> None:
    say(push, told("c1"))
    say(push, told("c1", "contact.deleted"))
    assert tier("c1") == "silver", "the CRM still has him"
    del crm.records["c1"]
    say(push, told("c1"))
    assert tier("c1") == "silver", "nobody said that he was deleted"
    say(push, told("c1", "contact.deleted", at=timezone.now() + timedelta(seconds=1)))
    assert tier("c1") is None


def test_a_merge_in_the_crm_makes_the_two_one(crm: TellingCrm, push: CrmPush) -> None:
    crm.put("c2", "gold", SILVER_PHONE)
    say(push, told("c1"), told("c2"))
    say(push, told("c1", "contact.merged", merged_into="c2"))
    merged = CustomerMerge.objects.get()
    assert (merged.cause, merged.absorbed.name, merged.kept.name) == ("crm", "Customer c1", "Customer c2")
    found = facts.document(f"phone:{GOLD_PHONE}")
    assert found is not None
    assert found["tier"] == "gold"


@pytest.mark.parametrize("status", [500, 429, 401], ids=["an error of its own", "busy", "a token that is refused"])
def test_a_crm_that_does_not_answer_alters_nothing(crm: TellingCrm, push: CrmPush, status: int) -> None:
    crm.status = status
    say(push, told("c1"), told("c1"))
    assert not Customer.objects.exists()
    states = set(CrmEvent.objects.values_list("state", flat=True))
    assert states == ({"failed"} if status == 401 else {"waiting"})
    assert status == 401 or len(crm.asked) == 1, "left in peace"
    crm.status = 200
    CrmEvent.objects.update(due_at=timezone.now())
    applying.sweep(10)
    assert Customer.objects.exists() == (status != 401)


def test_a_worker_that_dies_leaves_its_events_to_the_next(crm: TellingCrm, push: CrmPush) -> None:
    tell(push, told("c1"))
    dead = waiting.claim(push.pk)
    assert dead is not None
    assert applying.sweep(10) == 0, "somebody has it"
    CrmPush.objects.update(busy_until=timezone.now())
    assert applying.sweep(10) == 1
    with pytest.raises(waiting.LeaseLost):
        waiting.renew(dead)


def test_a_record_that_breaks_us_is_given_up_in_the_end_and_hinders_nobody(
    crm: TellingCrm, push: CrmPush, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = staging.stage

    def break_over_one(run: SyncRun, records: list[Any], *rest: Any) -> Any:
        if any(record["id"] == "c1" for record in records):
            raise DataError
        return stage(run, records, *rest)

    monkeypatch.setattr(staging, "stage", break_over_one)
    crm.put("c2", "gold", SILVER_PHONE)
    say(push, told("c1"), told("c2"))
    for _try in range(len(waiting.DELAYS) + 1):
        CrmEvent.objects.filter(state="waiting").update(due_at=timezone.now())
        applying.sweep(10)
    states = dict(CrmEvent.objects.values_list("external_id", "state"))
    assert states == {"c1": "failed", "c2": "applied"}
    assert tier("c2") == "gold"


def test_a_record_that_cannot_be_used_is_set_aside_with_its_field(crm: TellingCrm, push: CrmPush) -> None:
    crm.put("c1", "unheard of", GOLD_PHONE)
    say(push, told("c1"))
    run = SyncRun.objects.get()
    assert (run.rejected, run.rejects.get().field) == (1, "tier")
    assert CrmEvent.objects.get().state == "failed"


def test_too_many_tiers_at_once_wait_for_a_person(
    crm: TellingCrm, push: CrmPush, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "MOST_MOVES", 3)
    names = [f"m{number}" for number in range(5)]
    for number, name in enumerate(names):
        crm.put(name, "silver", f"+39025550200{number}")
    say(push, *map(told, names))
    assert Customer.objects.count() == 5, "new customers have not moved"
    for name in names:
        crm.records[name]["loyalty"] = {"status": "gold"}
    say(push, *map(told, names))
    push.refresh_from_db()
    assert push.held_since is not None
    assert {tier(name) for name in names} == {"silver"}
    assert applying.sweep(10) == 0, "held"
    applying.let_go([push])
    applying.sweep(10)
    assert {tier(name) for name in names} == {"gold"}


def test_what_a_running_sync_has_staged_of_him_is_older(crm: TellingCrm, push: CrmPush) -> None:
    say(push, told("c1"))
    run = sync.start(push.connection, SyncRun.Trigger.MANUAL)
    customer = ExternalIdentity.objects.get().customer
    StagedRecord.objects.create(
        run=run, external_id="c1", operation="change", customer=customer, mapped={}, old_tier=None, new_tier=None
    )
    crm.put("c1", "gold", GOLD_PHONE)
    say(push, told("c1"))
    assert run.staged.get().operation == "unchanged"


def test_a_merge_marks_the_addresses_of_both(crm: TellingCrm, push: CrmPush) -> None:
    crm.put("c2", "gold", SILVER_PHONE)
    say(push, told("c1"), told("c2"))
    Change.objects.update(seq=1)
    first, second = Customer.objects.order_by("pk")
    identity.merge(second, first, "admin", "one person")
    marked = Change.objects.filter(topic=changes.FACTS, seq=None).values_list("key", flat=True)
    assert set(marked) == {f"phone:{GOLD_PHONE}", f"phone:{SILVER_PHONE}"}


def test_what_was_done_long_ago_is_forgotten(crm: TellingCrm, push: CrmPush) -> None:
    say(push, told("c1"))
    waits = told("c2")
    tell(push, waits, standard(waits, event="waits"))
    CrmEvent.objects.update(received_at=timezone.now() - timedelta(days=30))
    CrmEvent.objects.filter(state="applied").update(finished_at=timezone.now() - timedelta(days=8))
    assert waiting.prune(timezone.now()) == 1
    assert CrmEvent.objects.get().state == "waiting"
