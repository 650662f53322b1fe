"""The broker or the database goes away in the middle of a sync: it goes on by itself, nothing is lost or doubled."""

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import psycopg
import pytest
import redis
from django.db import connections
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from customers import schedule, sync
from customers.models import CrmConnection, SyncRun
from tests import services
from tests.customers.crm_standin import Fault, Standin, connect, standin
from tests.customers.sync_processes import (
    BAD,
    CUSTOMERS,
    PAGE,
    dispatched,
    everything_is_there_once,
    is_over,
    running,
    start,
    wait_until,
    worker,
)
from tests.faults.contact_centre import Database

ROOT = Path(__file__).resolve().parents[2]
PAGES = CUSTOMERS // PAGE
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture
def crm() -> Iterator[Standin]:
    with standin(CUSTOMERS) as running:
        running.delay_s = 0.05
        yield running


class Redis:
    """A Redis that keeps nothing, and may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.port = services.free_port()
        program = services.find_program("redis-server") or "redis-server"
        here = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder)]
        self.command = [program, *here, "--save", "", "--appendonly", "no"]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        wait_until(self._answers)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def _answers(self) -> bool:
        try:
            return bool(redis.Redis(port=self.port).ping())
        except redis.RedisError:
            return False


def at_page(crm: Standin, number: int, then: Callable[[], None]) -> None:
    """Do something while the CRM is asked for that page, and let it say that it is busy for a second."""

    def look() -> None:
        if len(crm.journal) == number:
            then()

    crm.before_answer = look
    crm.faults = [*[None] * (number - 1), Fault(503, headers=(("Retry-After", "1"),))]


@pytest.mark.parametrize("broker", ["redis", "files"])
def test_a_broker_that_loses_everything_costs_nothing(
    crm: Standin, celery_env: dict[str, str], tmp_path: Path, broker: str
) -> None:
    connect(crm.url, page_size=PAGE)
    with ExitStack() as stack:
        if broker == "redis":
            server = Redis(tmp_path)
            stack.callback(server.kill)
            celery_env = celery_env | {"REDIS_URL": f"redis://127.0.0.1:{server.port}/0"}
            at_page(crm, 6, server.kill)
        else:
            celery_env = {name: value for name, value in celery_env.items() if name != "REDIS_URL"}
            at_page(crm, 6, lambda: shutil.rmtree(tmp_path / "broker"))
        same = stack.enter_context(worker(celery_env))
        start(celery_env)
        wait_until(lambda: len(crm.journal) > 6 or SyncRun.objects.filter(state="waiting").exists())
        if broker == "redis":
            server.start()
        while not is_over():
            with dispatched(celery_env):
                pass
        assert same.poll() is None, "the worker went on by itself"
    everything_is_there_once(SyncRun.objects.get())
    pages = Counter(crm.cursors())
    assert (len(pages), sum(pages.values())) == (PAGES, PAGES + 1), "only the page that was refused comes twice"


def test_a_database_that_is_restarted_costs_nothing(crm: Standin, tmp_path: Path) -> None:
    for folder in ("messages", "processed", "control"):
        (tmp_path / "broker" / folder).mkdir(parents=True)
    with services.postgres() as url:
        with psycopg.connect(url) as connection:
            ((folder,),) = connection.execute("SHOW data_directory").fetchall()
            connection.execute("ALTER DATABASE contactcenter SET synchronous_commit = on")
        database = Database(url, folder)
        env = {**os.environ, "DATABASE_URL": url, "VAR_DIR": str(tmp_path)}
        env |= {"DJANGO_SETTINGS_MODULE": "contactcenter.settings"}
        _python(env, "from django.core.management import call_command; call_command('migrate', verbosity=0)")
        _python(env, f"from tests.customers.crm_standin import connect; connect({crm.url!r}, page_size={PAGE})")
        with worker(env):
            start(env)
            wait_until(lambda: len(crm.journal) >= 10)
            database.kill()
            database.start()
            while database.ask("SELECT 1 FROM customers_syncrun WHERE state IN ('queued', 'running', 'waiting')"):
                with dispatched(env):
                    pass
        ran = database.ask("SELECT state, read, created, rejected, repeated FROM customers_syncrun")
        there = [database.ask(f"SELECT count(*) FROM customers_{table}")[0][0] for table in ("customer", "handle")]
        database.end()
    whole = CUSTOMERS - BAD
    assert (ran, there) == ([("partial", CUSTOMERS, whole, BAD, 0)], [whole, whole])
    pages = Counter(crm.cursors())
    assert len(pages) == PAGES
    assert sum(pages.values()) <= PAGES + 1, "at most the page in hand comes twice"


def _python(env: dict[str, str], statement: str) -> None:
    code = f"import django; django.setup(); {statement}"
    subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, check=True)


def test_two_schedulers_and_five_clicks_make_one_run(crm: Standin, celery_env: dict[str, str], tmp_path: Path) -> None:
    now = timezone.now()
    due_at = (now - timedelta(minutes=3)).astimezone(ZoneInfo("Europe/Rome")).time()
    connection = connect(crm.url, page_size=PAGE, nightly_at=due_at, time_zone="Europe/Rome")
    schedule.apply(connection)
    # A night whose moment has passed while no scheduler ran: each makes up for it when it starts.
    nightly = PeriodicTask.objects.filter(task="customers.tasks.nightly_sync")
    nightly.update(last_run_at=now - timedelta(days=2))
    with ExitStack() as stack:
        for name in ("one", "two"):
            beat = ["beat", "--pidfile=", "-s", str(tmp_path / name)]
            stack.enter_context(running(celery_env, *beat))
        stack.enter_context(worker(celery_env))
        wait_until(lambda: len(crm.journal) >= 3)
        clicks = _clicks(connection, 5)
        wait_until(is_over)
    assert clicks == [sync.AlreadyRunning] * 5
    assert SyncRun.objects.get().trigger == "schedule"
    everything_is_there_once(SyncRun.objects.get())
    assert len(crm.journal) == PAGES


def _clicks(connection: CrmConnection, number: int) -> list[type[Exception]]:
    """What so many people who start a sync at the same moment are told."""
    together = Barrier(number)
    told: list[type[Exception]] = []

    def click() -> None:
        together.wait()
        try:
            sync.start(connection, SyncRun.Trigger.MANUAL)
        except sync.CannotStart as reason:
            told.append(type(reason))
        finally:
            connections.close_all()

    threads = [Thread(target=click) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told
