"""`make run` from nothing: one command, one line to paste, an answer; and nothing left behind."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.processes import PORTS
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 240
ENDED_WITHIN_S = 60


@pytest.fixture
def own_environment(tmp_path: Path) -> dict[str, str]:
    """What a newcomer's shell has, with ports and a folder that nobody else uses."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PIP_CERT") if name in os.environ}
    return inherited | {name: str(free_port()) for name in PORTS} | {"VAR_DIR": str(tmp_path / "var")}


@contextmanager
def make_run(environment: dict[str, str], output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`make run` as a process; killed with all of its children if the test gives up on it."""
    with output.open("wb") as said:
        process = subprocess.Popen(["make", "run"], cwd=ROOT, env=environment, stdout=said, stderr=said)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(ENDED_WITHIN_S)
        for pid in left_over(environment):
            os.kill(pid, signal.SIGKILL)


def left_over(environment: dict[str, str]) -> list[int]:
    """Processes that still live with this run's folder in their environment (read from /proc: Linux only)."""
    mark = f"VAR_DIR={environment['VAR_DIR']}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z" and mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue  # it ended while we looked
    return found


def the_line_to_paste(process: subprocess.Popen[bytes], output: Path) -> str:
    """Wait for the line that begins with curl; what was said instead is the failure."""
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        lines = [line for line in output.read_text().splitlines() if line.startswith("curl ")]
        if lines and "Ctrl-C" in output.read_text():
            assert len(lines) == 1
            return lines[0]
        time.sleep(0.2)
    pytest.fail(f"make run did not become ready:\n{output.read_text()}")


def paste(line: str) -> dict[str, object]:
    """What the line says when it is pasted into a shell, with its HTTP status."""
    answer = subprocess.run(
        ["bash", "-c", f"{line} -w '\\n%{{http_code}}'"], capture_output=True, text=True, timeout=20, check=True
    )
    body, _, status = answer.stdout.rpartition("\n")
    assert status == "200", body
    return dict(json.loads(body))


@pytest.mark.long
@pytest.mark.timeout(2 * (READY_WITHIN_S + ENDED_WITHIN_S))
def test_a_second_run_is_quick_and_keeps_the_data(own_environment: dict[str, str], tmp_path: Path) -> None:
    said = []
    for number in (1, 2):
        output = tmp_path / f"said-{number}"
        started = time.monotonic()
        with make_run(own_environment, output) as process:
            line = the_line_to_paste(process, output)
            seconds = time.monotonic() - started
            said.append((line, paste(line)["release"]))
    assert said[0] == said[1]
    assert seconds < 60  # a few seconds on an idle machine


def test_a_taken_port_is_named_with_the_variable_to_set(own_environment: dict[str, str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with make_run(own_environment | {"DECIDE_PORT": str(port)}, tmp_path / "said") as process:
            assert process.wait(60) != 0
    assert f"Port {port} is taken. Choose another: make run DECIDE_PORT=" in (tmp_path / "said").read_text()
    assert not Path(own_environment["VAR_DIR"]).exists()
