"""What stands beside the decide host, real processes too: Redis, a Celery worker, the portal and who uses it."""

import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
import requests
from celery import Celery
from kombu.exceptions import OperationalError

from tests.faults.contact_centre import ContactCentre, wait_until
from tests.services import find_program, free_port

PORTAL = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn_portal.py"]
WORKER = [sys.executable, "-m", "celery", "-A", "contactcenter", "worker", "-c", "1"]
SUPERVISOR, PASSWORD = "supervisor", "correct horse"
PATIENCE_S = 60.0


@dataclass
class Redis:
    """A Redis that may be killed, frozen and brought back; it keeps nothing."""

    centre: ContactCentre
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> subprocess.Popen[bytes]:
        program = find_program("redis-server") or "redis-server"
        nothing_kept = ("--save", "", "--appendonly", "no", "--dir", str(self.centre.folder))
        process = self.centre.start([program, "--port", str(self.port), "--bind", "127.0.0.1", *nothing_kept], {})
        wait_until(self._answers)
        return process

    def _answers(self) -> bool:
        with suppress(redis.RedisError), redis.Redis(port=self.port) as client:
            return bool(client.ping())
        return False


@dataclass
class ControlPlane:
    """A portal and a worker on one broker."""

    centre: ContactCentre
    broker: Celery
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    session: requests.Session = field(default_factory=requests.Session)

    def start_worker(self) -> subprocess.Popen[bytes]:
        return self.centre.start(WORKER, self._where())

    def start_portal(self) -> subprocess.Popen[bytes]:
        here = {"PORTAL_PORT": str(self.port), "PORTAL_WORKERS": "1"}
        process = self.centre.start(PORTAL, self._where() | here)
        wait_until(self._portal_is_up, PATIENCE_S)
        return process

    def log_in(self) -> None:
        """The supervisor opens the portal in a browser."""
        page = f"http://127.0.0.1:{self.port}/admin/login/"
        self.session.get(page, timeout=20)
        form = {"login": SUPERVISOR, "password": PASSWORD, "csrfmiddlewaretoken": self.session.cookies["csrftoken"]}
        assert self.session.post(page, form, timeout=20, allow_redirects=False).status_code == 302

    def start_sync(self) -> float:
        """The supervisor presses "Sync now", which sends a message: seconds until the portal has answered."""
        self._end_runs()
        ((connection,),) = self._ask("SELECT id FROM customers_crmconnection")
        page = f"http://127.0.0.1:{self.port}/admin/customers/crmconnection/{connection}/sync/"
        form = {"csrfmiddlewaretoken": self.session.cookies["csrftoken"]}
        began = time.monotonic()
        response = self.session.post(page, form, timeout=PATIENCE_S, allow_redirects=False)
        assert (response.status_code, "/syncrun/" in response.headers["Location"]) == (302, True)
        return time.monotonic() - began

    def worker_goes_on(self) -> float:
        """What was asked for during the fault is worked on after it: seconds that took."""
        began = time.monotonic()
        # Beat sends this every minute: a run whose message was lost is queued again.
        wait_until(self._dispatch, PATIENCE_S)
        wait_until(self._run_was_tried, PATIENCE_S)
        return time.monotonic() - began

    def _dispatch(self) -> bool:
        with suppress(OSError, OperationalError):
            self.broker.send_task("customers.tasks.dispatch_due", [0.0], retry=False)
            return True
        return False

    def _run_was_tried(self) -> bool:
        """The CRM of these tests is away, so a run that a worker took is waiting for it."""
        return self._ask("SELECT state FROM customers_syncrun ORDER BY id DESC LIMIT 1") == [("waiting",)]

    def _end_runs(self) -> None:
        self._ask("UPDATE customers_syncrun SET state = 'cancelled', lease_token = '' RETURNING id")

    def _portal_is_up(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/livez", timeout=2) as page:
            return bool(page.status == 200)
        return False

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        assert self.centre.database
        return self.centre.database.ask(query)

    def _where(self) -> dict[str, str]:
        assert self.centre.database
        return self.environment | {"DATABASE_URL": self.centre.database.url}


def on_redis(centre: ContactCentre, server: Redis) -> ControlPlane:
    """As in production."""
    return ControlPlane(centre, Celery(broker=server.url), {"REDIS_URL": server.url})


def on_files(centre: ContactCentre, folder: Path) -> ControlPlane:
    """As `make run` has it: messages are files."""
    make_broker_folder(folder)
    broker = Celery(broker="filesystem://localhost//")
    places = {"data_folder_in": "messages", "data_folder_out": "messages", "control_folder": "control"}
    broker.conf.broker_transport_options = {option: str(folder / place) for option, place in places.items()}
    return ControlPlane(centre, broker, {"BROKER_DIR": str(folder), "REDIS_URL": ""})


def make_broker_folder(folder: Path) -> None:
    for name in ("messages", "processed", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True)
