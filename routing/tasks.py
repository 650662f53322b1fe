"""What Celery does for messages, notifications and planned releases.

A tick only wakes somebody up: the database says what waits.
"""

from celery import shared_task

from routing import planning
from routing.messaging import deciding, notifying, outbox

SWEEP_S = 20.0
NOTIFY_S = 5.0
"""Shorter: a burst of notifications must not keep customers' messages waiting for a worker."""


@shared_task(ignore_result=True, acks_late=False)
def decide_messages(seconds: float = SWEEP_S) -> None:
    """Decide the messages that wait; a worker that is killed leaves the rest to the next tick."""
    deciding.sweep(seconds)


@shared_task(ignore_result=True, acks_late=False)
def deliver(seconds: float = SWEEP_S) -> None:
    """Tell the help desks what they are still to be told."""
    outbox.sweep(seconds)


@shared_task(ignore_result=True, acks_late=False)
def notify(seconds: float = NOTIFY_S) -> None:
    """Tell third parties what branches let them know."""
    notifying.sweep(seconds)


@shared_task(ignore_result=True, acks_late=False)
def carry_out_plans() -> None:
    """Publish what was planned for now, and take back what ends now."""
    planning.carry_out()
