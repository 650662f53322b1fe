"""Switches: what somebody decides for this moment, in force on every decide host within seconds.

A queue has one switch at a time, closing or opening it; so has a number. A new one ends the one before.
Each function is one transaction, which also marks the switch for the decide plane (queues/marking.py).
"""

import re
from datetime import datetime
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.foundation.logs import logger
from queues.models import Queue, Switch

log = logger(__name__)

CLOSE, OPEN, SEND = Switch.Kind.CLOSE_QUEUE, Switch.Kind.OPEN_QUEUE, Switch.Kind.SEND_NUMBER
OF_A_QUEUE: tuple[str, ...] = (CLOSE, OPEN)
OF_A_NUMBER: tuple[str, ...] = (SEND,)

ADDRESS = re.compile(r"\+[1-9]\d{5,14}|[A-Za-z0-9_.\-]{2,64}", re.ASCII)
"""A number with its country code, or the id of a page."""

_BETWEEN_DIGITS = str.maketrans("", "", " ().-/")


class Person(Protocol):
    """Somebody with a login; None where the command line switches."""

    @property
    def pk(self) -> Any: ...


def close_queue(queue: Queue, reason: str, until: datetime | None, by: Person | None) -> Switch:
    """Send new contacts past `queue`, whatever its hours say. Raises ValidationError."""
    return _begin(Switch(kind=CLOSE, subject=queue.slug, reason=reason, until=until), by)


def open_queue(queue: Queue, reason: str, until: datetime | None, by: Person | None) -> Switch:
    """Let contacts into `queue` in spite of its hours. Raises ValidationError."""
    return _begin(Switch(kind=OPEN, subject=queue.slug, reason=reason, until=until), by)


def send_number(address: str, queue: Queue, reason: str, until: datetime | None, by: Person | None) -> Switch:
    """Send everybody who calls `address` to `queue`, past its flow. Raises ValidationError."""
    subject = called_address(address)
    return _begin(Switch(kind=SEND, subject=subject, target_queue=queue, reason=reason, until=until), by)


def end(switch: Switch, by: Person | None) -> None:
    """End `switch` now. One that has ended already stays as it is."""
    with transaction.atomic():
        # Two people may have switched the same thing at once: what is older must not come back to life.
        _end_all(_same_subject(switch).filter(pk__lte=switch.pk), by)
    log.info("switch ended", switch=switch.pk, kind=switch.kind)


def in_force(now: datetime) -> list[Switch]:
    """The switches that hold at `now`, the newest first and one for each queue and number."""
    newest: dict[tuple[bool, str], Switch] = {}
    for switch in _unended().filter(Q(until__isnull=True) | Q(until__gt=now)).order_by("-pk"):
        newest.setdefault((switch.kind in OF_A_QUEUE, switch.subject), switch)
    return list(newest.values())


def on_queue(queue: Queue, now: datetime) -> Switch | None:
    """The switch that closes or opens `queue` at `now`."""
    held = (each for each in in_force(now) if each.kind in OF_A_QUEUE and each.subject == queue.slug)
    return next(held, None)


def called_address(text: str) -> str:
    """`text` as numbers are stored: +390212345678, or the id of a page. Raises ValidationError."""
    shown = text.strip()
    address = shown.translate(_BETWEEN_DIGITS) if shown.startswith("+") else shown
    if not ADDRESS.fullmatch(address):
        raise ValidationError({"subject": _("Write the number with its country code, such as +390212345678.")})
    return address


def _begin(switch: Switch, by: Person | None) -> Switch:
    if switch.until and switch.until <= timezone.now():
        raise ValidationError({"until": _("The end must lie ahead.")})
    switch.reason = switch.reason.strip()
    switch.created_by_id = by.pk if by else None
    switch.full_clean(exclude=["until"], validate_constraints=False)
    with transaction.atomic():
        _end_all(_same_subject(switch), by)
        switch.save()
    log.info("switch set", switch=switch.pk, kind=switch.kind, until=switch.until and switch.until.isoformat())
    return switch


def _unended() -> QuerySet[Switch]:
    return Switch.objects.filter(ended_at__isnull=True).select_related("target_queue", "created_by")


def _same_subject(switch: Switch) -> QuerySet[Switch]:
    group = OF_A_QUEUE if switch.kind in OF_A_QUEUE else OF_A_NUMBER
    return Switch.objects.filter(ended_at__isnull=True, kind__in=group, subject=switch.subject)


def _end_all(switches: QuerySet[Switch], by: Person | None) -> None:
    for earlier in switches.select_for_update().order_by("pk"):
        earlier.ended_at, earlier.ended_by_id = timezone.now(), by.pk if by else None
        earlier.save(update_fields=["ended_at", "ended_by"])
