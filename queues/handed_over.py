"""Switches that were set or ended on a decide host while it had no database, taken into the database.

Whatever was switched later in the portal counts more; then what came from the host is history only.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from contactcenter.foundation.logs import logger
from queues import switches
from queues.models import PhoneSystem, Queue, Switch

log = logger(__name__)


def take_over(document: Mapping[str, Any]) -> Switch | None:
    """Store a switch that was set on a host, as of when it was set there; None when its queue is gone meanwhile."""
    now, set_at = timezone.now(), datetime.fromisoformat(document["set_at"])
    until = datetime.fromisoformat(document["until"]) if "until" in document else None
    switch = Switch(
        kind=document["kind"],
        subject=document["subject"],
        target_queue=Queue.objects.filter(slug=document.get("target", "")).first(),
        target_system=PhoneSystem.objects.filter(slug=document.get("phone_system", "")).first(),
        target_address=document.get("address", ""),
        reason=document["reason"],
        set_from=document["by"],
    )
    if switch.kind == switches.SEND and switch.target_queue is None:
        log.warning("switch of a host leads to a queue that is gone", kind=switch.kind)
        return None
    with transaction.atomic():
        same = switches.same_subject(switch)
        is_over = same.filter(created_at__gt=set_at).exists() or (until is not None and until <= now)
        if is_over:
            switch.ended_at = now if until is None else min(until, now)
        else:
            switches.end_all(same, switches.CommandLine(document["by"]))
        switch.save()
        # Only now: a row that is new was set now.
        Switch.objects.filter(pk=switch.pk).update(created_at=set_at, until=until)
    log.info("switch taken over from a host", switch=switch.pk, kind=switch.kind, over=is_over)
    return switch


def end(pk: int, document: Mapping[str, Any]) -> None:
    """End a switch that was ended on a host, unless it has ended already."""
    switch = Switch.objects.filter(pk=pk, ended_at__isnull=True).first()
    if switch is not None:
        switches.end(switch, switches.CommandLine(document["by"]))
