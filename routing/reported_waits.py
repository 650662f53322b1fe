"""What phone systems report of waits, handed on to those who judge estimates by it."""

from collections.abc import Iterable

from queues import estimates
from routing.models import ContactEvent

LONGEST_S = 86_400


def note(events: Iterable[ContactEvent]) -> None:
    """Take the waits out of `events`: somebody was answered in a queue, and it says after how many seconds."""
    estimates.note(
        estimates.Wait(event.queue, event.happened_at, seconds)
        for event in events
        if event.kind == "agent_answered" and event.queue
        if (seconds := _wait_s(event.document.get("seconds"))) is not None
    )


def _wait_s(told: object) -> float | None:
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told <= LONGEST_S:
        return None
    return float(told)
