"""Everything a branch may ask, gathered into named variables: the contact, the time, the customer, queues, steps.

What is not known is absent. What went wrong on the way is named in `degraded`, as `<step>:<status>`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import phonenumbers

from contactcenter.foundation.clock import Clock
from contactcenter.foundation.values import Value
from customers.addresses import NO_COUNTRY, caller_address, identifying_keys
from customers.sources.asking import Source
from customers.tiers import tier_at
from queues.selection import open_now
from queues.state import State
from routing import metrics
from routing.callers import NOBODY, Callers
from routing.conditions import SENT_ALONG
from routing.contacts import Contact
from routing.fetching import Fetched, run_steps
from routing.release import Flow, Number, Release, Step

Facts = Mapping[str, Any]
FindFacts = Callable[[str], Facts | None]
"""Facts of a handle key, or None. May raise FactsUnavailable."""

CUSTOMER_FACTS = (
    "purchases",
    "order_volume",
    "lifetime_value",
    "plan",
    "account_level",
    "category",
    "account_manager",
    "language",
)
_OF_FACTS = [(name, f"customer.{name}") for name in CUSTOMER_FACTS]


class FactsUnavailable(Exception):
    """The facts cannot be read right now."""


@dataclass(frozen=True)
class World:
    """What a contact is decided by: a release, what is true right now, and where facts are found.

    `callers` says whom it stops; `pilot` is the id of the pilot whose draft stands in for the release.
    """

    release: Release
    state: State
    find_facts: FindFacts
    sources: Mapping[str, Source] = field(default_factory=dict)
    secret_of: Callable[[str], str] = lambda _source: ""
    callers: Callers = NOBODY
    pilot: int = 0


@dataclass
class Gathered:
    """The variables of one contact, and what was missing on the way.

    `may_profile` is False for a customer who objects: nobody is asked about him. `origins` says what the variables
    themselves do not: how each fetch step ended, and of when the statistics of a queue are.
    """

    values: dict[str, Value] = field(default_factory=dict)
    degraded: list[str] = field(default_factory=list)
    may_profile: bool = True
    origins: dict[str, dict[str, Any]] = field(default_factory=dict)


def gather(contact: Contact, flow: Flow, number: Number, world: World, clock: Clock, deadline: float) -> Gathered:
    """All variables the flow may need, by `deadline` (on the clock's monotonic scale)."""
    now = clock.now()
    gathered = Gathered()
    gathered.values |= _of_call(contact, number, flow)
    gathered.values |= _of_time(now, number)
    _add_customer(gathered, contact, number, world, now)
    _add_queues(gathered, flow.needs, world, now)
    if flow.steps and gathered.may_profile:
        remaining = max(0.0, deadline - clock.monotonic())
        answers = run_steps(flow.steps, world.sources, world.secret_of, gathered.values, remaining, clock)
        _add_steps(gathered, answers, world)
    _add_rank(gathered.values, world.release)
    return gathered


def _of_call(contact: Contact, number: Number, flow: Flow) -> dict[str, Value]:
    values: dict[str, Value] = {"call.channel": contact.channel, "call.to": contact.to}
    caller = caller_address(contact.caller, number.region)
    if caller:
        values["call.from"] = caller
        if flow.steps or "call.from_country" in flow.needs:  # parsing costs more than all the rest
            values["call.from_country"] = _country(caller)
    elif contact.channel in ("messenger", "instagram") and contact.caller:
        values["call.from"] = contact.caller
    if contact.waited_s is not None:
        values["call.waited_s"] = contact.waited_s
        if contact.previous_queue:
            values["call.previous_queue"] = contact.previous_queue
    values |= {f"{SENT_ALONG}{name}": value for name, value in contact.context.items()}
    return values


def _country(caller: str) -> str:
    return phonenumbers.region_code_for_number(phonenumbers.parse(caller)) or NO_COUNTRY


_CLOCKS = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(24 * 60)]


def _of_time(now: datetime, number: Number) -> dict[str, Value]:
    local = now.astimezone(number.zone)
    clock, weekday = _CLOCKS[local.hour * 60 + local.minute], local.weekday()
    return {
        "time.now": clock,
        "time.date": local.date().isoformat(),
        "time.weekday": weekday,
        "time.window": f"{weekday} {clock}",
    }


