"""When the scheduler is silent nobody is woken up to say so: then a worker looks by itself."""

from threading import Thread
from time import sleep
from typing import Any

from celery.signals import worker_ready
from django.db import DatabaseError, connection
from django.utils import timezone

from contactcenter.foundation.logs import logger
from customers.alerts import notices, rounds
from customers.alerts.conditions import SILENT
from customers.models import Heartbeat

EVERY_S = 60.0

log = logger(__name__)


@worker_ready.connect
def start(**_: Any) -> None:
    """Watch the scheduler from the worker's own process, which runs no tasks."""
    Thread(target=_watch, name="beat-watch", daemon=True).start()


def _watch() -> None:
    while True:
        sleep(EVERY_S)
        try:
            look_if_silent()
        except DatabaseError:
            log.warning("beat_watch_without_database")
        finally:
            connection.close()  # this thread's own; and a child that is forked now must not inherit it


def look_if_silent() -> bool:
    """Look and tell in the scheduler's place; whether that was needed."""
    now = timezone.now()
    silent = Heartbeat.objects.filter(pk=Heartbeat.BEAT, seen_at__lt=now - SILENT).exists()
    if silent:
        rounds.look(now)
        notices.send_waiting()
    return silent
