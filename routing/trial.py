"""Try a call: the evaluator of live calls on the draft or the live release, at any time, with anybody calling."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contactcenter.foundation.clock import FixedClock
from contactcenter.foundation.translating import all_of, named
from customers import facts
from customers.models import DataSource, Handle, LoyaltyTier
from queues.state import ANNOUNCE, SEND_OUTSIDE, compile_state
from routing import broadcast, wording
from routing.branches import PathVerdict, explain
from routing.contacts import Contact
from routing.decide import DEADLINE_S
from routing.evaluation import Evaluation, evaluate, stopped
from routing.listed_callers import callers_like
from routing.live import compile_sources
from routing.managers import RUNG
from routing.release import compile_release
from routing.variables import World

NOW, TONIGHT, SUNDAY = "now", "tonight", "sunday"
STRANGER_CALLS = "+390200000000"
HIDDEN = "anonymous"

NO_ID = "0" * 32
"""In the place of a decision's id: nothing is decided."""


@dataclass(frozen=True)
class Caller:
    """Somebody ready to be tried: what he calls from, and who he is in words, with and without his name."""

    key: str
    address: str
    label: str
    nameless: str


def ready_made() -> list[Caller]:
    """One real customer of every tier, a stranger, and a hidden number."""
    callers = []
    for tier in LoyaltyTier.objects.all():
        handles = Handle.objects.filter(kind=Handle.Kind.PHONE, customer__tier=tier).select_related("customer")
        handle = handles.order_by("customer_id").first()
        if handle is not None:
            callers.append(Caller(f"tier:{tier.slug}", handle.value, named(tier.name, handle.customer), tier.name))
    stranger, hidden = _("A stranger"), _("A hidden number")
    return [*callers, Caller("stranger", STRANGER_CALLS, stranger, stranger), Caller("hidden", HIDDEN, hidden, hidden)]


def moment(when: str, zone: ZoneInfo, now: datetime) -> datetime:
    """`now`, tonight at 22:00 or next Sunday at 11:00, on the wall clock of `zone`."""
    local = now.astimezone(zone)
    if when == TONIGHT:
        return local.replace(hour=22, minute=0, second=0, microsecond=0)
    if when == SUNDAY:
        ahead = (6 - local.weekday()) % 7 or 7
        return (local + timedelta(days=ahead)).replace(hour=11, minute=0, second=0, microsecond=0)
    return local


@dataclass(frozen=True)
class Trial:
    """What would happen, in one sentence and in full.

    `stopped` is what a blocked caller meets before the flow; the rest says how the flow would decide all the same.
    """

    sentence: str
    evaluation: Evaluation
    verdicts: list[PathVerdict]
    document: Mapping[str, Any]
    stopped: Evaluation | None = None


def try_call(document: Mapping[str, Any], number: int, contact: Contact, at: datetime) -> Trial:
    """Where `contact` would go by `document` at the moment `at`. Raises ReleaseError or SourceError."""
    world = world_of(document, number, at)
    clock = FixedClock(at)
    evaluation = evaluate(contact, world, clock, clock.monotonic() + DEADLINE_S, NO_ID)
    flow = world.release.flows.get(str(evaluation.answer.get("flow", "")))
    verdicts = explain(flow.branches, evaluation.variables) if flow else []
    sentence = _sentence(evaluation, verdicts, document)
    region = world.release.region_called(contact.channel, contact.to)
    with_blocks = replace(world, callers=callers_like(contact, region))
    called = world.release.find_number(contact.channel, contact.to)
    before_it = stopped(contact, called, with_blocks, clock.now(), NO_ID)
    return Trial(sentence, evaluation, verdicts, document, before_it)


def world_of(document: Mapping[str, Any], number: int, at: datetime | None = None) -> World:
    """The world of live calls, read from the database instead of the live folder; people as they are `at` a moment."""
    release = compile_release(document, number)
    documents = {key: each for key, each in broadcast.current_state().items() if each is not None}
    state = compile_state(documents, timedelta(seconds=settings.STATISTICS_STALE_AFTER_S))
    return World(release, state, partial(facts.document, at=at), compile_sources(release), _secret_of)


def _secret_of(slug: str) -> str:
    return str(DataSource.objects.values_list("secret", flat=True).get(slug=slug))


_GOES = {
    "transfer": gettext_lazy("Goes to %(queue)s, because %(why)s."),
    "announce": gettext_lazy("Hears the announcement of %(queue)s, because %(why)s."),
    "voicemail": gettext_lazy("Is asked to leave a message for %(queue)s, because %(why)s."),
    "reject": gettext_lazy("Is turned away by %(queue)s, because %(why)s."),
}
_SENT = {
    SEND_OUTSIDE: gettext_lazy("A switch sends everybody to an outside number, and behind it to %(queue)s."),
    ANNOUNCE: gettext_lazy("A switch plays an announcement to everybody."),
}


def _sentence(evaluation: Evaluation, verdicts: list[PathVerdict], document: Mapping[str, Any]) -> str:
    answer = evaluation.answer
    queue = document["queues"].get(answer.get("queue"), {}).get("name", _("the emergency target"))
    goes = _SENT.get(answer.get("switch", "")) or _GOES[answer["action"]]
    said = str(goes) % {"queue": queue, "why": _why(evaluation, verdicts, document)}
    if answer.get("manager") == RUNG:
        said = " ".join((said, _("The account manager is rung first.")))
    refusals = evaluation.placing.refusals if evaluation.placing else ()
    return " ".join([said, *(_refusal(each.queue, each.reason, document) for each in refusals)])


def _why(evaluation: Evaluation, verdicts: list[PathVerdict], document: Mapping[str, Any]) -> str:
    if evaluation.choice is None:
        return _not_walked(str(evaluation.answer["reason"]))
    taken = next((verdict for verdict in verdicts if verdict.taken), None)
    if taken is None:
        return _("no branch takes this contact")
    entries = wording.entries_of(document, str(evaluation.answer["flow"]))
    group = next((group for group in taken.groups if all(each.holds for each in group)), ())
    reasons = [wording.seen_in_words(each.condition.variable, each.seen, entries) for each in group]
    return all_of(reasons) or _("branch “%(label)s” takes everybody") % {"label": taken.path.label}


def _not_walked(reason: str) -> str:
    words = {
        "unknown_number": _("this number is not set up"),
        "switched": _("a switch sends everybody there"),
    }
    return words.get(reason, _("the flow could not be walked to its end"))


def _refusal(slug: str, reason: str, document: Mapping[str, Any]) -> str:
    name = document["queues"].get(slug, {}).get("name", slug)
    words = {
        "closed": _("%(queue)s is closed then."),
        "switched": _("%(queue)s is switched off."),
        "full": _("%(queue)s is full."),
        "no_agents": _("In %(queue)s nobody is logged in."),
        "no_target": _("%(queue)s does not take contacts of this kind."),
    }
    return words[reason] % {"queue": name}
