"""The processes of `make run`: their ports, their supervisor (honcho, demo/Procfile), and waiting for them."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

PORTS = {"PORTAL_PORT": "8000", "DECIDE_PORT": "8001", "DEMO_CRM_PORT": "8002"}
READY_WITHIN_S = 90.0


class CannotRun(Exception):
    """Said to the person in front of the screen, as it is."""


def refuse_taken_ports() -> None:
    """Say which variable to set rather than fail later in a log file."""
    for name, port in ((name, os.environ[name]) for name in PORTS):
        if not port.isdecimal() or not 0 < int(port) < 65_536:
            raise CannotRun(f"{name} is not a port number: {port}")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", int(port)))
            except OSError as error:
                raise CannotRun(f"Port {port} is taken. Choose another: make run {name}={int(port) + 100}") from error


@contextmanager
def supervised(log_file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """All processes of demo/Procfile, which write into `log_file`; none of them outlives the `with`."""
    log_file.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "demo.supervisor", "-e", os.devnull, "-f", "demo/Procfile", "start", "--no-colour"]
    with log_file.open("wb") as log:
        # A session of its own: Ctrl-C reaches us alone, and we end the others in order.
        processes = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        yield processes
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # impatience would leave processes behind
        processes.terminate()
        processes.wait()


def wait_for(processes: subprocess.Popen[bytes], what: str, done: Callable[[], bool]) -> None:
    """Wait until `done` says so, as long as all processes run and patience lasts."""
    deadline = time.monotonic() + READY_WITHIN_S
    while not done():
        if processes.poll() is not None:
            raise CannotRun(f"A process ended while waiting for {what}.")
        if time.monotonic() > deadline:
            raise CannotRun(f"Waited {READY_WITHIN_S:.0f} s for {what} in vain.")
        time.sleep(0.2)


def wait_for_servers(processes: subprocess.Popen[bytes]) -> None:
    """Wait until each server of ours answers HTTP."""
    pages = {"PORTAL_PORT": "admin/login/", "DECIDE_PORT": "livez", "DEMO_CRM_PORT": "health"}
    for url in (f"http://127.0.0.1:{os.environ[name]}/{page}" for name, page in pages.items()):
        wait_for(processes, url, partial(answers, url))


def answers(url: str) -> bool:
    """Does a page come back, with status 200?"""
    try:
        with urllib.request.urlopen(url, timeout=5) as page:  # noqa: S310 - our own address
            return bool(page.status == 200)
    except OSError:  # URLError is one
        return False


def last_words(log_file: Path) -> str:
    """The end of the log, up to the process that ended first, for whoever has to find out."""
    lines = log_file.read_text(errors="replace").splitlines() if log_file.exists() else []
    ended = next((place for place, line in enumerate(lines, 1) if "stopped (rc=" in line), len(lines))
    lines = lines[max(0, ended - 20) : ended]
    return "\n".join([f"The log, {log_file}, ends with:", *lines])
