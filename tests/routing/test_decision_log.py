"""The log says of each decision which, where to and why, and nothing of the people in it."""

import json
import logging

import pytest

from routing.decision_log import log, log_decision
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, DecideServer


def test_a_decision_is_one_line_without_an_address(
    decide_server: DecideServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO, log.name)
    answer = decide_server.ask(GOLD, call_id="call-with-a-name")
    lines = [line for line in capfd.readouterr().err.splitlines() if answer["decision_id"] in line]
    assert len(lines) == 1
    said = json.loads(lines[0])
    assert (said["queue"], said["reason"], said["level"]) == ("vip", "branch", "info")
    assert not any(word in lines[0] for word in (GOLD[1:], live_folder.VOICE_NUMBER[1:], "call-with-a-name"))


def test_no_line_is_written_below_the_level_that_is_wanted(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.WARNING, log.name)
    log_decision({"decision_id": "d", "reason": "branch"}, 0.001)
    assert capfd.readouterr().err == ""
