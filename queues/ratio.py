"""Agents for each caller who waits: what a queue should have, beside what it has."""

from datetime import datetime

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _

from queues.models import Queue
from queues.standing import fresh


def ratio_in_words(queue: Queue, now: datetime) -> str:
    """The real ratio by what the phone system last said of `queue`; “not reported” where it said nothing of late."""
    known = fresh(getattr(queue, "state", None), now)
    numbers = known.numbers if known else {}
    agents, waiting = numbers.get("agents_logged_in"), numbers.get("waiting")
    if agents is None or waiting is None:
        return _("Not reported: nobody told us of late how many agents are logged in and how many callers wait.")
    words = {"agents": agents, "waiting": waiting}
    if waiting == 0:
        return _("Nobody waits; agents logged in: %(agents)s.") % words
    real = agents / waiting
    words |= {"real": floatformat(real, -2), "target": floatformat(queue.agents_per_caller, -2)}
    if queue.agents_per_caller is None:
        return _("%(real)s (agents logged in: %(agents)s, callers waiting: %(waiting)s).") % words
    if real >= queue.agents_per_caller:
        return _("%(real)s, at least the target of %(target)s (agents: %(agents)s, waiting: %(waiting)s).") % words
    return _("%(real)s, below the target of %(target)s (agents: %(agents)s, waiting: %(waiting)s).") % words
