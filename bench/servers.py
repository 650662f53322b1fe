"""Servers under measurement: gunicorn with four threads a worker; usually one worker, on a core of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.asking import NATIVE, Manner
from bench.live_folders import emptied
from tests.services import free_port

SERVER_CORE, CLIENT_CORE = 0, 1
STARTED_WITHIN_S = 30.0
CONFIG = "deploy/gunicorn_decide.py"
THREADS = "4"
DJANGO = "django.core.wsgi:get_wsgi_application()"


@dataclass(frozen=True)
class Kind:
    """What is started: its settings and surroundings, how many customers it knows, and how it is asked."""

    name: str
    settings: str
    customers: int
    environment: Mapping[str, str] = field(default_factory=dict)
    application: str = DJANGO
    manner: Manner = NATIVE
    workers: int = 1


@dataclass(frozen=True)
class Server:
    """A running server."""

    kind: Kind
    port: int

    @property
    def name(self) -> str:
        return self.kind.name


@contextmanager
def serving(kind: Kind, folder: Path) -> Iterator[Server]:
    """A server of this kind, with its log in `folder`; ended in any case."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", CONFIG, "-e", f"DJANGO_SETTINGS_MODULE={kind.settings}"]
    ours = {"DECIDE_BIND": f"127.0.0.1:{port}", "DECIDE_THREADS": THREADS, "DECIDE_WORKERS": str(kind.workers)}
    if kind.workers > 1:
        ours["PROMETHEUS_MULTIPROC_DIR"] = str(emptied(folder / f"{kind.name}-metrics"))
    log = folder / f"{kind.name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, kind.application],
            env={**os.environ, **kind.environment, **ours},
            stdout=output,
            stderr=output,
            preexec_fn=None if kind.workers > 1 else lambda: pin(SERVER_CORE),
        )
    try:
        _wait(port, process, log)
        yield Server(kind, port)
    finally:
        process.terminate()
        process.wait()


def pin(core: int) -> None:
    """Keep this process on one core, where the system can and has that many."""
    if hasattr(os, "sched_setaffinity") and core < (os.cpu_count() or 1):
        os.sched_setaffinity(0, {core})


@contextmanager
def pinned_client() -> Iterator[None]:
    """Our own process on the client's core meanwhile. Only after the servers have started: they would inherit it."""
    free = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    pin(CLIENT_CORE)
    try:
        yield
    finally:
        if free:
            os.sched_setaffinity(0, free)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{log.read_text()[-2000:]}")
