"""What hangs on things beside the draft: the live release, who called within the last hour, who has a key."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contactcenter.foundation.consequences import MOST_COUNTED, Consequence, Count, further
from customers.models import AttributeDefinition, DataSource, LoyaltyTier
from queues.models import Calendar, HelpDesk, PhoneSystem, Queue
from routing import publishing
from routing.models import ApiKey, Decision, Flow, NotificationTarget, Number

PARTS: dict[type[Model], tuple[str, str]] = {
    Flow: ("flows", "slug"),
    Queue: ("queues", "slug"),
    Calendar: ("calendars", "slug"),
    PhoneSystem: ("phone_systems", "slug"),
    HelpDesk: ("help_desks", "slug"),
    DataSource: ("sources", "slug"),
    NotificationTarget: ("notification_targets", "slug"),
    LoyaltyTier: ("tiers", "slug"),
    AttributeDefinition: ("attributes", "key"),
}
"""Where a document holds things of each kind, and by which field; numbers have two."""


def in_live_release(things: Sequence[Any], _user: Any) -> Iterator[Consequence]:
    """What is gone from the draft stays live until somebody publishes."""
    live = publishing.live()
    document: Mapping[str, Any] = json.loads(live.document) if live else {}
    if live and any(_key(thing) in document.get(_part(thing), {}) for thing in things):
        words = _("Release %(number)s, which is live, uses it until you publish.")
        yield Consequence(words % {"number": live.number}, is_of_deletion=True)


def _part(thing: Model) -> str:
    return "numbers" if isinstance(thing, Number) else PARTS[type(thing)][0]


def _key(thing: Any) -> str:
    return f"{thing.channel}:{thing.address}" if isinstance(thing, Number) else getattr(thing, PARTS[type(thing)][1])


_KINDS: tuple[type[Model], ...] = (*PARTS, Number)
for _kind in _KINDS:
    further(_kind)(in_live_release)


@further(Queue)
def sent_here(queues: Sequence[Queue], _user: Any) -> Iterator[Consequence]:
    """Who came within the last hour."""
    if count := _last_hour(queue__in=[queue.slug for queue in queues]):
        words = ngettext(
            "%(count)s contact was sent here within the last hour.",
            "%(count)s contacts were sent here within the last hour.",
            count,
        )
        yield Consequence(words % {"count": Count(count)})


@further(Number)
def called(numbers: Sequence[Number], _user: Any) -> Iterator[Consequence]:
    """Who called or wrote within the last hour."""
    if count := _last_hour(number__in=[number.address for number in numbers]):
        words = ngettext(
            "%(count)s contact came on it within the last hour.",
            "%(count)s contacts came on it within the last hour.",
            count,
        )
        yield Consequence(words % {"count": Count(count)})


def _last_hour(**of: Any) -> int:
    since = timezone.now() - timedelta(hours=1)
    return Decision.objects.filter(decided_at__gte=since, **of).order_by()[: MOST_COUNTED + 1].count()


@further(ApiKey)
def works(keys: Sequence[ApiKey], _user: Any) -> Iterator[Consequence]:
    """Whoever has it is refused at once."""
    now = timezone.now()
    if any(key.revoked_at is None and (key.expires_at is None or key.expires_at > now) for key in keys):
        yield Consequence(_("Whoever uses it is refused from that moment on, without publishing."))
