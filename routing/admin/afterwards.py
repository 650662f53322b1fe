"""What came of a contact after its decision, as providers and phone systems told it, in words."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from routing.admin.decision_names import Names
from routing.models import ContactEvent, Decision
from routing.reports.contacts import as_told, attempt_at, terms_of
from routing.reports.outcomes import ABANDONED, ANSWERED, ENDED, Told, outcome_of
from routing.reports.wording import seconds

MOST_EVENTS, MOST_ATTEMPTS = 40, 20

KINDS = {
    "entered": gettext_lazy("came into the queue"),
    "agent_answered": gettext_lazy("an agent answered"),
    "abandoned": gettext_lazy("the caller hung up while waiting"),
    "left": gettext_lazy("left the queue"),
    "leg": gettext_lazy("was put through"),
}
LEGS = {
    "answered": gettext_lazy("the line was answered"),
    "busy": gettext_lazy("the line was busy"),
    "no_answer": gettext_lazy("nobody picked up"),
    "failed": gettext_lazy("the line could not be reached"),
    "canceled": gettext_lazy("the caller hung up while it rang"),
}
"""How putting a caller through ended."""

_ENDED = {
    ANSWERED: (gettext_lazy("An agent answered."), gettext_lazy("An agent answered after %(wait)s.")),
    ABANDONED: (gettext_lazy("The caller hung up."), gettext_lazy("The caller hung up after %(wait)s.")),
    ENDED: (gettext_lazy("It ended without an agent."), gettext_lazy("It ended without an agent, after %(wait)s.")),
}


@dataclass(frozen=True)
class Afterwards:
    """How it ended in a sentence, what was told in the order of time, and the other decisions of the same call."""

    ending: str
    events: list[dict[str, Any]]
    others: list[Decision]


def afterwards(decision: Decision, names: Names) -> Afterwards:
    """Two queries. An event that names the call alone belongs to the decision before it."""
    of_call = Decision.objects.filter(call_id=decision.call_id, account=decision.account) if decision.call_id else None
    attempts = list(of_call.defer("document").order_by("decided_at")[:MOST_ATTEMPTS]) if of_call else [decision]
    times = [(each.decided_at, each.decision_id) for each in attempts]
    by_call = Q(decision_id="", call_id=decision.call_id) if decision.call_id else Q(pk=None)
    events = ContactEvent.objects.filter(Q(decision_id=decision.decision_id) | by_call).order_by("happened_at", "pk")
    own = [
        each
        for each in events[:MOST_EVENTS]
        if each.decision_id or attempt_at(each.happened_at, times) == decision.decision_id
    ]
    told = [(each, as_told(each.kind, each.happened_at, each.queue, each.document)) for each in own]
    outcome = outcome_of(decision.decided_at, decision.queue, [each for _event, each in told], terms_of(names.document))
    return Afterwards(
        _ending(outcome.state, outcome.wait_s),
        [_row(event, each, names) for event, each in told],
        [each for each in attempts if each.pk != decision.pk],
    )


def in_words(event: ContactEvent) -> Any:
    """What happened; the provider's own word for what we have none for."""
    outcome = str(event.document.get("outcome", ""))
    return LEGS.get(outcome) or KINDS.get(event.kind, event.kind)


def _ending(state: str, wait_s: int | None) -> str:
    if state not in _ENDED:
        return _("Nobody has told yet how it ended.")
    plain, timed = _ENDED[state]
    return str(plain) if wait_s is None else str(timed) % {"wait": seconds(wait_s)}


def _row(event: ContactEvent, told: Told, names: Names) -> dict[str, Any]:
    of_manager = event.kind == "leg" and told.index == 0
    return {
        "at": event.happened_at,
        "what": in_words(event),
        "queue": _("account manager") if of_manager else names.queue(event.queue),
        "wait": "" if told.seconds is None else seconds(told.seconds),
        "pk": event.pk,
    }
