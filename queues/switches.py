"""Switches: what somebody decides for this moment, in force on every decide host within seconds.

A queue has one switch at a time, closing or opening it; so has a number, and so have all numbers together.
A new one ends the one before. Of one on a number and one on all numbers the one that was set last counts.
Each function is one transaction, which also marks the switch for the decide plane (queues/marking.py).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.foundation.logs import logger
from queues.models import PhoneSystem, Queue, Switch
from queues.models.live import ALL_NUMBERS
from queues.models.voice import PHONE_NUMBER, SIP_USER

log = logger(__name__)

CLOSE, OPEN, SEND = Switch.Kind.CLOSE_QUEUE, Switch.Kind.OPEN_QUEUE, Switch.Kind.SEND_NUMBER
SEND_OUTSIDE, ANNOUNCE = Switch.Kind.SEND_OUTSIDE, Switch.Kind.ANNOUNCE
OF_A_QUEUE: tuple[str, ...] = (CLOSE, OPEN)
OF_A_NUMBER: tuple[str, ...] = (SEND, SEND_OUTSIDE, ANNOUNCE)

ADDRESS = re.compile(r"\+[1-9]\d{5,14}|[A-Za-z0-9_.\-]{2,64}", re.ASCII)
"""A number with its country code, or the id of a page."""

_BETWEEN_DIGITS = str.maketrans("", "", " ().-/")


class Person(Protocol):
    """Somebody with a login."""

    @property
    def pk(self) -> Any: ...


@dataclass(frozen=True)
class CommandLine:
    """Somebody without a login: `place` says where he typed."""

    place: str
    pk: None = None


By = Person | CommandLine | None


def close_queue(queue: Queue, reason: str, until: datetime | None, by: By) -> Switch:
    """Send new contacts past `queue`, whatever its hours say. Raises ValidationError."""
    return begin(Switch(kind=CLOSE, subject=queue.slug, reason=reason, until=until), by)


def open_queue(queue: Queue, reason: str, until: datetime | None, by: By) -> Switch:
    """Let contacts into `queue` in spite of its hours. Raises ValidationError."""
    return begin(Switch(kind=OPEN, subject=queue.slug, reason=reason, until=until), by)


def send_number(address: str, queue: Queue, reason: str, until: datetime | None, by: By) -> Switch:
    """Send everybody who calls `address` (`*`: any number) to `queue`, past its flow. Raises ValidationError."""
    subject = called_address(address)
    return begin(Switch(kind=SEND, subject=subject, target_queue=queue, reason=reason, until=until), by)


def send_outside(address: str, outside: str, reason: str, until: datetime | None, by: By) -> Switch:
    """Send everybody who calls `address` (`*`: any number) to a number outside. Raises ValidationError."""
    subject = called_address(address)
    target = outside_number(outside, subject)
    return begin(Switch(kind=SEND_OUTSIDE, subject=subject, target_address=target, reason=reason, until=until), by)


def announce(address: str, system: PhoneSystem, extension: str, reason: str, until: datetime | None, by: By) -> Switch:
    """Play what `extension` plays to everybody who calls `address` (`*`: any number). Raises ValidationError."""
    subject, extension = called_address(address), announcement(extension)
    if not system.host_list:
        raise ValidationError({"target_system": _("This phone system has no SIP host: it cannot be called.")})
    to = {"target_system": system, "target_address": extension}
    return begin(Switch(kind=ANNOUNCE, subject=subject, reason=reason, until=until, **to), by)


def end(switch: Switch, by: By) -> None:
    """End `switch` now. One that has ended already stays as it is."""
    with transaction.atomic():
        # Two people may have switched the same thing at once: what is older must not come back to life.
        end_all(same_subject(switch).filter(pk__lte=switch.pk), by)
    log.info("switch ended", switch=switch.pk, kind=switch.kind)


def in_force(now: datetime) -> list[Switch]:
    """The switches that hold at `now`, the newest first and one for each queue and number."""
    newest: dict[tuple[bool, str], Switch] = {}
    for switch in _unended().filter(Q(until__isnull=True) | Q(until__gt=now)).order_by("-pk"):
        newest.setdefault((switch.is_of_a_queue, switch.subject), switch)
    return list(newest.values())


def on_queue(queue: Queue, now: datetime) -> Switch | None:
    """The switch that closes or opens `queue` at `now`."""
    held = (each for each in in_force(now) if each.is_of_a_queue and each.subject == queue.slug)
    return next(held, None)


def called_address(text: str) -> str:
    """`text` as numbers are stored: +390212345678, the id of a page, or `*`. Raises ValidationError."""
    shown = text.strip()
    address = shown.translate(_BETWEEN_DIGITS) if shown.startswith("+") else shown
    if address != ALL_NUMBERS and not ADDRESS.fullmatch(address):
        raise ValidationError({"subject": _("Write the number with its country code, such as +390212345678.")})
    return address


def not_ours(addresses: Collection[str]) -> list[str]:
    """Those that are no number of the draft: as long as they are not set up, a switch on them alters nothing."""
    ours = {*Queue.objects.filter(default_of__address__in=addresses).values_list("default_of__address", flat=True)}
    return [each for each in addresses if each != ALL_NUMBERS and each not in ours]


def outside_number(text: str, called: str) -> str:
    """`text` as a number that can be dialled in the place of `called`. Raises ValidationError."""
    number = text.strip().translate(_BETWEEN_DIGITS)
    if not PHONE_NUMBER.match(number):
        raise ValidationError({"outside": _("A number with country code, such as +390212345678.")})
    if number == called:
        raise ValidationError({"outside": _("A number cannot be sent to itself.")})
    return number


def announcement(text: str) -> str:
    """`text` as an extension that plays something. Raises ValidationError."""
    extension = text.strip()
    if not SIP_USER.match(extension):
        raise ValidationError({"extension": _("An extension such as 8001, without host.")})
    return extension


def begin(switch: Switch, by: By) -> Switch:
    """Set `switch`, in place of the one on the same queue or number. Raises ValidationError."""
    if switch.until and switch.until <= timezone.now():
        raise ValidationError({"until": _("The end must lie ahead.")})
    switch.reason = switch.reason.strip()
    switch.created_by_id, switch.set_from = _who(by)
    switch.full_clean(exclude=["until"], validate_constraints=False)
    with transaction.atomic():
        _end_what_is_over()
        end_all(same_subject(switch), by)
        switch.save()
    log.info("switch set", switch=switch.pk, kind=switch.kind, until=switch.until and switch.until.isoformat())
    return switch


def _who(by: By) -> tuple[Any, str]:
    """(who, from where): one of them."""
    return by.pk if by else None, by.place[:80] if isinstance(by, CommandLine) else ""


def _unended() -> QuerySet[Switch]:
    return Switch.objects.filter(ended_at__isnull=True).select_related("target_queue", "target_system", "created_by")


def same_subject(switch: Switch) -> QuerySet[Switch]:
    """The switches on the same queue or number that nobody has ended."""
    group = OF_A_QUEUE if switch.is_of_a_queue else OF_A_NUMBER
    return Switch.objects.filter(ended_at__isnull=True, kind__in=group, subject=switch.subject)


def _end_what_is_over() -> None:
    """Decide hosts forget what is over by itself; so that they need not carry years of it."""
    for over in Switch.objects.filter(ended_at__isnull=True, until__lte=timezone.now()).select_for_update():
        over.ended_at = over.until
        over.save(update_fields=["ended_at"])


def end_all(switches: QuerySet[Switch], by: By) -> None:
    """End each of them now; inside a transaction."""
    for earlier in switches.select_for_update().order_by("pk"):
        earlier.ended_at = timezone.now()
        earlier.ended_by_id, earlier.ended_from = _who(by)
        earlier.save(update_fields=["ended_at", "ended_by", "ended_from"])
