"""What is left of a decision when nobody can tell any more who it was about. Pure.

Queue, tier, branch and reason stay, for statistics; the caller becomes a pseudonym; what a source, the
CRM or the caller himself said is left out.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

KEPT = frozenset(
    {
        "call.channel",
        "call.to",
        "call.from_country",
        "call.waited_s",
        "call.previous_queue",
        "customer.known",
        "customer.identified_by",
        "customer.tier",
        "customer.tier_rank",
    }
)
KEPT_FAMILIES = ("time", "queue")


def variables(found: Mapping[str, Any]) -> dict[str, Any]:
    """Those that say nothing of a person; of a fetch step only how it ended."""
    return {name: value for name, value in found.items() if name in KEPT or _is_of_no_person(name)}


def _is_of_no_person(name: str) -> bool:
    family, _, rest = name.partition(".")
    return family in KEPT_FAMILIES or (rest == "status" and family not in ("call", "customer"))


def answer(given: Mapping[str, Any], call: str) -> dict[str, Any]:
    """The answer without the caller's number; `call` is what its call id is now."""
    return {**{name: value for name, value in given.items() if name != "caller_id"}, "call_id": call}


def call_id(channel: str, given: str) -> str:
    """A call's id stays: the phone system knows it. A message's id may have its sender's number in it."""
    return given if channel == "voice" else f"message-{hashlib.sha256(given.encode()).hexdigest()[:16]}"


def spooled(document: Mapping[str, Any], pseudonym: str) -> dict[str, Any]:
    """A decision as decide servers append it to the spool."""
    contact = document["contact"]
    call = call_id(contact["channel"], document["answer"]["call_id"])
    return {
        **document,
        "asked_with": "",
        "contact": {**contact, "from": pseudonym},
        "variables": variables(document["variables"]),
        "answer": answer(document["answer"], call),
    }
