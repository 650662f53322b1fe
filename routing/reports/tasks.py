"""What Celery does for the reports: counting what has come, and the summary on the first of the month."""

from time import monotonic

from celery import shared_task
from django.utils import timezone

from routing.reports import counting, folding, summaries

STEP_S = 50.0
"""What one task works before it makes room for others; well below Celery's soft limit."""


@shared_task(ignore_result=True)
def count_contacts() -> None:
    """Count what has arrived, and go on until all of it is."""
    until = monotonic() + STEP_S
    if not (counting.count_new(until) and folding.fold(until)):
        count_contacts.delay()


@shared_task(ignore_result=True, acks_late=False)
def send_summaries() -> None:
    """Send the summaries of last month that are due; called every hour, it does so once for each address."""
    summaries.send_due(timezone.now())
