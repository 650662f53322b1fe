"""Shares and seconds of a what-if, as people say them."""

from math import isinf

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from contactcenter.foundation.translating import percentage


def percent(share: float) -> str:
    """A share from 0 to 1, for people."""
    return percentage(number_format(round(share * 100)))


def duration(seconds: float) -> str:
    """Seconds, for people; what never ends says so."""
    if isinf(seconds):
        return _("without end")
    if seconds < 100:
        return _("%(seconds)s s") % {"seconds": number_format(round(seconds))}
    minutes, rest = divmod(round(seconds), 60)
    return _("%(minutes)s min") % {"minutes": f"{minutes}:{rest:02d}"}
