"""Switches: set, replaced, ended; by function and by command; marked in the same transaction."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from contactcenter.accounts.models import User
from contactcenter.foundation.models import Change
from queues import switches
from queues.models import Queue, Switch

pytestmark = [pytest.mark.django_db, pytest.mark.portable]


@pytest.fixture
def vip(db: None) -> Queue:
    return Queue.objects.create(name="VIP", slug="vip")


@pytest.fixture
def standard(db: None) -> Queue:
    return Queue.objects.create(name="Standard", slug="standard")


def held() -> list[tuple[str, str]]:
    return [(switch.kind, switch.subject) for switch in switches.in_force(timezone.now())]


def marked() -> set[str]:
    return set(Change.objects.filter(topic="state").values_list("key", flat=True))


def test_closing_a_queue_is_in_force_at_once_and_says_who(vip: Queue, supervisor: User) -> None:
    switch = switches.close_queue(vip, " fire alarm ", None, supervisor)
    assert held() == [("close_queue", "vip")]
    assert (switch.reason, switch.created_by) == ("fire alarm", supervisor)


def test_a_new_switch_ends_the_one_before_on_the_same_queue(vip: Queue, supervisor: User) -> None:
    first = switches.close_queue(vip, "fire", None, supervisor)
    switches.open_queue(vip, "over", None, supervisor)
    first.refresh_from_db()
    assert held() == [("open_queue", "vip")]
    assert first.ended_at is not None
    assert first.ended_by == supervisor


def test_switches_on_other_queues_and_numbers_stay(vip: Queue, standard: Queue) -> None:
    switches.close_queue(vip, "fire", None, None)
    switches.close_queue(standard, "fire", None, None)
    switches.send_number("+39 02 1234567", standard, "line broken", None, None)
    assert held() == [("send_number", "+39021234567"), ("close_queue", "standard"), ("close_queue", "vip")]


def test_a_queue_and_a_number_of_the_same_spelling_are_two_subjects(vip: Queue) -> None:
    switches.close_queue(vip, "fire", None, None)
    switches.send_number("vip", vip, "a page that is called like the queue", None, None)
    assert len(held()) == 2


def test_ending_the_newest_does_not_revive_an_older_one(vip: Queue) -> None:
    # What two people who switch at the same moment leave behind.
    for _ in range(2):
        newest = Switch.objects.create(kind="close_queue", subject="vip", reason="both at once")
    switches.end(newest, None)
    assert held() == []


def test_a_switch_is_over_at_its_end(vip: Queue) -> None:
    until = timezone.now() + timedelta(hours=1)
    switches.close_queue(vip, "training", until, None)
    assert switches.in_force(until - timedelta(seconds=1))
    assert not switches.in_force(until)


@pytest.mark.parametrize(
    ("reason", "until", "field"),
    [
        pytest.param("", None, "reason", id="without a reason"),
        pytest.param("   ", None, "reason", id="with a reason of spaces"),
        pytest.param("x" * 201, None, "reason", id="with a reason too long"),
        pytest.param("fire", timedelta(seconds=-1), "until", id="with an end in the past"),
    ],
)
def test_a_switch_is_refused(vip: Queue, reason: str, until: timedelta | None, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        switches.close_queue(vip, reason, timezone.now() + until if until else None, None)
    assert field in refused.value.message_dict
    assert held() == []


@pytest.mark.parametrize("address", ["", "+39", "12 34 56", "sip:1@x", "+39021234567; drop", "+٣٩٠٢١٢٣٤٥٦٧"])
def test_an_address_that_nobody_can_call_is_refused_without_repeating_it(vip: Queue, address: str) -> None:
    with pytest.raises(ValidationError) as refused:
        switches.send_number(address, vip, "why", None, None)
    assert len(address) < 4 or address not in str(refused.value)


def test_each_write_marks_the_switch(vip: Queue) -> None:
    first = switches.close_queue(vip, "fire", None, None)
    second = switches.open_queue(vip, "over", None, None)
    assert marked() == {f"switch:{first.pk}", f"switch:{second.pk}"}


def test_a_switch_that_is_rolled_back_leaves_no_mark(vip: Queue) -> None:
    with transaction.atomic():
        switches.close_queue(vip, "fire", None, None)
        transaction.set_rollback(True)
    assert not marked()
    assert held() == []


def test_a_mark_that_fails_takes_the_switch_with_it(vip: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("no mark")

    monkeypatch.setattr("contactcenter.foundation.changes.mark", broken)
    with pytest.raises(RuntimeError, match="no mark"):
        switches.close_queue(vip, "fire", None, None)
    assert not Switch.objects.exists()


def test_the_log_names_no_number(vip: Queue, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "queues.switches"):
        switches.send_number("+390212345678", vip, "line broken", None, None)
    assert "switch set" in caplog.text
    assert "390212345678" not in caplog.text


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("switch", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_closes_reopens_and_lists(vip: Queue) -> None:
    assert "close_queue vip" in run("close", "vip", "--reason", "fire alarm")
    assert "fire alarm" in run("list")
    assert "vip: Open" in run("reopen", "vip")
    assert run("list") == "No switch is set.\n"


def test_the_command_sends_a_number_and_ends_it_by_id(vip: Queue, standard: Queue) -> None:
    assert "There is no such number" in run("send", "+39 02 1234567", "--to", "standard", "--reason", "line broken")
    switch = Switch.objects.get()
    assert (switch.subject, switch.target_queue) == ("+39021234567", standard)
    run("end", str(switch.pk))
    assert held() == []


def test_the_command_reads_a_moment_in_the_queues_zone(vip: Queue) -> None:
    run("open", "vip", "--reason", "fair", "--until", "2099-12-24T18:00:00+01:00")
    assert Switch.objects.get().until == datetime.fromisoformat("2099-12-24T17:00:00+00:00")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param(["close", "vipp", "--reason", "x"], "queue: there is no queue", id="a queue that does not exist"),
        pytest.param(["close", "vip", "--reason", " "], "--reason: ", id="an empty reason"),
        pytest.param(["close", "vip", "--reason", "x", "--until", "25:00"], "--until: ", id="no time of day"),
        pytest.param(["close", "vip", "--reason", "x", "--until", "tomorrow"], "--until: ", id="no moment"),
        pytest.param(["close", "vip", "--reason", "x", "--until", "2020-01-01T00:00"], "--until: ", id="a past moment"),
        pytest.param(["send", "1", "--to", "vip", "--reason", "x"], "number: ", id="no number"),
        pytest.param(["send", "+39021234567", "--to", "vipp", "--reason", "x"], "--to: ", id="a target that is none"),
        pytest.param(["reopen", "vip"], "queue: no switch is set", id="a queue that is not switched"),
        pytest.param(["end", "999999"], "id: there is no switch", id="a switch that does not exist"),
        pytest.param(["close", "vip"], "--reason", id="no reason at all"),
    ],
)
def test_the_command_names_the_argument_that_is_wrong(vip: Queue, arguments: list[str], named: str) -> None:
    with pytest.raises(CommandError, match=named):
        run(*arguments)
    assert held() == []
