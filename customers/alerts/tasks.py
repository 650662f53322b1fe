"""What Celery does for alerts."""

from celery import shared_task
from django.utils import timezone

from customers.alerts import notices, rounds, watch

__all__ = ["look", "watch"]


@shared_task(ignore_result=True, acks_late=False)
def look() -> None:
    """Look what is wrong, and tell whoever wants to know. Being called at all is the scheduler's sign of life."""
    now = timezone.now()
    rounds.beat(now)
    rounds.look(now)
    notices.send_waiting()
