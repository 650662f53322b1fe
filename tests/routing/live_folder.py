"""A live folder as the courier would have written it, from plain dictionaries and without a database.

build(folder, demo_document(), access=account(uuid, "twilio", "secret"),
                facts={"phone:+393330000001": person(7, tier="gold")}, state={"switch:1": {...}})
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from contactcenter.foundation.encryption import encrypt
from routing import livefile
from tests.routing.documents import branch, is_one_of, queue

Document = dict[str, Any]
Documents = Mapping[str, Document | None]

VOICE_NUMBER = "+390255500000"
WHATSAPP_NUMBER = "+390255500001"
HOST = "pbx.example.net"
TIERS = ("bronze", "silver", "gold", "platinum")


def build(
    folder: Path,
    document: Document | None,
    access: Documents | None = None,
    facts: Documents | None = None,
    state: Documents | None = None,
    callers: Documents | None = None,
    number: int = 1,
) -> None:
    """Write `document` as release `number` (None: no release at all) into `folder`, and all that goes with it.

    May be called again on the same folder: what is named is replaced, None takes it away, the rest stays.
    """
    with closing(livefile.open_for_courier(folder)) as live:
        revision = str(int(livefile.meta(live, "cursor") or 0) + 1)
        live.execute("BEGIN IMMEDIATE")
        if document is not None:
            text = canonical(document)
            livefile.put_release(live, number, text, hashlib.sha256(text.encode()).hexdigest())
        livefile.put(live, "access", (access or {}).items())
        livefile.put(live, "queue_state", (state or {}).items())
        livefile.put(live, "callers", (callers or {}).items())
        livefile.put_facts(live, (facts or {}).items())
        for topic in ("release", "access", "state", "callers"):
            livefile.set_meta(live, f"{topic}_revision", revision)
        livefile.set_meta(live, "cursor", revision)
        live.execute("COMMIT")


def canonical(document: Document) -> str:
    """`document` as the text of a release."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def demo_document() -> Document:
    """Three queues on one phone system, four tiers, a flow by tier, a voice number and a WhatsApp number."""
    return {
        "format": 1,
        "emergency_queue": "standard",
        "tiers": {slug: {"name": slug.capitalize(), "rank": rank} for rank, slug in enumerate(TIERS, start=1)},
        "attributes": {},
        "calendars": {},
        "phone_systems": {"pbx": phone_system(HOST)},
        "help_desks": {"desk": {"name": "Help desk"}},
        "queues": {
            "vip": queue("VIP", "8001", overflow_to="priority", priority_class=1, head_start_s=300),
            "priority": queue("Priority", "8002", overflow_to="standard", priority_class=2, head_start_s=120),
            "standard": queue("Standard", "8003"),
        },
        "sources": {},
        "flows": {
            "priority-customers": {
                "name": "Priority customers",
                "steps": [],
                "branches": [
                    branch("gold-or-platinum", "Gold or platinum", "vip", is_one_of("gold", "platinum")),
                    branch("silver", "Silver", "priority", is_one_of("silver")),
                ],
                "last_path": "standard",
            }
        },
        "numbers": {
            f"voice:{VOICE_NUMBER}": called_number("Main line"),
            f"whatsapp:{WHATSAPP_NUMBER}": called_number("WhatsApp"),
        },
    }


def phone_system(*hosts: str, **fields: Any) -> Document:
    """An Asterisk at these hosts, in failover order."""
    return {
        "name": "PBX",
        "kind": "asterisk",
        "hosts": list(hosts),
        "answers_at_once": True,
        "answer_timeout_s": 10,
        **fields,
    }


def called_number(label: str, **fields: Any) -> Document:
    """A called address that leads into the flow."""
    return {
        "label": label,
        "account": "main",
        "flow": "priority-customers",
        "default_queue": "standard",
        "time_zone": "Europe/Rome",
        **fields,
    }


def account(
    uuid: str, dialect: str, *secrets: str, keys: Iterable[Document] = (), **fields: Any
) -> dict[str, Document]:
    """The access document of one provider account; `secrets` are given in the clear, the newest first."""
    return {
        f"account:{uuid}": {
            "slug": "main",
            "dialect": dialect,
            "enabled": True,
            "public_url": "https://calls.example.com",
            "secrets": [encrypt(secret) for secret in secrets],
            "keys": list(keys),
            **fields,
        }
    }


def api_key(plain: str, **fields: Any) -> Document:
    """The access entry of an API key whose full text is `plain`."""
    return {
        "sha256": hashlib.sha256(plain.encode()).hexdigest(),
        "may_decide": True,
        "may_report": False,
        "networks": [],
        "expires_at": None,
        **fields,
    }


def person(customer: int, **known: Any) -> Document:
    """The facts of one customer, such as `tier="gold"`."""
    return {"v": 1, "customer": str(customer), **known}
