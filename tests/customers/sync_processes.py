"""The real processes that a sync is worked by, to be hurt by a test; and what must be true when it has ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import monotonic, sleep

from celery import Celery

from customers.models import Customer, ExternalIdentity, Handle, RejectedRow, SyncRun

CUSTOMERS, PAGE, BAD = 1500, 50, 3
CELERY = [sys.executable, "-m", "celery", "-A", "contactcenter.celery"]
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


@contextmanager
def running(env: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery process in a process group of its own, so that a kill reaches its children."""
    process = subprocess.Popen([*CELERY, *arguments], env=env, start_new_session=True)
    try:
        yield process
    finally:
        kill(process)


def worker(env: dict[str, str], *arguments: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
    return running(env, "worker", "-c", "1", *QUIET, *arguments)


def kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    ends_at = monotonic() + seconds
    while not happened():
        assert monotonic() < ends_at, "It did not happen in time."
        sleep(0.05)


def is_over_or_in(phase: str, dead: str) -> bool:
    """Whether a worker is at that phase of the run now, or the run has ended. `dead` is the lease of a killed one."""
    held = SyncRun.objects.filter(phase=phase, state="running").exclude(lease_token__in=["", dead])
    return is_over() or held.exists()


def is_over() -> bool:
    return not SyncRun.objects.filter(state__in=SyncRun.UNFINISHED).exists()


def dispatch(env: dict[str, str]) -> None:
    """What beat does every minute, with no patience: a run without a message that somebody has is queued again."""
    on_files = {"data_folder_in": "messages", "data_folder_out": "messages", "control_folder": "control"}
    with Celery(broker=env.get("REDIS_URL") or "filesystem://localhost//") as beat:
        if not env.get("REDIS_URL"):
            folder = Path(env["VAR_DIR"], "broker")
            beat.conf.broker_transport_options = {option: str(folder / name) for option, name in on_files.items()}
        beat.send_task("customers.tasks.dispatch_due", [0.0])


def start(env: dict[str, str]) -> None:
    """As an operator does."""
    manage = [sys.executable, "manage.py", "sync_customers", "crm"]
    subprocess.run(manage, env=env, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def dispatched(env: dict[str, str]) -> Iterator[None]:
    """The same by a process, which says whether it could; it starts while the worker starts."""
    call = ["call", "customers.tasks.dispatch_due", "--args", "[0.0]"]
    with subprocess.Popen([*CELERY, *call], env=env, stdout=subprocess.DEVNULL) as process:
        yield
        assert process.wait() == 0


def everything_is_there_once(run: SyncRun, customers: int = CUSTOMERS, bad: int = BAD) -> None:
    """Counters, tables and the CRM's journal say the same."""
    run.refresh_from_db()
    assert (run.state, run.page_no, run.lease_token) == ("partial" if bad else "succeeded", customers // PAGE, "")
    counted = (run.read, run.created, run.changed, run.unchanged)
    assert counted == (customers, customers - bad, 0, 0), counted
    assert (run.rejected, run.repeated) == (RejectedRow.objects.count(), 0) == (bad, 0)
    whole = customers - bad
    assert (Customer.objects.count(), ExternalIdentity.objects.count(), Handle.objects.count()) == (whole,) * 3
