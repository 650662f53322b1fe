"""How long a large CRM takes while everything runs, and that a night without news writes nothing.

`SYNC_CUSTOMERS` says how large. A Celery worker, beat, Redis, PostgreSQL, the courier, a decide server that is asked
all the while, and the CRM are real, and on the same machine.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from threading import Event, Thread
from urllib.request import Request, urlopen

import pytest
from django.db import connection as database

from contactcenter.foundation.models import Change
from customers import schedule
from customers.models import CrmConnection, SyncRun, TierChange
from routing import livefile
from tests import services
from tests.customers.crm_standin import connect
from tests.customers.deciding import seed
from tests.customers.sync_processes import CELERY, QUIET, start
from tests.faults.contact_centre import ContactCentre, Database, wait_until
from tests.routing import live_folder
from tests.routing.decide_server import KEY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long, pytest.mark.timeout(7200)]

CUSTOMERS = int(os.environ.get("SYNC_CUSTOMERS", "100000"))
CHANGED = max(CUSTOMERS // 100, 100)
LONGEST_S = 1800.0
WRITTEN = ("customers_customer", "customers_handle", "customers_externalidentity", "customers_tierchange")


@pytest.fixture
def crm_url() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.customers.crm_process", "--customers", str(CUSTOMERS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.kill()


@dataclass
class Everything:
    """A contact centre with its worker: how much memory that takes, and how long calls wait for their answer."""

    centre: ContactCentre
    worker: int
    environment: dict[str, str]
    memory_mb: list[int] = field(default_factory=list)
    waits_ms: list[float] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def look(self) -> None:
        """The memory of the process that works the steps, and the answer to one call."""
        for child in Path(f"/proc/{self.worker}/task/{self.worker}/children").read_text().split():
            pages = int(Path(f"/proc/{child}/statm").read_text().split()[1])
            self.memory_mb.append(pages * os.sysconf("SC_PAGE_SIZE") // 2**20)
        body = {"call_id": f"speed-{next(self.numbers)}", "to": live_folder.VOICE_NUMBER, "from": "+390200000000"}
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        url = f"http://127.0.0.1:{self.centre.port}/api/v1/decisions"
        began = time.perf_counter()
        with urllib.request.urlopen(Request(url, json.dumps(body).encode(), headers), timeout=30) as answer:
            answer.read()
        self.waits_ms.append((time.perf_counter() - began) * 1000)

    def answers(self) -> bool:
        """Has the courier brought the key, so that calls are answered?"""
        with suppress(OSError):
            self.look()
            return True
        return False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look ten times a second."""
        self.memory_mb, self.waits_ms, over = [], [], Event()

        def watch() -> None:
            while not over.wait(0.1):
                self.look()

        thread = Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def run(self, what: str, customers: int) -> SyncRun:
        """A sync from the click to its end, and until the decide plane knows of it."""
        with self.watched():
            began = time.monotonic()
            start(self.environment)
            wait_until(lambda: not SyncRun.objects.filter(state__in=SyncRun.UNFINISHED).exists(), LONGEST_S)
            took = time.monotonic() - began
        behind = wait_until(self._is_known, LONGEST_S)
        first, last = self.memory_mb[len(self.memory_mb) // 10], self.memory_mb[-1]
        print(f"{what}: {took:.1f} s, {customers / took:,.0f}/s; decide plane {behind:.1f} s behind;", end=" ")
        print(f"worker {first} to {last} MB, most {max(self.memory_mb)}; median answer {median(self.waits_ms):.1f} ms")
        return SyncRun.objects.latest("pk")

    def _is_known(self) -> bool:
        if Change.objects.filter(seq__isnull=True).exists():
            return False
        newest = Change.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
        live = livefile.open_for_reading(self.centre.live)
        try:
            return int(livefile.meta(live, "cursor") or 0) >= newest
        finally:
            live.close()


@pytest.fixture
def everything(crm_url: str, process_env: dict[str, str], tmp_path: Path) -> Iterator[Everything]:
    seed()
    schedule.apply(connect(f"{crm_url}/api/customers", page_size=1000))
    centre = ContactCentre(tmp_path, Database(process_env["DATABASE_URL"], ""))
    with services.redis_server() as redis_url:
        environment = process_env | {"REDIS_URL": redis_url}
        try:
            worker = centre.start([*CELERY, "worker", "-c", "1", *QUIET], environment)
            centre.start([*CELERY, "beat", "-s", str(tmp_path / "beat")], environment)
            centre.start_courier()
            centre.start_decide()
            everything = Everything(centre, worker.pid, environment)
            wait_until(everything.answers, 120)
            yield everything
        finally:
            centre.end()


def _row_versions() -> int:
    """Rows inserted, updated or deleted so far in the tables of the customers."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables WHERE relname = ANY(%s)",
            [list(WRITTEN)],
        )
        return int(cursor.fetchone()[0])


def test_a_large_crm_is_read_compared_and_applied_at_a_good_rate(crm_url: str, everything: Everything) -> None:
    with everything.watched():
        time.sleep(10)
    print(f"\nnothing running: median answer {median(everything.waits_ms):.1f} ms")

    full = everything.run("everything new", CUSTOMERS)
    assert (full.state, full.read, full.created) == ("succeeded", CUSTOMERS, CUSTOMERS)
    assert max(everything.memory_mb) <= 200
    time.sleep(2)  # what the worker has written is counted by then
    after_full = _row_versions()

    same = everything.run("nothing changed", CUSTOMERS)
    assert (same.state, same.unchanged) == ("succeeded", CUSTOMERS)
    time.sleep(2)
    assert _row_versions() == after_full, "a night without news writes no row of a customer"

    CrmConnection.objects.update(updated_since_param="since")
    urlopen(Request(f"{crm_url}/changes?of={CHANGED}", method="POST")).close()
    some = everything.run(f"{CHANGED} changed, asked for what changed", CHANGED)
    assert (some.state, some.read, some.changed) == ("succeeded", CHANGED, CHANGED)
    assert TierChange.objects.count() == some.tier_changes > 0
