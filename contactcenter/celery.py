"""The Celery application: workers and beat of the control plane."""

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init

from contactcenter import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")

broker.use()
app = Celery("contactcenter")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Having a receiver keeps Celery from replacing the logging that Django has set up."""


@worker_process_init.connect
def finish_the_task_in_hand(**_: Any) -> None:
    """SIGTERM often reaches the whole process group; only the worker itself shall act on it, and let tasks end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
