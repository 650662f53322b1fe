"""A contact centre's month, made up: decisions, and what its phone system told of them."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from customers.models import LoyaltyTier
from queues.models import PhoneSystem, Queue
from routing.models import ContactEvent, Decision, Release
from tests.replaying import replayed

QUEUES = {"vip": (1, 90, 10), "priority": (2, 80, 20), "standard": (3, 80, 60)}
"""Priority class, percent, seconds."""

TIERS = {"platinum": 3, "gold": 2, "silver": 1}
SHARES = (("platinum", 4, "vip"), ("gold", 12, "vip"), ("silver", 20, "priority"), ("", 64, "standard"))
BY_HOUR = (0, 0, 0, 0, 0, 0, 1, 3, 8, 12, 11, 9, 6, 8, 10, 10, 9, 7, 4, 2, 1, 0, 0, 0)


def set_up() -> None:
    """Tiers, queues on one phone system, and the release that promised all this."""
    replayed("month", _write)


def _write() -> None:
    system = PhoneSystem.objects.create(name="PBX", slug="pbx", hosts="pbx.example.net")
    for slug, rank in TIERS.items():
        LoyaltyTier.objects.create(slug=slug, name=slug.title(), rank=rank)
    for slug, (priority, percent, seconds) in QUEUES.items():
        Queue.objects.create(
            slug=slug, name=slug.title(), phone_system=system, voice_address=f"80{priority:02}",
            priority_class=priority, service_level_percent=percent, service_level_s=seconds,
        )  # fmt: skip
    release()


def release(number: int = 1, *, answers_at_once: bool = True) -> Release:
    """A release with these queues, as far as reports read one."""
    document = {
        "phone_systems": {"pbx": {"answers_at_once": answers_at_once}},
        "queues": {
            slug: {"service_level_s": seconds, "service_level_percent": percent, "phone_system": "pbx"}
            for slug, (_priority, percent, seconds) in QUEUES.items()
        },
    }
    return Release.objects.create(
        number=number, document=json.dumps(document), sha256="", published_at=datetime(2026, 1, 1, tzinfo=UTC)
    )


def decision(number: int, at: datetime, **fields: Any) -> Decision:
    """One decision; `value` and `action` go into its details."""
    value, action = fields.pop("value", None), fields.pop("action", "transfer")
    variables = {} if value is None else {"customer.lifetime_value": value}
    given = {
        "decision_id": f"{number:032x}", "account": "a", "call_id": f"call-{number}", "channel": "voice",
        "number": "+390212345678", "caller": "+393471234578", "release": 1, "flow": "priority", "branch": "gold",
        "queue": "vip", "tier": "gold", "reason": "branch", "decided_at": at,
        "document": {"answer": {"action": action}, "variables": variables},
    }  # fmt: skip
    return Decision(**{**given, **fields})


def event(of: Decision, kind: str, after_s: float, **fields: Any) -> ContactEvent:
    """What was told of a decision so many seconds after it; further `fields` such as `seconds` are its details."""
    by_call, queue = fields.pop("by_call", False), fields.pop("queue", of.queue)
    at = of.decided_at + timedelta(seconds=after_s)
    return ContactEvent(
        event_id=f"{of.decision_id[-12:]}-{kind}-{after_s}"[:64],
        decision_id="" if by_call else of.decision_id,
        call_id=of.call_id,
        kind=kind,
        queue=queue,
        happened_at=at,
        document=fields,
    )


def seed(last: datetime, days: int = 28, a_day: int = 150, only_seed: int = 7) -> None:
    """Store the days up to `last`; the same rows for the same arguments."""
    chance = random.Random(only_seed)
    rows = list(_contacts(chance, last, days, a_day))
    Decision.objects.bulk_create([each for each, _events in rows], batch_size=500)
    ContactEvent.objects.bulk_create([each for _decision, events in rows for each in events], batch_size=500)


def _contacts(chance: random.Random, last: datetime, days: int, a_day: int) -> Iterator[tuple[Decision, list[Any]]]:
    number = 0
    for day in range(days):
        midnight = (last - timedelta(days=day)).replace(hour=0, minute=0, second=0, microsecond=0)
        is_weekend = midnight.weekday() >= 5
        for _call in range(a_day // 4 if is_weekend else a_day):
            number += 1
            at = midnight + timedelta(hours=chance.choices(range(24), BY_HOUR)[0], seconds=chance.randrange(3600))
            if at <= last:
                yield _contact(chance, number, at)


def _contact(chance: random.Random, number: int, at: datetime) -> tuple[Decision, list[Any]]:
    tier, _share, queue = chance.choices(SHARES, [each[1] for each in SHARES])[0]
    channel = chance.choices(("voice", "whatsapp"), (85, 15))[0]
    fields: dict[str, Any] = {"tier": tier, "queue": queue, "channel": channel}
    if not tier:
        fields |= {"branch": "last_path", "reason": "last_path"}
    if tier and chance.random() < 0.9:
        fields["value"] = int(chance.lognormvariate(12, 1))
    if chance.random() < 0.05:
        fields |= {"queue": "standard", "reason": chance.choice(("full", "closed"))}
    made = decision(number, at, **fields)
    return made, [] if channel != "voice" or chance.random() < 0.08 else list(_events(chance, made))


def _events(chance: random.Random, made: Decision) -> Iterator[ContactEvent]:
    busy = 3.0 if made.decided_at.hour in (9, 10) else 1.0
    wait = chance.expovariate(1 / {"vip": 6, "priority": 14, "standard": 40}[made.queue]) * busy
    patience = chance.expovariate(1 / 240)
    yield event(made, "entered", 1)
    if patience < wait:
        yield event(made, "abandoned", 1 + patience, seconds=int(patience))
    else:
        yield event(made, "agent_answered", 1 + wait, seconds=int(wait))
