"""A real Celery worker is killed in the middle of a sync; the dispatcher and a new worker bring it to its end."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
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
    manage = [sys.executable, "manage.py", "sync_customers", "crm"]
    with worker(celery_env) as first:
        subprocess.run(manage, env=celery_env, check=True, stdout=subprocess.DEVNULL)
        wait_until(lambda: len(crm.journal) >= 10)
        kill(first)
    asked = len(crm.journal)
    run = SyncRun.objects.get()
    assert (run.state, run.lease_token != "") == ("running", True), "killed while it held the run"
    assert 0 < run.page_no < CUSTOMERS // PAGE

    with worker(celery_env):
        call = ["call", "customers.tasks.dispatch_due", "--args", "[0.0]"]
        subprocess.run([*CELERY, *call], env=celery_env, check=True, stdout=subprocess.DEVNULL)
        wait_until(lambda: SyncRun.objects.exclude(state__in=SyncRun.UNFINISHED).exists())

    resumed_at = crm.cursors()[asked]
    assert resumed_at == run.cursor, "the page it had reached"
    again = [cursor for cursor, times in Counter(crm.cursors()).items() if times > 1]
    assert len(again) <= 1, "at most the page in hand is asked for twice"
    run.refresh_from_db()
    assert (run.state, run.page_no, run.lease_token) == ("partial", CUSTOMERS // PAGE, "")
    assert (run.read, run.created, run.changed, run.unchanged) == (CUSTOMERS, CUSTOMERS - BAD, 0, 0)
    assert run.rejected == RejectedRow.objects.count() == BAD
    whole = CUSTOMERS - BAD
    assert (Customer.objects.count(), ExternalIdentity.objects.count(), Handle.objects.count()) == (whole,) * 3


def test_the_command_works_a_sync_without_celery(
    crm: Standin, celery_env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    crm.delay_s = 0.0
    connect(crm.url, page_size=500)
    call_command("sync_customers", "crm", here=True)
    assert f"read {CUSTOMERS}, new {CUSTOMERS - BAD}" in capsys.readouterr().out
