"""The systemd units: they are well-formed, start what there is, and a restart on a held socket refuses nobody."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests

from tests.routing import live_folder
from tests.routing.decide_server import ACCOUNT, GOLD, KEY
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
INSTALLED_AT = "/srv/contactcenter"
AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text().replace(f"{INSTALLED_AT}/.venv", sys.prefix).replace(INSTALLED_AT, str(ROOT))
        (tmp_path / unit.name).write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.stem)
def test_a_service_starts_a_command_that_the_operations_page_names(unit: Path) -> None:
    read = ConfigParser(interpolation=None, strict=False)
    read.read_string(unit.read_text())
    program, *arguments = read["Service"]["ExecStart"].removeprefix(f"{INSTALLED_AT}/.venv/bin/").split()
    assert (Path(sys.prefix) / "bin" / program).exists()
    named = [word.replace("%%", "%") for word in arguments if not word.startswith(("--pidfile", "/"))]
    assert f"{' '.join([program, *named])}".removeprefix("python ") in (ROOT / "docs/operations.md").read_text()


@contextmanager
def decide_server(held: socket.socket, environment: dict[str, str]) -> Iterator[None]:
    """gunicorn as systemd starts it: with the listening socket as its file 3."""
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn_decide.py"]
    command = [sys.executable, "-c", AS_SYSTEMD, str(held.fileno()), *gunicorn]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[held.fileno()])
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def test_a_restart_on_a_held_socket_lets_callers_wait_instead_of_refusing_them(tmp_path: Path) -> None:
    access = live_folder.account(ACCOUNT, "native", keys=[live_folder.api_key(KEY)])
    live_folder.build(tmp_path, live_folder.demo_document(), access=access)
    environment = os.environ | {"LIVE_DIR": str(tmp_path), "DECIDE_BIND": "fd://3"}
    with closing(socket.create_server(("127.0.0.1", free_port()), backlog=2048)) as held:
        port, done, answers = held.getsockname()[1], threading.Event(), list[str]()
        callers = [threading.Thread(target=ask_until, args=(done, port, answers, n), daemon=True) for n in range(4)]
        for caller in callers:
            caller.start()
        with decide_server(held, environment):
            wait_until(lambda: len(answers) > 50)
        before = len(answers)
        with decide_server(held, environment):
            wait_until(lambda: len(answers) > before + 50)
            done.set()
            for caller in callers:
                caller.join(60)
    assert set(answers) == {"200"}


def ask_until(done: threading.Event, port: int, answers: list[str], caller: int) -> None:
    """One question after the other, each on a connection of its own; what came of each."""
    number = 0
    while not done.is_set():
        number += 1
        question = {"call_id": f"{caller}-{number}", "to": live_folder.VOICE_NUMBER, "from": GOLD}
        headers = {"Authorization": f"Bearer {KEY}", "Connection": "close"}
        try:
            address = f"http://127.0.0.1:{port}/api/v1/decisions"
            answers.append(str(requests.post(address, json=question, headers=headers, timeout=30).status_code))
        except requests.RequestException as error:
            answers.append(type(error).__name__)


def wait_until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)
