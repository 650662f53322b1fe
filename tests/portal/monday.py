"""A Monday morning in the demo's contact centre: what the pictures of the guide show.

Customers of every tier, a few dozen calls with what came of them, queues that report, a draft that two people have
worked on. Who it is that logs in: Sofia Conti.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.utils import timezone

from contactcenter.accounts.models import User
from contactcenter.foundation.clock import FixedClock
from contactcenter.foundation.values import Value
from customers import facts
from customers.models import Customer, Handle, LoyaltyTier
from customers.sources.asking import Fetched
from customers.sources.source import Source
from demo.seed import VOICE_NUMBER, WHATSAPP_NUMBER, DemoSecrets, seed
from queues.models import Queue, QueueState
from queues.state import State
from routing import publishing, shipping
from routing.answers import decision_id
from routing.contacts import Contact
from routing.evaluation import evaluate
from routing.live import compile_sources
from routing.models import Branch, ContactEvent, Flow, ProviderAccount, Release, SampleCall
from routing.release import Step, compile_release
from routing.reports import counting
from routing.variables import World

PEOPLE = (
    ("Maria Rossi", "gold", "+390212345678", 348_000),
    ("Luca Ferrari", "platinum", "+390287654321", 912_500),
    ("Claire Dubois", "gold", "+33142345678", 276_000),
    ("Jonas Weber", "silver", "+493023456789", 58_400),
    ("Giulia Bianchi", "silver", "+390255512345", 41_900),
    ("Omar Haddad", "bronze", "+390233344455", 8_700),
    ("Putri Santoso", "bronze", "+622123456789", 6_200),
    ("Hugo Martin", "platinum", "+33178901234", 1_204_000),
)
STRANGERS = tuple(f"+3902777000{place:02}" for place in range(12))
WAITS = {"vip": 7, "priority": 48, "standard": 190}
WAITING = {"vip": (1, 6, 2, 10), "priority": (4, 8, 1, 55), "standard": (9, 12, 0, 210)}
"""Callers waiting, agents logged in, idle agents, estimated wait."""


def monday() -> None:
    """Write it all."""
    seed(DemoSecrets("correct horse", "cc_" + "k" * 43, "token", "s" * 32, 8002))
    User.objects.update(username="sofia.conti", first_name="Sofia", last_name="Conti")
    marco = User.objects.create_user("marco.bassi", first_name="Marco", last_name="Bassi", is_staff=True)
    _customers()
    flow, vip = Flow.objects.get(), Queue.objects.get(slug="vip")
    often = {"variable": "customer.purchases", "operator": "at_least", "value": 25}
    best = Branch.objects.get(slug="gold-or-platinum")
    best.conditions = [*best.conditions, [often]]
    best.save()
    gold = LoyaltyTier.objects.get(slug="gold")
    SampleCall.objects.create(flow=flow, name="A gold caller", tier=gold, expected=vip)
    SampleCall.objects.create(flow=flow, name="A stranger", expected=Queue.objects.get(slug="standard"))
    release = publishing.publish("Silver customers have a queue of their own.", marco)
    _queues_report()
    _calls(release)
    counting.count_new(monotonic() + 60)
    _draft(vip, marco)


def crm_answers(
    _steps: Any, sources: Mapping[str, Source], _secret_of: Any, values: Mapping[str, Value], *_: Any
) -> list[tuple[Step, Fetched]]:
    """In the place of routing.variables.run_steps: the CRM of the demo does not run. Sample calls have no sources."""
    if not sources:
        return []
    found = next((tier for _name, tier, number, _value in PEOPLE if number == values.get("call.from")), "")
    answer = Fetched("ok", {"loyalty_status": found}, elapsed_ms=86) if found else Fetched("not_found", elapsed_ms=41)
    return [(Step("crm", "demo-crm", "fill"), answer)]


def _customers() -> None:
    for name, tier, number, value in PEOPLE:
        person = Customer.objects.create(
            name=name,
            tier=LoyaltyTier.objects.get(slug=tier),
            lifetime_value=value,
            purchases=value // 11_000,
            plan="business" if value > 100_000 else "basic",
            account_manager="anna-rossi" if tier == "platinum" else "",
        )
        Handle.objects.create(customer=person, kind="phone", value=number)


def _queues_report() -> None:
    for slug, (waiting, agents, idle, wait) in WAITING.items():
        said = {"waiting": waiting, "agents_logged_in": agents, "agents_idle": idle, "estimated_wait_s": wait}
        queue = Queue.objects.get(slug=slug)
        QueueState.objects.update_or_create(queue=queue, defaults={"statistics": said, "as_of": timezone.now()})


def _calls(release: Release) -> None:
    """Everybody calls, strangers too; Giulia Bianchi a moment ago."""
    compiled = compile_release(publishing.contents(release) or {}, release.number)
    world = World(compiled, State(), facts.document, compile_sources(compiled))
    callers = [number for _name, _tier, number, _value in PEOPLE]
    everybody = [*STRANGERS, *callers, *callers[1:4], *STRANGERS[:8], *callers]
    now = timezone.now()
    moments = [now - timedelta(minutes=3 * (len(everybody) - place)) for place in range(len(everybody))]
    calls = [(number, moment, VOICE_NUMBER) for number, moment in zip(everybody, moments, strict=True)]
    calls += [(STRANGERS[0], now - timedelta(minutes=9), WHATSAPP_NUMBER), (callers[4], now, VOICE_NUMBER)]
    account = str(ProviderAccount.objects.get(slug="demo-twilio").uuid)
    documents = [_decided(world, account, place, *call) for place, call in enumerate(calls)]
    shipping.insert_decisions(documents, "decide-1")
    ContactEvent.objects.bulk_create(event for document in documents for event in _told(document))


def _decided(world: World, account: str, place: int, caller: str, at: datetime, to: str) -> dict[str, Any]:
    """As a decide server spools it."""
    channel = "voice" if to == VOICE_NUMBER else "whatsapp"
    contact = Contact(account, f"CA7f3{place:05x}", to, caller, channel)
    clock = FixedClock(at)
    identifier = decision_id(contact, b"monday")
    found = evaluate(contact, world, clock, clock.monotonic() + 1, identifier)
    return {
        "decided_at": at.isoformat(),
        "host": "decide-1",
        "contact": {
            "account": account, "to": to, "number": found.number, "from": caller, "channel": channel, "attempt": 0,
        },
        "variables": dict(found.variables),
        "answer": found.answer,
        "origins": found.origins,
    }  # fmt: skip


def _told(document: dict[str, Any]) -> Iterator[ContactEvent]:
    """It came into the queue, and an agent answered when the queue got there."""
    answer, at = document["answer"], datetime.fromisoformat(document["decided_at"])
    wait = WAITS[answer["queue"]]
    for kind, after, details in (("entered", 1, {}), ("agent_answered", wait, {"seconds": wait})):
        yield ContactEvent(
            event_id=f"{answer['decision_id'][:24]}{kind}",
            decision_id=answer["decision_id"],
            call_id=answer["call_id"],
            kind=kind,
            queue=answer["queue"],
            happened_at=at + timedelta(seconds=after),
            document=details,
        )


def _draft(vip: Queue, marco: User) -> None:
    """Sofia sends silver callers to VIP; Marco lets no more than so many wait in Priority."""
    silver = Branch.objects.get(slug="silver")
    silver.queue = vip
    _save_as(User.objects.get(username="sofia.conti"), silver)
    priority = Queue.objects.get(slug="priority")
    priority.max_waiting = 20
    _save_as(marco, priority)


def _save_as(person: User, thing: Any) -> None:
    thing._history_user = person
    thing.save()
