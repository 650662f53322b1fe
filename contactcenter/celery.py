"""The Celery application: workers and beat of the control plane."""

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init
from kombu import Exchange, Queue

from contactcenter import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
# A worker would load every page of the portal to run the system checks, and then not look at what they found.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

broker.use()
app = Celery("contactcenter")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# What works in steps of up to a minute has a queue of its own. A worker takes from both unless it is told to take
# from URGENT alone: beside such a one no message, push or notification waits for a step to end.
URGENT, STEPS = "celery", "steps"
app.conf.task_queues = [Queue(name, Exchange(name), routing_key=name) for name in (URGENT, STEPS)]
app.conf.task_routes = {
    task: {"queue": STEPS}
    for task in (
        "customers.tasks.sync_step",
        "contactcenter.tasks.go_on_erasing",
        "contactcenter.tasks.forget_what_is_old",
        "contactcenter.tables.tasks.import_step",
        "contactcenter.tables.tasks.export_step",
    )
}


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Having a receiver keeps Celery from replacing the logging that Django has set up."""


@worker_process_init.connect
def finish_the_task_in_hand(**_: Any) -> None:
    """SIGTERM often reaches the whole process group; only the worker itself shall act on it, and let tasks end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
