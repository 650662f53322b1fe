"""How long a call may ring before the next target is tried: never so short that a waiting caller is thrown out. Pure.

A phone system that answers at once lets callers wait behind its music, so ringing means that something is wrong.
One that answers only when an agent does rings for as long as callers wait.
"""

from typing import Final

USUAL_PROMISE_S: Final = 900
"""Where a queue has no longest promised wait: 15 minutes."""

MARGIN_S: Final = 30
"""Beyond the promise: the last caller in time must not be cut off by a clock that runs a little ahead."""


def needed_s(promised_wait_s: int | None) -> int:
    """Seconds a call must be able to ring where only an agent answers."""
    return (promised_wait_s or USUAL_PROMISE_S) + MARGIN_S


def ring_s(*, answers_at_once: bool, queue_s: int | None, system_s: int, promised_wait_s: int | None) -> int:
    """Seconds to ring: the queue's own setting, else the system's where it answers at once, else what waiting needs."""
    return queue_s or (system_s if answers_at_once else needed_s(promised_wait_s))
