"""The watch over the suite's logs does bark: each way of giving a number away fails the test that went it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLANTED = """
import logging, logging.config, subprocess, sys
from contactcenter.foundation.logs import logger, logging_config

logging.config.dictConfig(logging_config("INFO"))

def test_that_is_clean():
    logger("ours").info("asked", caller="+390255501001", calls=["+390255501001"])
    logging.getLogger("theirs").warning("calling %s", "+390255501001")

def test_that_logs_a_number_without_its_plus():
    logger("ours.leaky").info("asked", caller="390255501001")

def test_that_logs_a_number_as_a_number():
    logger("ours.counting").info("asked", caller=390255501001)

def test_that_logs_through_somebody_elses_logger():
    logging.getLogger("theirs.leaky").warning("calling %s", "extension 1001 as 390255501001")

def test_that_logs_a_key():
    logger("ours.opening").info("opened", key="cc_" + "x" * 43)

def test_that_logs_a_secret_in_an_exception():
    try:
        raise ValueError("the-crm-token")
    except ValueError:
        logger("ours.failing").exception("failed")

def test_whose_process_writes_to_standard_error():
    subprocess.run([sys.executable, "-c", "import sys; print('calling +390255501001', file=sys.stderr)"])

def test_whose_process_writes_to_a_file(tmp_path):
    (tmp_path / "log").write_text('{"event": "asked", "logger": "ours.elsewhere", "caller": "+390255501001"}')

def test_that_is_clean_too():
    logger("ours").info("asked")
"""
TESTS = 9
"""Each planted test passes by itself; what it gave away is an error beside."""

TOLD = (
    "ours.leaky: asked",
    "ours.counting: asked",
    "theirs.leaky: calling extension 1001 as [...]",
    "ours.opening: opened",
    "ours.failing: failed",
    "standard error: calling [...]",
    "ours.elsewhere: asked",
)


def test_a_planted_number_or_secret_fails_the_run_and_is_told_without_itself(tmp_path: Path) -> None:
    (tmp_path / "test_planted.py").write_text(PLANTED)
    options = ["-p", "tests.canary", "-p", "no:django", "-p", "no:cacheprovider", "-q", "--tb=line", "-r", "E"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"--rootdir={tmp_path}", *options, "test_planted.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert f"{TESTS} passed, {len(TOLD)} errors" in done.stdout
    assert [each for each in TOLD if each not in done.stdout.splitlines()] == []
