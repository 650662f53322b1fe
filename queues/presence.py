"""Whether an account manager is there: set by one click or by his own systems, said in words."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from queues.models import AccountManager
from queues.standing import by_calendar, said, zone_of_calendar


def set_presence(manager: AccountManager, available: bool, until: datetime | None, now: datetime) -> bool:
    """Store it; False when it is so already. It holds until `until`, then the opposite. Raises ValidationError."""
    if until is not None and until <= now:
        raise ValidationError({"until": _("The end must lie ahead.")})
    if (manager.is_present, manager.present_until) == (available, until):
        return False
    manager.is_present, manager.present_until = available, until
    manager.save(update_fields=["is_present", "present_until"])
    return True


def in_words(manager: AccountManager, now: datetime) -> str:
    """Available or away, until when, and whether his working hours let him."""
    there = manager.is_there(now)
    words = _("Available") if there else _("Away")
    if manager.present_until and now < manager.present_until:
        zone = zone_of_calendar(manager.calendar)
        words = _("%(what)s until %(moment)s") % {"what": words, "moment": said(manager.present_until, zone)}
    if not there or manager.calendar is None:
        return f"{words}."
    hours = by_calendar(manager.calendar, now)
    return (
        f"{words}."
        if hours.is_open
        else _("%(what)s, but outside working hours. %(hours)s")
        % {
            "what": words,
            "hours": hours.words,
        }
    )


def toggle(manager: AccountManager) -> bool:
    """The other way round from now on, until it is changed; whether he is available then."""
    now = timezone.now()
    available = not manager.is_there(now)
    set_presence(manager, available, None, now)
    return available
