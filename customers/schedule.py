"""When Celery beat wakes us up. Written by `.save()`: beat does not notice `update()`."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from customers.models import CrmConnection, SyncRun

DISPATCH_EVERY_S = 10

LOST_AFTER = timedelta(minutes=5)
"""A nightly start that beat has sent, and of which no run has come for so long, was lost with the broker."""


def apply(connection: CrmConnection) -> None:
    """Give the connection its nightly start, in its own time zone; a disabled one keeps it, switched off.

    Where there is a connection there is also the dispatcher: without it a lost message would stop a sync for good.
    """
    ensure_dispatcher()
    crontab, _ = CrontabSchedule.objects.get_or_create(
        minute=str(connection.nightly_at.minute),
        hour=str(connection.nightly_at.hour),
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
        timezone=connection.time_zone,
    )
    PeriodicTask.objects.update_or_create(
        name=_name(connection.pk),
        defaults={
            "task": "customers.tasks.nightly_sync",
            "args": json.dumps([connection.pk]),
            "crontab": crontab,
            "enabled": connection.is_enabled,
        },
    )


def remove(connection_id: int) -> None:
    """Forget the nightly start of a connection that is gone."""
    PeriodicTask.objects.filter(name=_name(connection_id)).delete()


def ensure_dispatcher() -> None:
    """Have runs found whose pause is over, or that lost their worker or message."""
    interval, _ = IntervalSchedule.objects.get_or_create(every=DISPATCH_EVERY_S, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.update_or_create(
        name="CRM sync: wake what is due",
        defaults={
            "task": "customers.tasks.dispatch_due",
            "interval": interval,
            # Without a worker these would pile up; the newest one does for all.
            "expire_seconds": DISPATCH_EVERY_S,
            "enabled": True,
        },
    )


def slot(connection: CrmConnection, now: datetime) -> str:
    """Which night `now` belongs to: the last nightly start before it, by the clock on the wall.

    An hour that the clock repeats in autumn is one night, not two.
    """
    here = now.astimezone(ZoneInfo(connection.time_zone))
    day = here.date() if here.time() >= connection.nightly_at else here.date() - timedelta(days=1)
    return f"{day.isoformat()} {connection.nightly_at:%H:%M}"


def missed(now: datetime) -> Iterator[CrmConnection]:
    """The connections whose nightly start was sent, but has led to no run."""
    enabled = {_name(connection.pk): connection for connection in CrmConnection.objects.filter(is_enabled=True)}
    sent = PeriodicTask.objects.filter(name__in=enabled, last_run_at__lte=now - LOST_AFTER)
    for name, sent_at in sent.values_list("name", "last_run_at"):
        connection = enabled[name]
        night = slot(connection, now)
        is_of_this_night = slot(connection, sent_at) == night
        if is_of_this_night and not SyncRun.objects.filter(connection=connection, slot=night).exists():
            yield connection


def _name(connection_id: int) -> str:
    return f"CRM sync: nightly, connection {connection_id}"
