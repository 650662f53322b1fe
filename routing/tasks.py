"""What Celery does for messages. A tick only wakes somebody up: the database says what waits."""

from celery import shared_task

from routing.messaging import deciding, outbox

SWEEP_S = 20.0


@shared_task(ignore_result=True, acks_late=False)
def decide_messages(seconds: float = SWEEP_S) -> None:
    """Decide the messages that wait; a worker that is killed leaves the rest to the next tick."""
    deciding.sweep(seconds)


@shared_task(ignore_result=True, acks_late=False)
def deliver(seconds: float = SWEEP_S) -> None:
    """Tell the help desks what they are still to be told."""
    outbox.sweep(seconds)
