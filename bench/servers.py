"""Servers under measurement: gunicorn with one worker of four threads, on a core of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services import free_port

SERVER_CORE, CLIENT_CORE = 0, 1
STARTED_WITHIN_S = 30.0
CONFIG = "deploy/gunicorn_decide.py"
THREADS = "4"


@dataclass(frozen=True)
class Server:
    """A running server and the customers it knows."""

    name: str
    port: int
    customers: int


@contextmanager
def serving(name: str, settings: str, customers: int, folder: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """A server of these settings, with its log in `folder`; ended in any case."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", CONFIG, "-e", f"DJANGO_SETTINGS_MODULE={settings}"]
    command += ["django.core.wsgi:get_wsgi_application()"]
    surroundings = {**os.environ, **environment, "DECIDE_BIND": f"127.0.0.1:{port}", "DECIDE_THREADS": THREADS}
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=surroundings, stdout=output, stderr=output, preexec_fn=lambda: pin(SERVER_CORE)
        )
    try:
        _wait(port, process, log)
        yield Server(name, port, customers)
    finally:
        process.terminate()
        process.wait()


def pin(core: int) -> None:
    """Keep this process on one core, where the system can and has that many."""
    if hasattr(os, "sched_setaffinity") and core < (os.cpu_count() or 1):
        os.sched_setaffinity(0, {core})


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{log.read_text()[-2000:]}")
