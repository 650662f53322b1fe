"""The processes that calls depend on, real ones, to be hurt by a test: decide server, courier, PostgreSQL."""

import json
import os
import pwd
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from contactcenter.foundation.encryption import encrypt
from routing import livefile, spool
from tests import canary
from tests.routing import live_folder
from tests.routing.decide_server import ACCOUNT, GOLD, KEY
from tests.routing.live_folder import VOICE_NUMBER
from tests.services import find_program, free_port

ROOT = Path(__file__).resolve().parents[2]
DECIDE = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn_decide.py"]
COURIER = [sys.executable, "manage.py", "courier"]
_calls = count()


@dataclass
class Database:
    """A PostgreSQL that may be killed, frozen and brought back."""

    url: str
    folder: str = ""
    """Of a PostgreSQL that we may hurt."""

    def kill(self) -> None:
        self._pg_ctl("stop", "-m", "immediate")

    def start(self) -> None:
        options = Path(self.folder, "postmaster.opts").read_text().split('"')[1::2]
        self._pg_ctl("start", "-w", "-o", " ".join(options[2:]), "-l", "/dev/null")

    def end(self) -> None:
        with suppress(subprocess.CalledProcessError):  # it is down already
            self._pg_ctl("stop", "-m", "fast")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The postmaster and all its backends stand still: connections stay open and say nothing."""
        first = int(Path(self.folder, "postmaster.pid").read_text().split()[0])
        stopped = [first]
        os.kill(first, signal.SIGSTOP)
        stopped += [int(pid) for pid in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
        try:
            for pid in stopped[1:]:
                os.kill(pid, signal.SIGSTOP)
            yield
        finally:
            for pid in stopped:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode()).fetchall()

    def decision_ids(self) -> list[str]:
        return [row[0] for row in self.ask("SELECT decision_id FROM routing_decision")]

    def _pg_ctl(self, *what: str) -> None:
        as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            as_user = {"user": pwd.getpwnam("nobody").pw_uid, "group": pwd.getpwnam("nobody").pw_gid}
        command = [find_program("pg_ctl") or "pg_ctl", "-D", self.folder, "-s", *what]
        subprocess.run(command, check=True, cwd=self.folder, extra_groups=[] if as_user else None, **as_user)


@dataclass
class ContactCentre:
    """A decide host: its folder, and the processes that a test starts on it."""

    folder: Path
    database: Database | None = None
    port: int = field(default_factory=free_port)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    courier: subprocess.Popen[bytes] = field(init=False)
    server: "Server" = field(init=False)

    @property
    def live(self) -> Path:
        return self.folder / "live"

    @property
    def said(self) -> str:
        """Everything the processes have logged."""
        return (self.folder / "log").read_text(errors="replace")

    def build_live_folder(self, **parts: Any) -> None:
        """A live folder by hand, for a host without a courier."""
        account = live_folder.account(ACCOUNT, "native", keys=[live_folder.api_key(KEY)])
        live_folder.build(
            self.live,
            parts.pop("document", live_folder.demo_document()),
            access=account | {"source:crm": {"secret": encrypt("of the source")}},
            facts={f"phone:{GOLD}": live_folder.person(1, tier="gold")},
            **parts,
        )

    def start_courier(self) -> subprocess.Popen[bytes]:
        assert self.database
        self.courier = self.start(COURIER, {"DATABASE_URL": self.database.url})
        return self.courier

    def start_decide(self, *options: str, workers: int = 1, listener: socket.socket | None = None) -> "Server":
        """A decide server that is ready: on our port, or on a socket that somebody else holds."""
        environment = {"DECIDE_PORT": str(self.port), "DECIDE_WORKERS": str(workers)}
        handed = (listener.fileno(),) if listener else ()
        if listener:
            options = (*options, "--bind", f"fd://{listener.fileno()}")
        server = self.server = Server(self.start([*DECIDE, *options], environment, handed))
        wait_until(self.is_up if not listener else lambda: len(server.workers) == workers, 60)
        return server

    def is_up(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/livez", timeout=2) as page:
            return bool(page.status == 200)
        return False

    def decides(self) -> bool:
        """Has the courier brought all that calls are decided by, and the decide server taken it over?"""
        with suppress(OSError):
            return self.ask(VOICE_NUMBER, GOLD).get("queue") == "vip"
        return False

    def has_everything(self) -> bool:
        """Has the courier put a live file in place? It does so when everything is in it."""
        with suppress(sqlite3.Error), closing(livefile.open_for_reading(self.live)) as live:
            return livefile.facts(live, f"phone:{GOLD}") is not None
        return False

    def ask(self, called: str, caller: str) -> dict[str, Any]:
        """The decision for a new call; nothing but the status while the key is not here yet."""
        body = {"call_id": f"call-{next(_calls)}", "to": called, "from": caller}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/decisions",
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as refused:
            return {"status": refused.code}
        return answer

    def unshipped(self) -> int:
        with suppress(sqlite3.Error), spool.courier_end(self.live / "spool.sqlite3") as rows:
            ((count,),) = rows.execute("SELECT COUNT(*) FROM spool WHERE shipped = 0").fetchall()
            return int(count)
        return -1

    def in_database(self) -> list[str]:
        """Decision ids in the database once everything has been shipped."""
        assert self.database
        wait_until(lambda: self.unshipped() == 0, 60)
        return self.database.decision_ids()

    def database_ids(self) -> list[str]:
        """Decision ids that are in the database now."""
        assert self.database
        return self.database.decision_ids()

    def start(
        self, command: list[str], environment: dict[str, str], handed: tuple[int, ...] = ()
    ) -> subprocess.Popen[bytes]:
        """Any process of this host, in a session of its own; it writes into our log."""
        here = {"DJANGO_SETTINGS_MODULE": "contactcenter.settings", "VAR_DIR": str(self.folder)}
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **here, "LIVE_DIR": str(self.live), **environment},
                stdout=log,
                stderr=log,
                pass_fds=handed,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def end(self) -> None:
        for process in self.processes:
            self.end_one(process)

    def end_one(self, process: subprocess.Popen[bytes]) -> None:
        """Killed, its children with it."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@dataclass
class Server:
    """A running gunicorn."""

    process: subprocess.Popen[bytes]

    @property
    def workers(self) -> list[int]:
        pid = self.process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def reload(self) -> None:
        """As a supervisor reloads it: new workers come, and the old ones end in order."""
        before = self.workers
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(self.workers) == len(before) and not set(self.workers) & set(before), 150)

    def stop(self) -> None:
        """As a supervisor ends it: in order, requests in hand are answered."""
        self.process.terminate()
        self.process.wait(60)

    @contextmanager
    def no_room_on_disk(self, allowed: int) -> Iterator[None]:
        """No file grows beyond `allowed` bytes any more, as on a full disk."""
        try:
            for pid in self.workers:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (allowed, resource.RLIM_INFINITY))
            yield
        finally:
            for pid in self.workers:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextmanager
def frozen(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """It stands still: connections stay open and say nothing."""
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


@contextmanager
def kept_running(centre: ContactCentre) -> Iterator[ContactCentre]:
    """Courier and decide server, with everything carried; nothing that they have said gives anybody away."""
    try:
        centre.start_courier()
        centre.start_decide()
        wait_until(centre.decides, 60)
        yield centre
    finally:
        centre.end()
    assert list(canary.leaks(centre.said, "log")) == []


def wait_until(happened: Callable[[], bool], seconds: float = 60.0) -> float:
    """Seconds that it took."""
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < seconds, "It did not happen in time."
        time.sleep(0.05)
    return time.monotonic() - began
