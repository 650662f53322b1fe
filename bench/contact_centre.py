"""The contact centre that is measured: customers made up by their number, fifty branches, one called number."""

from typing import Any

NUMBER = "+390255500000"
ACCOUNT = "11111111-1111-4111-8111-111111111111"
KEY = "cc_" + "k" * 43
TWILIO_ACCOUNT = "22222222-2222-4222-8222-222222222222"
TWILIO_SECRET = "twilio-" + "s" * 25
PUBLIC_URL = "https://calls.example.net"
BRANCHES = 50

TIERS = ("bronze", "silver", "gold", "platinum")
QUEUES = ("vip", "priority", "standard")
PLANS = ("basic", "family", "business", "premium")
SEGMENTS = 60  # more than there are branches: some callers take the last path
LANGUAGES = ("it", "de", "fr", "en")

Document = dict[str, Any]


def phone(customer: int) -> str:
    """Where customer number `customer` calls from."""
    return f"+3902{customer:08d}"


def facts(customer: int) -> Document:
    """What the decide plane knows of him: as rich as a CRM makes it."""
    return {
        "v": 1,
        "customer": str(customer),
        "tier": TIERS[customer % 4],
        "purchases": customer % 97,
        "order_volume": customer * 37 % 1_000_003,
        "lifetime_value": customer * 131_071 % 2_000_003,
        "plan": PLANS[customer // 240 % 4],
        "category": f"segment-{customer // 4 % SEGMENTS}",
        "language": LANGUAGES[customer // 960 % 4],
        "account_manager": f"manager-{customer % 40}",
        "attributes": {"contract": f"contract-{customer % 12}", "region": f"region-{customer % 20}"},
    }


def document(count: int = BRANCHES) -> Document:
    """The release: three queues that overflow into each other, and a flow of so many branches."""
    branches = [_branch(place) for place in range(count)]
    return {
        "format": 1,
        "emergency_queue": "standard",
        "tiers": {slug: {"name": slug.capitalize(), "rank": rank} for rank, slug in enumerate(TIERS, start=1)},
        "attributes": {key: {"label": key.capitalize(), "type": "text"} for key in ("contract", "region")},
        "calendars": {"office": _always_open()},
        "phone_systems": {"pbx": _phone_system("pbx1.example.net", "pbx2.example.net")},
        "help_desks": {},
        "queues": {
            "vip": _queue("VIP", "8001", 1, overflow_to="priority"),
            "priority": _queue("Priority", "8002", 2, overflow_to="standard"),
            "standard": _queue("Standard", "8003", 3),
        },
        "sources": {},
        "flows": {"main": {"name": "Main", "steps": [], "branches": branches, "last_path": "standard"}},
        "numbers": {f"voice:{NUMBER}": _number()},
    }


def access(key_sha256: str, twilio_secret: str) -> dict[str, Document]:
    """The provider accounts that ask: one with its key, one with its secret, which is encrypted."""
    key = {"sha256": key_sha256, "may_decide": True, "may_report": False, "networks": ["127.0.0.0/8"]}
    account = {"slug": "bench", "dialect": "native", "enabled": True, "public_url": "", "secrets": [], "keys": [key]}
    twilio = {"slug": "twilio", "dialect": "twilio", "public_url": PUBLIC_URL, "secrets": [twilio_secret], "keys": []}
    return {f"account:{ACCOUNT}": account, f"account:{TWILIO_ACCOUNT}": twilio | {"enabled": True}}


def _branch(place: int) -> Document:
    """Each takes the valuable customers of one segment; every other one asks for a plan instead."""
    conditions = [
        _condition("customer.category", "is", f"segment-{place}"),
        _condition("customer.tier", "is_one_of", ["silver", "gold", "platinum"]),
        _condition("customer.lifetime_value", "at_least", 100_000),
    ]
    groups = [conditions]
    if place % 2:
        groups.append([conditions[0], _condition("customer.plan", "is_one_of", ["business", "premium"])])
    target = {"target_kind": "queue", "queue": QUEUES[place % 2], "head_start_s": 60 + place}
    return {"slug": f"branch-{place}", "label": f"Segment {place}", "conditions": groups} | target


def _condition(variable: str, operator: str, value: Any) -> Document:
    return {"variable": variable, "operator": operator, "value": value}


def _queue(name: str, extension: str, priority_class: int, **fields: Any) -> Document:
    return {
        "name": name,
        "phone_system": "pbx",
        "voice_kind": "sip",
        "voice_address": extension,
        "priority_class": priority_class,
        "head_start_s": 0,
        "service_level_percent": 80,
        "service_level_s": 20,
        "max_waiting": 50,
        "calendar": "office",
        "when_closed": "overflow",
        **fields,
    }


def _always_open() -> Document:
    hours = [{"weekday": day, "opens": "00:00", "closes": "23:59"} for day in range(7)]
    return {"name": "Office", "time_zone": "Europe/Rome", "hours": hours, "exceptions": []}


def _phone_system(*hosts: str) -> Document:
    return {
        "name": "PBX",
        "kind": "asterisk",
        "hosts": list(hosts),
        "answers_at_once": True,
        "answer_timeout_s": 10,
    }


def _number() -> Document:
    return {
        "label": "Main line",
        "account": "bench",
        "flow": "main",
        "default_queue": "standard",
        "time_zone": "Europe/Rome",
    }
