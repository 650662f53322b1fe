"""The systemd units: they are well-formed, start what there is, and a restart on a held socket refuses nobody."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.faults.callers import Callers
from tests.faults.contact_centre import DECIDE, ContactCentre, Server
from tests.faults.outcome import HELD_UP_S, told

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


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ContactCentre]:
    """A decide host without a courier."""
    centre = ContactCentre(tmp_path)
    centre.build_live_folder()
    yield centre
    centre.end()


def start_as_systemd_does(host: ContactCentre, held: socket.socket) -> Server:
    """gunicorn with the listening socket as its file 3."""
    command = [sys.executable, "-c", AS_SYSTEMD, str(held.fileno()), *DECIDE]
    return Server(host.start(command, {"DECIDE_BIND": "fd://3"}, handed=(held.fileno(),)))


def test_a_restart_on_a_held_socket_lets_callers_wait_instead_of_refusing_them(host: ContactCentre) -> None:
    with (
        socket.create_server(("127.0.0.1", host.port), backlog=2048) as held,
        Callers(host.port, keep_alive=False) as callers,
    ):
        server = start_as_systemd_does(host, held)
        callers.go_on()
        server.stop()
        start_as_systemd_does(host, held)
        callers.go_on()
    told("decide server restarted, socket held", callers, none_hangs_s=HELD_UP_S)
