"""The folder that the workers of one server count in: one for each server, gone with it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from routing import worker_metrics

SERVER = """
import os, sys
from pathlib import Path
from routing import worker_metrics
worker_metrics.IN_MEMORY = Path(sys.argv[1])
worker_metrics.take_folder()
worker_metrics.begin_anew()
print(os.environ[worker_metrics.FOLDER], flush=True)
sys.stdin.read()
worker_metrics.leave_folder()
"""


def start(parent: Path, **environment: str) -> tuple["subprocess.Popen[str]", Path]:
    """A process that takes a folder below `parent`, and goes when its input is closed."""
    inherited = {name: value for name, value in os.environ.items() if name != worker_metrics.FOLDER}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=inherited | environment,
    )
    assert process.stdout
    return process, Path(process.stdout.readline().strip())


def end(process: "subprocess.Popen[str]") -> None:
    process.communicate("", timeout=60)
    assert process.returncode == 0


def test_a_folder_of_its_own_goes_with_the_server(tmp_path: Path) -> None:
    process, folder = start(tmp_path)
    assert folder.parent == tmp_path
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    end(process)
    assert not folder.exists()


def test_what_a_killed_server_left_is_swept_up_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    running, in_use = start(tmp_path)
    killed, left = start(tmp_path)
    killed.kill()
    killed.communicate()
    long_ago = time.time() - 3600
    for folder in (in_use, left):
        os.utime(folder, (long_ago, long_ago))
    end(start(tmp_path)[0])
    assert in_use.exists()
    assert not left.exists()
    end(running)


@pytest.mark.parametrize(
    ("environment", "kept"),
    [
        pytest.param({}, False, id="a new server empties it"),
        pytest.param({"GUNICORN_PID": "1"}, True, id="one that takes over from a running one does not"),
    ],
)
def test_a_folder_that_the_operator_names_stays_and_is_emptied(
    tmp_path: Path, environment: dict[str, str], kept: bool
) -> None:
    named = tmp_path / "named"
    named.mkdir()
    (named / "counter_1.db").write_bytes(b"of an earlier run")
    process, folder = start(tmp_path, PROMETHEUS_MULTIPROC_DIR=str(named), **environment)
    assert folder == named
    assert (named / "counter_1.db").exists() is kept
    end(process)
    assert named.is_dir()
