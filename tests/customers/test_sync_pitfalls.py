"""What other syncs have fallen into, and ours had no test for; the table in docs/sync.md names the test of each."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.db import transaction

from customers import facts, sync, tasks
from customers.crm.asking import TOTAL_S
from customers.models import CrmConnection, FieldMapping, SyncRun, TierChange, TierMapping
from tests.customers.crm_standin import TOKEN, Fault, Standin, connect, run_to_end, standin

ROOT = Path(__file__).resolve().parents[2]
PITFALLS = 20

pytestmark = pytest.mark.django_db


@pytest.fixture
def crm() -> Iterator[Standin]:
    with standin() as running:
        yield running


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The options of every message that wakes a step."""
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(current_app, "send_task", lambda *_, **options: messages.append(options))
    return messages


def test_the_table_names_a_test_for_each_pitfall() -> None:
    rows = re.findall(r"^\| (\d+) \|.*\| (.*) \|$", (ROOT / "docs/sync.md").read_text(), re.MULTILINE)
    assert [int(number) for number, _tests in rows] == list(range(1, PITFALLS + 1))
    for _number, named in rows:
        tests = re.findall(r"`([\w/]+\.py)::(\w+)`", named)
        assert tests
        for file, test in tests:
            there = ast.walk(ast.parse((ROOT / "tests" / file).read_text()))
            assert test in {each.name for each in there if isinstance(each, ast.FunctionDef)}, f"{file}::{test}"


def test_the_position_in_a_crm_is_as_small_after_many_pages_as_after_few(crm: Standin) -> None:
    run = run_to_end(connect(crm.url, page_size=6))
    assert run.page_no == 10
    kept = {name: value for name, value in vars(run).items() if isinstance(value, str)}
    assert max(len(text) for text in kept.values()) <= 64, "a digest is the longest"


def test_a_step_has_ended_long_before_its_message_would_come_again() -> None:
    longest = sync.STEP_S + TOTAL_S
    assert longest < settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT
    comes_again = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("visibility_timeout", 1800)
    assert comes_again >= 5 * settings.CELERY_TASK_TIME_LIMIT


@pytest.mark.parametrize(
    ("retry_after", "messages"),
    [
        pytest.param("0", [{"retry": False}], id="a moment, waited for"),
        pytest.param("3600", [], id="an hour, left alone"),
    ],
)
def test_no_message_waits_in_the_memory_of_a_worker(
    crm: Standin,
    sent: list[dict[str, Any]],
    django_capture_on_commit_callbacks: Any,
    retry_after: str,
    messages: list[dict[str, Any]],
) -> None:
    run = sync.start(connect(crm.url), SyncRun.Trigger.MANUAL)
    crm.faults = [Fault(503, headers=(("Retry-After", retry_after),))]
    with django_capture_on_commit_callbacks(execute=True):
        tasks.sync_step(run.pk)
    assert sent == messages


@pytest.mark.portable
@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_for_a_run_that_was_not_committed(crm: Standin, sent: list[dict[str, Any]]) -> None:
    connection = connect(crm.url)
    with transaction.atomic():
        sync.start(connection, SyncRun.Trigger.MANUAL)
        assert sent == []
        transaction.set_rollback(True)
    assert sent == []
    sync.start(connection, SyncRun.Trigger.MANUAL)
    assert len(sent) == 1


def test_two_crms_that_disagree_do_not_take_turns(crm: Standin) -> None:
    first = connect(crm.url)
    with standin() as other:
        second = _another(other.url, first)
        other.crm.change("C-000001", {"loyalty": {"status": "platinum"}})
        crm.crm.change("C-000001", {"loyalty": {"status": "bronze"}})
        seen = []
        for _night in range(2):
            for connection in (first, second):
                assert run_to_end(connection).state == "partial"
            seen.append(facts.document(_handle(first)))
    assert seen[0] == seen[1]
    assert (seen[0] or {})["tier"] == "platinum", "the higher one, whoever was read last"
    assert not TierChange.objects.exists()


def _another(url: str, like: CrmConnection) -> CrmConnection:
    """A second CRM that knows the same people, by the same words."""
    made = CrmConnection.objects.create(name="Shop", slug="shop", url=url, token=TOKEN, page_size=20)
    for model in (FieldMapping, TierMapping):
        for row in model.objects.filter(connection=like):
            row.pk, row.connection = None, made
            row.save()
    return made


def _handle(connection: CrmConnection) -> str:
    identity = connection.identities.get(external_id="C-000001")
    return identity.customer.handles.get(kind="phone").key
