"""What holds under every fault, and the line of figures that docs/reliability.md shows."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from tests.faults.callers import Callers
from tests.faults.contact_centre import ContactCentre

MOST_WITHIN_S = 1.5
"""What is promised. A machine that stands still for a moment holds up all calls of that moment, but not most."""

NONE_HANGS_S = 10.0
"""Who waits for the fault itself waits longer, or until it ends: tests count what is answered meanwhile."""

HELD_UP_S = 30.0
"""Callers wait in the socket for as long as Python takes to start."""

LEAST_CALLS = 10
"""Below that a test has shown nothing; on a busy machine callers ask slowly."""


def told(
    fault: str,
    callers: Callers,
    *,
    lost: int = 0,
    unsaved: int = 0,
    most_within_s: float = MOST_WITHIN_S,
    none_hangs_s: float = NONE_HANGS_S,
) -> None:
    """Every call was answered with somebody to dial, in time, and a repetition got the same decision.

    `lost`: how many may get no answer at most. `unsaved`: answers that never reached the database.
    FAULT_FIGURES names a file that gets the figures, a line a fault.
    """
    figures: dict[str, Any] = {
        "fault": fault,
        "calls": len(callers.calls),
        "lost": len(callers.lost),
        "unsaved": unsaved,
        "doubled": len(callers.answered_in_two_ways),
        "slowest_ms": round(callers.slowest * 1000),
    }
    figure(**figures)
    assert len(callers.calls) > LEAST_CALLS, figures
    assert len(callers.lost) <= lost, (figures, callers.lost[:5])
    assert callers.answered_in_two_ways == [], figures
    assert callers.median < most_within_s, figures
    assert callers.slowest < none_hangs_s, figures


def figure(**figures: Any) -> None:
    """A line for the file that FAULT_FIGURES names."""
    if path := os.environ.get("FAULT_FIGURES"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(figures) + "\n")


def all_in_database_once(centre: ContactCentre, callers: Callers) -> None:
    """What was answered is in the database, and each decision once."""
    stored = Counter(centre.in_database())
    assert set(callers.decisions) - set(stored) == set()
    assert [identifier for identifier, times in stored.items() if times > 1] == []