def _add_customer(gathered: Gathered, contact: Contact, number: Number, world: World, now: datetime) -> None:
    values = gathered.values
    values["customer.known"] = False
    customer_no = contact.context.get("customer_no")
    keys = identifying_keys(
        contact.channel, contact.caller, contact.diverted_from, str(customer_no or ""), number.region
    )
    for identified_by, key in keys:
        try:
            facts = world.find_facts(key)
        except FactsUnavailable:
            gathered.degraded.append("facts:error")
            return
        if facts is not None:
            values["customer.known"] = True
            values["customer.identified_by"] = identified_by
            values |= _of_customer(facts, now)
            if facts.get("objects_to_profiling"):
                gathered.may_profile = False
                gathered.degraded.append("customer:objects_to_profiling")
            return


def _of_customer(facts: Facts, now: datetime) -> dict[str, Value]:
    values: dict[str, Value] = {variable: facts[name] for name, variable in _OF_FACTS if name in facts}
    values |= {f"customer.{key}": value for key, value in facts.get("attributes", {}).items()}
    if "shared" in facts:
        values["customer.shared"] = facts["shared"]
    if tier := tier_at(facts, now):
        values["customer.tier"] = tier
    return values


def _add_queues(gathered: Gathered, needs: frozenset[str], world: World, now: datetime) -> None:
    for name in needs:
        if not name.startswith("queue."):
            continue
        slug, _, field_name = name.removeprefix("queue.").rpartition(".")
        queue = world.release.queues.get(slug)
        if queue is None:
            continue
        if field_name == "is_open":
            gathered.values[name] = open_now(queue, world.state, now)
        elif (number := world.state.fresh(slug, now).get(field_name)) is not None:
            gathered.values[name] = number
            gathered.origins[f"queue.{slug}"] = {"as_of": world.state.statistics[slug].as_of.isoformat()}


def _add_steps(gathered: Gathered, answers: list[tuple[Step, Fetched]], world: World) -> None:
    """A step that had nothing to ask with (a hidden caller) is answered `error`, but nothing was missing."""
    values = gathered.values
    for step, fetched in answers:
        values[f"{step.slug}.status"] = fetched.status
        values |= {f"{step.slug}.{name}": value for name, value in fetched.values.items()}
        if fetched.detail.startswith("missing"):
            continue
        outcome = "stale" if fetched.stale else fetched.status
        origin = gathered.origins[step.slug] = _origin(step, fetched)
        metrics.fetched(step.source, outcome)
        if outcome in ("stale", "timeout", "error"):
            gathered.degraded.append(f"{step.slug}:{outcome}")
        has_answer = fetched.status == "ok" or fetched.stale
        if has_answer and (filled := _fill_facts(values, step, fetched, world)):
            origin["filled"] = filled


def _origin(step: Step, fetched: Fetched) -> dict[str, Any]:
    """How a question ended: whom it was put to, after how long, or how old the answer is that stood in."""
    origin: dict[str, Any] = {"source": step.source, "outcome": "stale" if fetched.stale else fetched.status}
    if fetched.age_s:
        origin["age_s"] = round(fetched.age_s)
    elif fetched.elapsed_ms:
        origin["ms"] = fetched.elapsed_ms
    return origin


def _fill_facts(values: dict[str, Value], step: Step, fetched: Fetched, world: World) -> list[str]:
    """Where a source gives a fact that the sync gives too, the step's precedence says which one counts; which did."""
    filled = []
    for name, fact in world.sources[step.source].fills.items():
        value = fetched.values.get(name)
        if value is not None and (step.precedence == "replace" or f"customer.{fact}" not in values):
            values[f"customer.{fact}"] = _tier_named(str(value), world.release) if fact == "tier" else value
            filled.append(f"customer.{fact}")
    return filled


def _tier_named(word: str, release: Release) -> str:
    """The short name that `word` means, as the release writes it: capital letters make no difference."""
    meant = word.casefold()
    return next((slug for slug in release.tier_ranks if slug.casefold() == meant), meant)


def _add_rank(values: dict[str, Value], release: Release) -> None:
    rank = release.tier_ranks.get(str(values.get("customer.tier", "")))
    if rank is not None:
        values["customer.tier_rank"] = rank
