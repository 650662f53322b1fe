"""A small contact centre as a document, and ways to break it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

Document = dict[str, Any]
Change = Callable[[Document], object]


def is_one_of(*tiers: str) -> list[list[dict[str, Any]]]:
    """Conditions of a branch: loyalty tier is one of these."""
    return [[{"variable": "customer.tier", "operator": "is_one_of", "value": list(tiers)}]]


def condition(variable: str, operator: str, value: Any = None) -> dict[str, Any]:
    """One condition as it is stored."""
    return {"variable": variable, "operator": operator} | ({} if value is None else {"value": value})


def queue(name: str, extension: str, **fields: Any) -> dict[str, Any]:
    """A queue for calls and messages alike."""
    return {
        "name": name,
        "phone_system": "pbx",
        "voice_kind": "sip",
        "voice_address": extension,
        "help_desk": "desk",
        "team": name,
        "priority_class": 3,
        "head_start_s": 0,
        "service_level_percent": 80,
        "service_level_s": 20,
        "when_closed": "overflow",
        **fields,
    }


def branch(slug: str, label: str, leads_to: str, conditions: Any, **fields: Any) -> dict[str, Any]:
    """A branch as it stands in a flow."""
    return {
        "slug": slug,
        "label": label,
        "conditions": conditions,
        "target_kind": "queue",
        "queue": leads_to,
        **fields,
    }


def source(name: str, url: str, *variables: str, **fields: Any) -> dict[str, Any]:
    """A data source that answers with text variables of these names."""
    return {
        "name": name,
        "method": "GET",
        "url": url,
        "auth": "none",
        "budget_ms": 800,
        "connect_ms": 300,
        "read_ms": 600,
        "cache_seconds": 60,
        "variables": [{"name": each, "expression": each, "type": "text"} for each in sorted(variables)],
        **fields,
    }


GOOD: Document = {
    "format": 1,
    "emergency_queue": "standard",
    "tiers": {
        "platinum": {"name": "Platinum", "rank": 4},
        "gold": {"name": "Gold", "rank": 3},
        "silver": {"name": "Silver", "rank": 2},
    },
    "attributes": {"contract": {"label": "Contract type", "type": "text"}},
    "calendars": {
        "office": {
            "name": "Office hours",
            "time_zone": "Europe/Rome",
            "hours": [
                {"weekday": 0, "opens": "09:00", "closes": "18:00"},
                {"weekday": 1, "opens": "09:00", "closes": "18:00"},
            ],
            "exceptions": [{"label": "Christmas", "first_day": "2026-12-25", "last_day": "2026-12-26"}],
        }
    },
    "phone_systems": {
        "pbx": {
            "name": "Head office",
            "kind": "asterisk",
            "hosts": ["pbx.example.net", "pbx2.example.net:5070"],
            "answers_at_once": True,
            "answer_timeout_s": 10,
        }
    },
    "help_desks": {"desk": {"name": "Desk"}},
    "queues": {
        "vip": queue("VIP", "8001", priority_class=1, head_start_s=300, overflow_to="priority"),
        "priority": queue("Priority", "8002", calendar="office", overflow_to="standard", max_waiting=20),
        "standard": queue("Standard", "8003"),
    },
    "sources": {"crm": source("CRM", "https://crm.example.com/c?phone={call.from}", "id", "status_word")},
    "flows": {
        "priority-customers": {
            "name": "Priority customers",
            "last_path": "standard",
            "steps": [{"slug": "crm", "source": "crm", "precedence": "replace"}],
            "branches": [
                branch("gold-or-platinum", "Gold or platinum", "vip", is_one_of("gold", "platinum"), head_start_s=600),
                branch("silver", "Silver", "priority", is_one_of("silver")),
            ],
        }
    },
    "numbers": {
        "voice:+390212345678": {
            "label": "Hotline",
            "account": "telco",
            "flow": "priority-customers",
            "default_queue": "standard",
            "time_zone": "Europe/Rome",
        },
        "whatsapp:+390212345678": {
            "label": "WhatsApp",
            "account": "telco",
            "flow": "priority-customers",
            "default_queue": "standard",
            "time_zone": "Europe/Rome",
        },
    },
}
"""Nothing is wrong with this one."""


def good() -> Document:
    """A copy of GOOD, to be changed at will."""
    return deepcopy(GOOD)


def changed(change: Change) -> Document:
    """GOOD after `change`."""
    document = good()
    change(document)
    return document


def flow_of(document: Document) -> Document:
    """Its only flow."""
    flow: Document = document["flows"]["priority-customers"]
    return flow


def with_conditions(*groups: list[dict[str, Any]]) -> Document:
    """GOOD with these groups of conditions at its first branch."""
    return changed(lambda document: flow_of(document)["branches"][0].update(conditions=list(groups)))


def with_branches(*branches: dict[str, Any]) -> Document:
    """GOOD with these branches instead of its own."""
    return changed(lambda document: flow_of(document).update(branches=list(branches)))


def with_sources(**sources: dict[str, Any]) -> Document:
    """GOOD with these sources, each asked by a fetch step of its name."""
    steps = [{"slug": slug, "source": slug, "precedence": "replace"} for slug in sources]

    def change(document: Document) -> None:
        document["sources"] = sources
        flow_of(document)["steps"] = steps

    return changed(change)
