"""How often one may ask the portal: counted once, whoever counts."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from contactcenter.foundation import limits
from contactcenter.foundation.models import RequestCount
from queues.models import Queue
from routing import keys
from routing.models import ApiKey, ProviderAccount

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.portable]

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MOST, THREADS, EACH_ASKS = 50, 4, 20


def many_at_once() -> int:
    """How many of a crowd's requests pass."""

    def ask(_: int) -> int:
        passed = [limits.counted("key:1", MOST, NOON) for _ in range(EACH_ASKS)]
        connection.close()
        return sum(passed)

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(ask, range(THREADS)))


AS_A_PROCESS = """
import sys
import django
django.setup()
from tests.foundation.test_limits import many_at_once
print("ready", flush=True)
sys.stdin.readline()
print(many_at_once(), flush=True)
"""


@pytest.fixture
def key() -> str:
    """A key of a phone system that may report."""
    account = ProviderAccount.objects.create(name="PBX", slug="pbx", dialect="native")
    Queue.objects.create(name="VIP", slug="vip")
    return keys.issue(ApiKey(account=account, label="PBX", may_report=True))


@pytest.fixture
def three_a_minute(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The least that shows something, in a minute that does not end while the test runs."""
    settings.PORTAL_REQUESTS_PER_MINUTE = 3
    monkeypatch.setattr(timezone, "now", lambda: NOON + timedelta(seconds=15))


def report(key: str) -> tuple[int, str]:
    """The status of one report of statistics, and when to come again."""
    body = {"as_of": timezone.now().isoformat(), "waiting": 3}
    headers = {"Authorization": f"Bearer {key}"}
    response = Client().put("/api/v1/queues/vip/stats", body, "application/json", headers=headers)
    return response.status_code, response.headers.get("Retry-After", "")


@contextmanager
def another_process(environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """One that is ready to ask with a crowd of its own."""
    command = [sys.executable, "-c", AS_A_PROCESS]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


def test_of_many_at_once_in_two_processes_exactly_so_many_pass(process_env: dict[str, str]) -> None:
    with another_process(process_env) as other:
        assert other.stdin is not None
        other.stdin.write("\n")
        other.stdin.flush()
        passed_here = many_at_once()
        passed_there = int(other.communicate(timeout=60)[0])
    assert 2 * THREADS * EACH_ASKS > MOST
    assert passed_here + passed_there == MOST
    assert RequestCount.objects.get().requests == MOST


@pytest.mark.parametrize(
    ("asked_at", "passes"),
    [
        pytest.param(NOON + timedelta(seconds=59), False, id="in the same minute nothing is left"),
        pytest.param(NOON + timedelta(seconds=60), True, id="the next minute begins anew"),
        pytest.param(NOON - timedelta(seconds=60), False, id="a clock that is behind opens no second minute"),
    ],
)
def test_a_minute_ends_with_the_clock(asked_at: datetime, passes: bool) -> None:
    assert [limits.counted("key:1", 2, NOON) for _ in range(3)] == [True, True, False]
    assert limits.counted("key:1", 2, asked_at) is passes
    assert limits.counted("key:2", 2, asked_at) is True


def test_a_key_that_asks_too_often_is_told_when_to_come_again(three_a_minute: None, key: str) -> None:
    assert [report(key) for _ in range(4)] == [(200, ""), (200, ""), (200, ""), (429, "45")]
    another = keys.issue(ApiKey(account=ProviderAccount.objects.get(), label="PBX 2", may_report=True))
    assert report(another) == (200, "")


def test_who_has_no_key_uses_up_nobodys_share(three_a_minute: None, key: str) -> None:
    assert {report("cc_wrong") for _ in range(5)} == {(401, "")}
    assert not RequestCount.objects.exists()


def test_reading_decisions_is_limited_by_person(three_a_minute: None, supervisor_client: Client) -> None:
    answers = [supervisor_client.get("/api/v1/decisions/none") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
    assert answers[-1].json()["code"] == "too_many_requests"


def test_nought_is_no_limit(three_a_minute: None, settings: Settings, key: str) -> None:
    settings.PORTAL_REQUESTS_PER_MINUTE = 0
    assert {report(key) for _ in range(6)} == {(200, "")}
