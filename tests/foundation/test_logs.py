"""No phone number leaves through a log."""

import json
import logging
import logging.config
from io import StringIO
from pathlib import Path

import pytest

from contactcenter.foundation.logs import logger, logging_config, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("+390255501001", "+39******01", id="E.164"),
        pytest.param("?phone=%2B390255501001&x=1", "?phone=%2B39******01&x=1", id="in an address"),
        pytest.param("00390255501001", "0039******01", id="with two zeros"),
        pytest.param("sip:+390255501001@pbx.example.net", "sip:+39******01@pbx.example.net", id="in a SIP address"),
        pytest.param("2026-11-22T08:00:00", "2026-11-22T08:00:00", id="a time stays"),
        pytest.param("call 4711", "call 4711", id="a short number stays"),
    ],
)
def test_a_number_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_lines_are_json_and_masked_whoever_writes_them() -> None:
    config = logging_config("INFO")
    said = StringIO()
    config["handlers"]["stderr"]["stream"] = said
    before = logging.getLogger().handlers[:]
    logging.config.dictConfig(config)
    try:
        logger("ours").info("asked", caller="+390255501001")
        logger("ours").info("deep", calls=[{"+390255501001": ("+390255501001", Path("+390255501001"), 7, None)}])
        logging.getLogger("theirs").warning("calling %s", "+390255501001")
        try:
            raise ValueError("+390255501001")
        except ValueError:
            logger("ours").exception("failed")
    finally:
        logging.getLogger().handlers[:] = before
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["asked", "deep", "calling +39******01", "failed"]
    assert lines[1]["calls"] == [{"+39******01": ["+39******01", "PosixPath('+39******01')", 7, None]}]
    assert "390255501001" not in said.getvalue()
