"""The routing pages of the portal: a module a page."""

from routing.admin import (  # noqa: F401 - what they say is heard by the pages
    accounts,
    blocked,
    decisions,
    flows,
    messaging,
    messaging_out,
    numbers,
    pilots,
    releases,
    reports,
    uses,
    uses_by_name,
    uses_live,
)
