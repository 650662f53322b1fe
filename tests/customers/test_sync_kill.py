"""A real Celery worker is killed in the middle of a sync; the dispatcher and a new worker bring it to its end."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest
from django.core.management import call_command

from customers.models import Customer, ExternalIdentity, Handle, RejectedRow, SyncRun
from tests.customers.crm_standin import Standin, connect, standin

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.portable, pytest.mark.celery]

CUSTOMERS, PAGE, BAD = 3000, 100, 3
CELERY = [sys.executable, "-m", "celery", "-A", "contactcenter.celery"]


@pytest.fixture
def crm() -> Iterator[Standin]:
    with standin(CUSTOMERS) as running:
        running.delay_s = 0.05  # long enough to be killed in mid-run
        yield running


@pytest.fixture
def celery_env(process_env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    for folder in ("messages", "processed", "control"):
        (tmp_path / "broker" / folder).mkdir(parents=True, exist_ok=True)
    return process_env


@contextmanager
def worker(env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process group of its own, so that a kill reaches its children."""
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    process = subprocess.Popen([*CELERY, "worker", "-c", "1", *quiet], env=env, start_new_session=True)
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    ends_at = monotonic() + seconds
    while not happened():
        assert monotonic() < ends_at, "It did not happen in time."
        sleep(0.05)


def test_a_killed_sync_goes_on_at_the_page_it_had_reached(crm: Standin, celery_env: dict[str, str]) -> None:
    connect(crm.url, page_size=PAGE)
    with worker(celery_env) as first:
        start(celery_env)
        wait_until(lambda: len(crm.journal) >= 10)
        kill(first)
    asked = len(crm.journal)
    run = SyncRun.objects.get()
    assert (run.state, run.lease_token != "") == ("running", True), "killed while it held the run"
    assert 0 < run.page_no < CUSTOMERS // PAGE
    assert not Customer.objects.exists(), "nothing is altered before all of it has been judged"

    with dispatched(celery_env), worker(celery_env):
        wait_until(is_over)

    assert crm.cursors()[asked] == run.cursor, "the page it had reached"
    again = [cursor for cursor, times in Counter(crm.cursors()).items() if times > 1]
    assert len(again) <= 1, "at most the page in hand is asked for twice"
    everything_is_there_once(run)


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_kills_at_any_moment_lose_and_double_nothing(crm: Standin, celery_env: dict[str, str], kills: int) -> None:
    crm.delay_s = 0.02
    connect(crm.url, page_size=PAGE)
    random, killed_in = Random(kills), Counter[str]()
    start(celery_env)
    for number in range(kills):
        # The first ones in mid-reading, the last ones while changes are applied: both are reached for sure.
        phase = "reading" if number < kills // 2 else "applying"
        with dispatched(celery_env), worker(celery_env) as running:
            wait_until(partial(is_over_or_in, phase))
            sleep(random.uniform(0.0, 0.4))
            kill(running)
        killed_in[SyncRun.objects.get().phase] += 1
        if is_over():
            break
    with dispatched(celery_env), worker(celery_env):
        wait_until(is_over)
    assert killed_in["reading"] >= 1
    everything_is_there_once(SyncRun.objects.get())
    pages = Counter(crm.cursors())
    assert sum(pages.values()) - len(pages) <= kills, "at most one page again for each kill"


def is_over_or_in(phase: str) -> bool:
    """Whether a worker is at that phase of the run now, or the run has ended."""
    return is_over() or SyncRun.objects.filter(phase=phase, state="running").exclude(lease_token="").exists()


def is_over() -> bool:
    return not SyncRun.objects.filter(state__in=SyncRun.UNFINISHED).exists()


def start(env: dict[str, str]) -> None:
    manage = [sys.executable, "manage.py", "sync_customers", "crm"]
    subprocess.run(manage, env=env, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def dispatched(env: dict[str, str]) -> Iterator[None]:
    """What beat does every half minute, with no patience; it starts while the worker starts."""
    call = ["call", "customers.tasks.dispatch_due", "--args", "[0.0]"]
    with subprocess.Popen([*CELERY, *call], env=env, stdout=subprocess.DEVNULL) as process:
        yield
        assert process.wait() == 0


def everything_is_there_once(run: SyncRun) -> None:
    """Counters, tables and the CRM's journal say the same."""
    run.refresh_from_db()
    assert (run.state, run.page_no, run.lease_token) == ("partial", CUSTOMERS // PAGE, "")
    assert (run.read, run.created, run.changed, run.unchanged) == (CUSTOMERS, CUSTOMERS - BAD, 0, 0)
    assert (run.rejected, run.repeated) == (RejectedRow.objects.count(), 0) == (BAD, 0)
    whole = CUSTOMERS - BAD
    assert (Customer.objects.count(), ExternalIdentity.objects.count(), Handle.objects.count()) == (whole,) * 3


def test_the_command_works_a_sync_without_celery(
    crm: Standin, celery_env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    crm.delay_s = 0.0
    connect(crm.url, page_size=500)
    call_command("sync_customers", "crm", here=True)
    assert f"read {CUSTOMERS}, new {CUSTOMERS - BAD}" in capsys.readouterr().out
