"""What Celery does for tiers."""

from celery import shared_task
from django.utils import timezone

from customers.tiering import overrides


@shared_task(ignore_result=True)
def record_overrides() -> None:
    """Write down which overrides have begun or ended. Calls follow the dates themselves, with or without it."""
    overrides.record(timezone.now())
