"""What Celery does over all apps: people are forgotten, at once when they ask and by age each night."""

from time import monotonic

from celery import shared_task
from kombu.exceptions import OperationalError

from contactcenter.foundation.logs import logger
from contactcenter.privacy import erasing, retention

log = logger(__name__)

STEP_S = 50.0
"""What one task works before it makes room for others; well below Celery's soft limit."""


@shared_task(ignore_result=True)
def go_on_erasing() -> None:
    """Go through what was decided of those whose erasure has begun."""
    if not erasing.work_on_all(monotonic() + STEP_S):
        go_on_erasing.delay()


@shared_task(ignore_result=True)
def forget_what_is_old() -> None:
    """The nightly round: what hosts brought late of erased people, then whatever has become old."""
    deadline = monotonic() + STEP_S
    is_all = erasing.work_on_all(deadline, also_finished=True)
    if not (retention.forget(deadline) and is_all):
        forget_what_is_old.delay()


def wake() -> None:
    """Have a worker go on at once; a lost message is made good within a minute."""
    try:
        go_on_erasing.apply_async(retry=False)
    except (OperationalError, OSError):
        log.warning("erasing_wake_up_not_sent")
