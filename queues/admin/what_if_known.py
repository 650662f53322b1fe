"""What is known of a what-if before anybody types: calls that were counted, and what phone systems reported."""

from collections.abc import Iterable, Sequence
from typing import Any

from queues.admin.what_if_form import MOST_AGENTS, row_name
from queues.arrivals import BusiestHour, TierCalls
from queues.models import Queue
from queues.priorities import FIRST_CLASS, LAST_CLASS
from queues.waiting import Absurd, Load, agents_needed

USUAL_PROMISE_S = 900
"""As long as calls ring where nobody promised anything."""


def known(hour: BusiestHour) -> dict[str, Any]:
    """What can be filled in: calls that were counted, and what queues and phone systems say. The rest is left out."""
    slugs = [tier.queue for tier in hour.tiers if tier.queue]
    queues = {queue.slug: queue for queue in Queue.objects.filter(slug__in=slugs).select_related("state")}
    filled: dict[str, Any] = {}
    for place, tier in enumerate(hour.tiers, FIRST_CLASS):
        queue = queues.get(tier.queue)
        row = {
            "calls": tier.calls if hour.starts_at else None,
            "handling_s": _said(queue, "aht_s") if queue else None,
            "class": queue.priority_class if queue else min(place, LAST_CLASS),
            "head_start_s": queue.head_start_s if queue else 0,
        }
        filled |= {row_name(column, tier): value for column, value in row.items() if value is not None}
    filled |= _promises([queues[tier.queue] for tier in hour.tiers if tier.queue in queues])
    if agents := _agents(queues.values()):
        filled["agents"] = min(agents, MOST_AGENTS)
        filled |= _own_agents(hour.tiers, filled)
    return filled


def _said(queue: Queue, name: str) -> Any:
    """What the phone system last said of `queue`, however long ago."""
    state = getattr(queue, "state", None)
    return state.statistics.get(name) if state else None


def _promises(queues: Sequence[Queue]) -> dict[str, int]:
    """The target of the queue that goes first, and the promise of the one that goes last."""
    if not queues:
        return {"percent": 80, "within_s": 20, "promised_s": USUAL_PROMISE_S}
    first = min(queues, key=lambda queue: queue.priority_class)
    last = max(reversed(queues), key=lambda queue: queue.priority_class)
    return {
        "percent": min(first.service_level_percent, 99),
        "within_s": min(first.service_level_s, 3600),
        "promised_s": last.promised_wait_s or USUAL_PROMISE_S,
    }


def _agents(queues: Iterable[Queue]) -> int:
    """Agents logged in; those whom several queues share are counted once."""
    groups = {_said(queue, "agent_group") or queue.slug: _said(queue, "agents_logged_in") or 0 for queue in queues}
    return sum(groups.values())


def _own_agents(tiers: Sequence[TierCalls], filled: dict[str, Any]) -> dict[str, int]:
    """As many as the first tier would need to reach the target by itself, where some are left for the others."""
    calling = [tier for tier in tiers if tier.calls]
    if len(calling) < 2:
        return {}
    first = min(calling, key=lambda tier: filled[row_name("class", tier)])
    handling_s = filled.get(row_name("handling_s", first))
    if not handling_s:
        return {}
    try:
        needed = agents_needed(Load(first.calls, handling_s), filled["percent"], filled["within_s"])
    except Absurd:  # reported numbers may be anything: then nothing is proposed
        return {}
    return {"own": needed} if needed < filled["agents"] else {}
