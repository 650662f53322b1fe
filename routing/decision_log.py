"""One line a decision in the log: which, where to, why, how fast. No address of anybody, and no call id.

The line is finished JSON, written at once: going through the handlers of `logging` takes more than twice as long.
"""

import logging
import os
from contextlib import suppress
from datetime import UTC, datetime

import orjson

from routing.answers import Answer

NAME = "routing.decided"
STANDARD_ERROR = 2
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE

log = logging.getLogger(NAME)
"""Says whether lines are wanted, as for every other logger; a decision's is of level info."""


def log_decision(answer: Answer, seconds: float) -> None:
    """Say that `answer` was given, in the form of all other lines."""
    if not log.isEnabledFor(logging.INFO):
        return
    line = {
        "decision_id": answer["decision_id"],
        "queue": answer.get("queue", ""),
        "reason": answer["reason"],
        "ms": round(seconds * 1000, 3),
        "event": "decided",
        "logger": NAME,
        "level": "info",
        "timestamp": datetime.now(UTC),
    }
    with suppress(OSError):  # a log that cannot be written must not cost the caller his answer
        os.write(STANDARD_ERROR, orjson.dumps(line, option=_OPTIONS))
