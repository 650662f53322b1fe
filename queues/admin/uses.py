"""What hangs on queues, phone systems, help desks and calendars, as far as it is theirs."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from contactcenter.foundation.consequences import Consequence, Use, further, say
from queues import switches
from queues.models import Queue

say(
    {
        "queues.Queue.overflow_to": Use(
            ngettext_lazy("%(count)s queue overflows to it", "%(count)s queues overflow to it", "count"), in_lists=True
        ),
        "queues.Queue.phone_system": Use(
            ngettext_lazy("%(count)s queue waits on it", "%(count)s queues wait on it", "count"), in_lists=True
        ),
        "queues.Queue.help_desk": Use(
            ngettext_lazy(
                "messages of %(count)s queue are answered in it",
                "messages of %(count)s queues are answered in it",
                "count",
            ),
            in_lists=True,
        ),
        "queues.Queue.calendar": Use(
            ngettext_lazy("%(count)s queue opens by it", "%(count)s queues open by it", "count"), in_lists=True
        ),
        "queues.Queue.belongs_to": Use(
            ngettext_lazy("%(count)s queue belongs to it", "%(count)s queues belong to it", "count"), in_lists=True
        ),
        "queues.AccountManager.calendar": Use(
            ngettext_lazy("%(count)s account manager works by it", "%(count)s account managers work by it", "count"),
            in_lists=True,
        ),
        "queues.AccountManager.phone_system": Use(
            ngettext_lazy("%(count)s account manager is on it", "%(count)s account managers are on it", "count"),
            in_lists=True,
        ),
        "queues.Switch.target_queue": Use(
            ngettext_lazy(
                "%(count)s switch, in force or over, leads to it",
                "%(count)s switches, in force or over, lead to it",
                "count",
            )
        ),
        "queues.Switch.target_system": Use(
            ngettext_lazy(
                "%(count)s switch, in force or over, plays an announcement of it",
                "%(count)s switches, in force or over, play an announcement of it",
                "count",
            )
        ),
    }
)


@further(Queue)
def switched(queues: Sequence[Queue], _user: Any) -> Iterator[Consequence]:
    """A switch that closes or opens one of them now would hold nothing."""
    slugs = {queue.slug for queue in queues}
    for each in switches.in_force(timezone.now()):
        if each.is_of_a_queue and each.subject in slugs:
            yield Consequence(
                _("A switch that is in force: %(switch)s") % {"switch": each}, is_in_the_way=True, is_of_deletion=True
            )
