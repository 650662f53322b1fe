"""What is true right now, on any page: the switches in force, and what the phone system says of a queue."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contactcenter.foundation.translating import listed
from queues import switches
from queues.estimating import ESTIMATED
from queues.models import Queue
from queues.standing import fresh, look_up_names, said, zone_of, zones_of_switches

register = template.Library()

MOST_LINES = 5
PERMISSION_TO_SEE, PERMISSION_TO_END = "queues.view_switch", "queues.use_switch"


@register.inclusion_tag("admin/queues/switches_in_force.html", takes_context=True)
def switches_in_force(context: template.Context) -> dict[str, Any]:
    """A line for each switch in force, the newest first: what, until when, by whom, why, and the way to end it."""
    user: Any = context.get("user")
    if user is None or not user.has_perm(PERMISSION_TO_SEE):
        return {"lines": []}
    held = switches.in_force(timezone.now())
    shown = held[:MOST_LINES]
    look_up_names(shown)
    zones = zones_of_switches(shown) if shown else {}
    may_end = user.has_perm(PERMISSION_TO_END)
    return {
        "lines": [
            {
                "what": str(switch),
                "until": said(switch.until, zones[switch.pk]) if switch.until else "",
                "by": switch.created_by or switch.set_from,
                "reason": switch.reason,
                "end": reverse("admin:queues_switch_end", args=[switch.pk]) if may_end else "",
            }
            for switch in shown
        ],
        "more": len(held) - len(shown),
    }


@register.simple_tag
def reported(queue: Queue) -> str:
    """What the phone system last said of `queue`, and whether it still counts; nothing when it never said anything."""
    state = getattr(queue, "state", None)
    if state is None:
        return ""
    zone = zone_of(queue)
    as_of = state.as_of.astimezone(zone)
    at = f"{date_format(as_of, 'DATE_FORMAT')} {as_of:%H:%M:%S} ({zone})"
    if fresh(state, timezone.now()) is None:
        return _("The phone system has said nothing since %(moment)s: how many wait is not known.") % {"moment": at}
    words = {
        "waiting": _("waiting: %(n)s"),
        "longest_wait_s": _("longest wait: %(n)s s"),
        "estimated_wait_s": _("estimated wait: %(n)s s"),
        "agents_logged_in": _("agents logged in: %(n)s"),
        "agents_idle": _("agents idle: %(n)s"),
    }
    if state.statistics.get("estimated_wait_origin") == ESTIMATED:
        words["estimated_wait_s"] = _("our estimate of the wait: %(n)s s")
    told = [words[name] % {"n": state.statistics[name]} for name in words if name in state.statistics]
    if not told:
        return ""
    return _("The phone system says (%(moment)s): %(figures)s.") % {"moment": at, "figures": listed(told)}
