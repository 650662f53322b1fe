"""Celery: its broker, how tasks run, and when each of them does."""

from pathlib import Path
from typing import Any

from celery.schedules import crontab

from contactcenter.environment import VAR_DIR, env

# Broker: Redis by REDIS_URL in production, files under var/ where nothing is installed.
REDIS_URL: str = env.str("REDIS_URL", default="")
EMBEDDED_BROKER = not REDIS_URL
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost//"
BROKER_DIR = Path(env.str("BROKER_DIR", default=str(VAR_DIR / "broker")))
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
        "polling_interval": 0.2,
    }
    if EMBEDDED_BROKER
    else {
        "visibility_timeout": 1800,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
    }
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 120
CELERY_TASK_TIME_LIMIT = 180
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_IMPORTS = ["customers.push.tasks", "customers.alerts.tasks", "customers.tiering.tasks", "routing.reports.tasks"]
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # A tick that nobody has taken when the next one comes is worth nothing.
    "Messages: decide what waits": {
        "task": "routing.tasks.decide_messages",
        "schedule": 2.0,
        "options": {"expire_seconds": 2},
    },
    "Messages: tell the help desks": {
        "task": "routing.tasks.deliver",
        "schedule": 2.0,
        "options": {"expire_seconds": 2},
    },
    "Privacy: go on erasing": {
        "task": "contactcenter.tasks.go_on_erasing",
        "schedule": 60.0,
        "options": {"expire_seconds": 60},
    },
    "Privacy: forget what is old": {
        "task": "contactcenter.tasks.forget_what_is_old",
        "schedule": crontab(hour="1", minute="40"),
        "options": {"expire_seconds": 3600},
    },
    "Tables: wake imports and exports, forget their files": {
        "task": "contactcenter.tables.tasks.look_after",
        "schedule": 10.0,
        "options": {"expire_seconds": 10},
    },
    "Calendars: renew public holidays": {
        "task": "queues.tasks.renew_public_holidays",
        "schedule": crontab(hour="1", minute="20"),
        "options": {"expire_seconds": 3600},
    },
    "Notifications: tell third parties": {
        "task": "routing.tasks.notify",
        "schedule": 2.0,
        "options": {"expire_seconds": 2},
    },
    "CRM push: read what the CRMs told us of": {
        "task": "customers.push.tasks.apply_events",
        "schedule": 1.0,
        "options": {"expire_seconds": 1},
    },
    "CRM push: forget what is done": {
        "task": "customers.push.tasks.prune_events",
        "schedule": 3600.0,
        "options": {"expire_seconds": 3600},
    },
    "Alerts: look, and tell": {
        "task": "customers.alerts.tasks.look",
        "schedule": 30.0,
        "options": {"expire_seconds": 30},
    },
    "Releases: publish what is planned": {
        "task": "routing.tasks.carry_out_plans",
        "schedule": 5.0,
        "options": {"expire_seconds": 5},
    },
    "Reports: count the contacts": {
        "task": "routing.reports.tasks.count_contacts",
        "schedule": 600.0,
        "options": {"expire_seconds": 600},
    },
    "Reports: send the monthly summary": {
        "task": "routing.reports.tasks.send_summaries",
        "schedule": crontab(minute="25"),
        "options": {"expire_seconds": 3000},
    },
    "Tiers: note the overrides that begin and end": {
        "task": "customers.tiering.tasks.record_overrides",
        "schedule": 60.0,
        "options": {"expire_seconds": 60},
    },
}
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
