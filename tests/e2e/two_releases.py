"""The former release and this one on the same host: one folder, one socket, one database.

`former_release.tar.xz` is the former code as it was, run with the packages of today. After each release it is
made anew, so that it always is the one that is in use while this one is being put in its place:

    git archive --format=tar <tag> contactcenter customers queues routing manage.py templates \
        deploy/gunicorn_decide.py deploy/gunicorn_portal.py demo/__init__.py demo/seed.py \
        | xz -9e > tests/e2e/former_release.tar.xz
"""

import os
import signal
import socket
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.contact_centre import Server, wait_until
from tests.routing.decide_server import KEY
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN_S = 60.0
PATIENCE_S = 400
ARCHIVE = Path(__file__).with_name("former_release.tar.xz")


@dataclass
class Host:
    """What both releases share, and everything that runs."""

    folder: Path
    listener: socket.socket
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def decide_port(self) -> int:
        port: int = self.listener.getsockname()[1]
        return port

    @property
    def spool(self) -> Path:
        return self.folder / "live" / "spool.sqlite3"


@dataclass(frozen=True)
class Installed:
    """One release of the code on the host."""

    code: Path
    host: Host

    def manage(self, *words: str) -> str:
        """Run one command of this release to its end; what it printed."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=self.code, env=self.host.environment, capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def courier(self) -> subprocess.Popen[bytes]:
        return self._start("manage.py", "courier")

    def decide_server(self) -> Server:
        """A decide server on the socket that the host holds, beside whoever answers there already."""
        bind = f"fd://{self.host.listener.fileno()}"
        server = Server(
            self._start("-m", "gunicorn", "--config", "deploy/gunicorn_decide.py", "--bind", bind, "--threads", "8")
        )
        wait_until(lambda: len(server.workers) == 1, START_WITHIN_S)
        return server

    def portal(self, port: int) -> subprocess.Popen[bytes]:
        bind = f"127.0.0.1:{port}"
        process = self._start("-m", "gunicorn", "--config", "deploy/gunicorn_portal.py", "--bind", bind)
        wait_until(lambda: is_ready(port), START_WITHIN_S)
        return process

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        listener = self.host.listener.fileno()
        with (self.host.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *words],
                cwd=self.code,
                env=self.host.environment,
                stdout=log,
                stderr=log,
                pass_fds=(listener,),
                start_new_session=True,
            )
        self.host.processes.append(process)
        return process


@contextmanager
def host(folder: Path, database_url: str) -> Iterator[Host]:
    """An empty host; whatever was started on it ends with it."""
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "contactcenter.settings",
        "VAR_DIR": str(folder),
        "LIVE_DIR": str(folder / "live"),
        "PORTAL_WORKERS": "1",
        "DEMO_ADMIN_PASSWORD": "correct horse",
        "DEMO_API_KEY": KEY,
        "DEMO_CRM_TOKEN": "token",
        "DEMO_TWILIO_SECRET": "secret",
    }
    with socket.create_server(("127.0.0.1", free_port()), backlog=1024) as listener:
        made = Host(folder, listener, environment)
        try:
            yield made
        finally:
            for process in made.processes:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def unpack_former_release(folder: Path) -> Path:
    """The former code in a folder of its own."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


def end(process: subprocess.Popen[bytes]) -> None:
    """As a supervisor ends it."""
    process.terminate()
    process.wait(20)


def is_ready(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as page:
        return bool(page.status == 200)
    return False
