"""Why a contact went where it went, in a word or two and as a clause: for lists, filters and reports."""

from typing import Any

from django.utils.translation import gettext_lazy as _

REASONS: dict[str, tuple[Any, Any]] = {
    "branch": (_("branch"), _("a branch took the contact")),
    "last_path": (_("everyone else"), _("no branch took the contact")),
    "closed": (_("closed"), _("the queue was closed")),
    "full": (_("full"), _("the queue was full")),
    "no_agents": (_("nobody there"), _("no agent was logged in")),
    "switched": (_("switch"), _("a switch was in force")),
    "blocked": (_("blocked"), _("the caller is on the list of blocked callers")),
    "unknown_number": (_("unknown number"), _("the number called is not set up")),
    "deadline": (_("out of time"), _("there was no more time")),
    "no_release": (_("no release"), _("nothing was published")),
}
"""Each reason in a word or two, and as the end of a sentence."""


def clause(reason: str) -> Any:
    """Why, as the end of a sentence; the reason itself where there are no words for it."""
    return REASONS[reason][1] if reason in REASONS else reason
