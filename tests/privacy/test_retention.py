"""What is forgotten by age, when, and that it is found without reading a whole table."""

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from contactcenter.privacy import retention
from customers.models import CrmConnection, RejectedRow, RetentionMark, StagedRecord, SyncRun
from customers.privacy.suppression import pseudonym
from routing.models import ContactEvent, Conversation, Decision, InboundMessage

pytestmark = [pytest.mark.portable, pytest.mark.django_db]

NOW = timezone.now()
CALLER = "+393335550142"


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def decision(days: float, name: str, caller: str = CALLER, **variables: Any) -> Decision:
    return Decision.objects.create(
        decision_id=name,
        call_id=name,
        channel="voice",
        number="1",
        caller=caller,
        queue="vip",
        reason="branch",
        decided_at=ago(days),
        document={"answer": {"caller_id": caller, "call_id": name}, "variables": {"call.from": caller, **variables}},
    )


def forget() -> None:
    assert retention.forget(monotonic() + 60, now=NOW)


def test_a_caller_becomes_a_pseudonym_after_ninety_days_and_repeats_still_count() -> None:
    rows = [
        decision(89.9, "young"),
        decision(90.1, "old"),
        decision(200, "older", caller="sip:+393335550142@carrier.example.net", **{"call.from": CALLER}),
        decision(200, "another", caller="+393335550199"),
        decision(200, "hidden", caller=""),
    ]
    forget()
    for row in rows:
        row.refresh_from_db()
    young, old, older, another, hidden = rows
    assert young.caller == CALLER
    assert old.caller == older.caller == pseudonym("phone", CALLER)
    assert another.caller not in (old.caller, CALLER)
    assert hidden.caller == ""
    assert CALLER not in str([old.document, older.document])
    assert young.document["variables"]["call.from"] == CALLER


def test_the_next_night_goes_on_where_the_last_one_was(settings: Settings) -> None:
    decision(200, "old")
    forget()
    Decision.objects.filter(decision_id="old").update(caller=CALLER)  # whoever looks at it again would alter it
    decision(90.5, "meanwhile")
    assert retention.forget(monotonic() + 60, now=NOW + timedelta(hours=1))
    assert Decision.objects.get(decision_id="old").caller == CALLER
    mark = RetentionMark.objects.get(job="callers")
    assert mark.until == NOW + timedelta(hours=1) - timedelta(days=90)


def test_what_is_older_than_its_setting_goes_and_the_rest_stays(settings: Settings) -> None:
    for days, name in ((399, "kept"), (401, "gone")):
        decision(days, name)
        ContactEvent.objects.create(event_id=name, kind="left", happened_at=ago(days))
    for days, name, state in ((89, "kept", "decided"), (91, "gone", "decided"), (91, "waits", "waiting")):
        at = ago(days)
        InboundMessage.objects.create(
            account="a", message_id=name, kind="inbound", thread=name, state=state,
            occurred_at=at, received_at=at, due_at=at,
        )  # fmt: skip
        Conversation.objects.create(thread=name, queue="vip", opened_at=ago(300), last_message_at=at, is_open=False)
    forget()
    assert set(Decision.objects.values_list("decision_id", flat=True)) == {"kept"}
    assert set(ContactEvent.objects.values_list("event_id", flat=True)) == {"kept"}
    assert set(InboundMessage.objects.values_list("message_id", flat=True)) == {"kept", "waits"}
    assert set(Conversation.objects.values_list("thread", flat=True)) == {"kept"}


def test_a_young_row_in_front_of_old_ones_does_not_protect_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for number, days in enumerate((10, 401, 402, 401, 10, 401, 10)):
        decision(days, f"d{number}")
    forget()
    assert list(Decision.objects.order_by("pk").values_list("decision_id", flat=True)) == ["d0", "d4", "d6"]


def test_zero_days_keep_for_good(settings: Settings) -> None:
    settings.DECISIONS_KEPT_DAYS = settings.CALLERS_KEPT_DAYS = 0
    decision(5000, "ancient")
    forget()
    assert Decision.objects.get().caller == CALLER


def test_of_a_run_first_the_staged_rows_go_then_the_rejects_then_the_run_itself() -> None:
    crm = CrmConnection.objects.create(name="CRM", slug="crm")
    for days in (500, 410, 31, 4, 2):
        run = SyncRun.objects.create(connection=crm, trigger="manual", upper_bound=NOW, state="failed")
        StagedRecord.objects.create(run=run, external_id="1", operation="create", mapped={})
        RejectedRow.objects.create(run=run, external_id="2", field="tier", reason="is not known", page_no=1)
        SyncRun.objects.filter(pk=run.pk).update(created_at=ago(days))
    SyncRun.objects.filter(created_at=ago(410)).update(state="succeeded")
    forget()
    days_left = {(NOW - at).days for at in SyncRun.objects.values_list("created_at", flat=True)}
    assert days_left == {410, 31, 4, 2}, "the last one that succeeded is where the next goes on from"
    assert {(NOW - at).days for at in StagedRecord.objects.values_list("run__created_at", flat=True)} == {2}
    assert {(NOW - at).days for at in RejectedRow.objects.values_list("run__created_at", flat=True)} == {4, 2}


def test_time_that_is_up_leaves_the_rest_for_the_next_task() -> None:
    decision(401, "old")
    assert not retention.forget(monotonic() - 1, now=NOW)
    forget()
    assert not Decision.objects.exists()
