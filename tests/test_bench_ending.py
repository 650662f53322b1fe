"""A part of the bench that has measured is left to end by itself."""

import atexit
import os
import signal
import time

import pytest

from bench import apart


def _measured() -> str:
    signal.signal(signal.SIGTERM, lambda *_: os.write(2, b"interrupted") and None)
    atexit.register(time.sleep, 0.5)
    return "measured"


def test_a_part_that_takes_its_time_to_end_is_not_interrupted(capfd: pytest.CaptureFixture[str]) -> None:
    assert apart.run(_measured) == "measured"
    assert capfd.readouterr().err == ""
