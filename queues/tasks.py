"""What the queues do at night."""

from celery import shared_task
from django.utils import timezone

from queues import public_holidays
from queues.models import Calendar


@shared_task
def renew_public_holidays() -> None:
    """Bring the holidays of the year that has come near, and what the package knows better since."""
    for calendar in Calendar.objects.exclude(country=""):
        public_holidays.refresh(calendar, timezone.localdate())
