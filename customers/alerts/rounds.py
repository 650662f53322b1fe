"""Looks what is wrong, and keeps one alert for each as long as it is."""

from datetime import datetime

from django.db import IntegrityError, transaction

from contactcenter.foundation.logs import logger
from customers.alerts.conditions import CONDITIONS, Finding
from customers.models import Alert, AlertDestination, AlertNotice, Heartbeat

log = logger(__name__)

Key = tuple[str, str]


def beat(now: datetime) -> None:
    """The scheduler lives: it has just had us called."""
    Heartbeat.objects.update_or_create(pk=Heartbeat.BEAT, defaults={"seen_at": now})


def look(now: datetime) -> None:
    """Raise what has begun, clear what is over. Safe beside others who look at the same moment."""
    found = {(kind, one.subject): one for kind, each in CONDITIONS.items() for one in each.find(now)}
    known = {(alert.condition, alert.subject): alert for alert in Alert.objects.filter(cleared_at__isnull=True)}
    for key in found.keys() - known.keys():
        _raise(key, found[key], now)
    for key in known.keys() - found.keys():
        _clear(known[key], now)


def _raise(key: Key, finding: Finding, now: datetime) -> None:
    kind, subject = key
    try:
        with transaction.atomic():  # the database's own constraint decides between two who look at once
            alert = Alert.objects.create(condition=kind, subject=subject, figures=dict(finding.figures), raised_at=now)
            _tell(alert, AlertNotice.Kind.RAISED, now)
    except IntegrityError:
        return
    log.warning("alert_raised", condition=kind, subject=subject)


def _clear(alert: Alert, now: datetime) -> None:
    with transaction.atomic():
        if not Alert.objects.filter(pk=alert.pk, cleared_at__isnull=True).update(cleared_at=now):
            return
        _tell(alert, AlertNotice.Kind.CLEARED, now)
    log.info("alert_cleared", condition=alert.condition, subject=alert.subject)


def _tell(alert: Alert, kind: str, now: datetime) -> None:
    enabled = AlertDestination.objects.filter(is_enabled=True)
    AlertNotice.objects.bulk_create(
        AlertNotice(alert=alert, destination=destination, kind=kind, due_at=now) for destination in enabled
    )
