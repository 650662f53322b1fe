"""HAProxy as it is shipped, and two decide servers behind it that read one live folder."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from routing import fallback
from routing.release import compile_release
from tests.faults.contact_centre import wait_until
from tests.routing import live_folder
from tests.routing.decide_server import GOLD
from tests.services import find_program, free_port

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class TwoHosts:
    """The proxy's port, and the servers behind it with theirs."""

    port: int
    behind: list[int]
    servers: list[subprocess.Popen[bytes]]


@contextmanager
def two_hosts(folder: Path, document: live_folder.Document, access: live_folder.Documents) -> Iterator[TwoHosts]:
    """They decide by `document` and know the gold caller; everything lies in `folder`."""
    facts = {f"phone:{GOLD}": live_folder.person(1, tier="gold")}
    live_folder.build(folder / "live", document, access=access, facts=facts)
    fallback.write(fallback.fallback(compile_release(document, 1)), folder / "fallback")
    front, *behind = (free_port() for _ in range(3))
    binds = [f"127.0.0.1:{port}" for port in behind]
    environment = os.environ | {
        "LIVE_DIR": str(folder / "live"),
        "FALLBACK_DIR": str(folder / "fallback"),
        "FRONT_BIND": f"127.0.0.1:{front}",
        "DECIDE_1": binds[0],
        "DECIDE_2": binds[1],
    }
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn_decide.py"]
    haproxy = [find_program("haproxy") or "haproxy", "-f", "deploy/haproxy.cfg"]
    with ExitStack() as running:
        servers = [
            running.enter_context(process(folder, gunicorn, environment | {"DECIDE_BIND": bind})) for bind in binds
        ]
        wait_until(lambda: all(answers(port, "/readyz") for port in behind), 60)
        running.enter_context(process(folder, haproxy, environment))
        wait_until(lambda: answers(front, "/api/v1/none"), 60)
        yield TwoHosts(front, behind, servers)


@contextmanager
def process(folder: Path, command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A program with whatever it starts, while the block runs; what it says is in `folder`/log."""
    with (folder / "log").open("ab") as log:
        running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield running
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def answers(port: int, path: str) -> bool:
    """Whether somebody answers there, whatever he says."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
