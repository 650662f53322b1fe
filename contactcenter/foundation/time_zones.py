"""The time zones that there are."""

from functools import cache
from zoneinfo import available_timezones


@cache
def time_zones() -> frozenset[str]:
    """Their names. Finding them reads hundreds of files, which is done once."""
    return frozenset(available_timezones())
