"""What Celery does for pushes. A tick only wakes somebody up: the database says what waits."""

from celery import shared_task
from django.utils import timezone

from customers.push import applying, waiting

SWEEP_S = 20.0


@shared_task(ignore_result=True, acks_late=False)
def apply_events(seconds: float = SWEEP_S) -> None:
    """Read and apply what the CRMs have told us of."""
    applying.sweep(seconds)


@shared_task(ignore_result=True, acks_late=False)
def prune_events() -> None:
    """Forget what was done long ago."""
    waiting.prune(timezone.now())
