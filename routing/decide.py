"""The main story: one contact asks where it goes, and gets the same answer however often it asks."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from contactcenter.foundation import formats
from contactcenter.foundation.clock import Clock
from contactcenter.foundation.logs import logger
from routing import spool
from routing.answers import Answer, decision_id, emergency
from routing.contacts import Contact
from routing.evaluation import Evaluation, evaluate
from routing.live import Live
from routing.spool import Spool

log = logger(__name__)

DEADLINE_S = 1.5


@dataclass(frozen=True)
class Plane:
    """What a decide process holds: live data, the spool, and the settings that decisions depend on."""

    live: Live
    spool: Spool
    clock: Clock
    id_key: bytes
    emergency_target: str
    host: str


def decide(contact: Contact, plane: Plane, deadline_s: float = DEADLINE_S) -> Answer:
    """Choose where `contact` goes and record why. Asking twice gives the first answer again. Never raises."""
    deadline = plane.clock.monotonic() + deadline_s
    try:
        return _decide(contact, plane, deadline)
    except Exception:  # a call without an answer is worse than any fault of ours
        log.exception("decide_failed")
        answer = emergency(contact, decision_id(contact, plane.id_key), plane.emergency_target)
        answer["degraded"].append("decide:error")
        return answer


def _decide(contact: Contact, plane: Plane, deadline: float) -> Answer:
    earlier, unreadable = _earlier(plane.spool.of_call(contact))
    key = spool.text_key(contact.key)
    if key in earlier:
        return _again(earlier[key], contact)
    following = _following(contact, earlier, plane.clock)
    evaluation = _evaluate(following, plane, deadline)
    if earlier and contact.attempt == 0:
        evaluation.answer["warnings"].append("call_id_reused")
    evaluation.answer["degraded"].extend(unreadable)
    now = plane.clock.now()
    winner = plane.spool.record(key, spool.DECISION, _document(following, evaluation, plane, now), now.timestamp())
    first = _earlier({key: winner})[0] if winner else {}
    return _again(first[key], contact) if key in first else evaluation.answer


def _earlier(rows: Mapping[str, bytes]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Decisions of this call by key, and how that is degraded: those of a release too far from ours count as none."""
    readable = {}
    for key, row in rows.items():
        with suppress(ValueError):
            document = orjson.loads(row)
            formats.SPOOL_ROW.check(document.get("v"))
            readable[key] = document
    return readable, ["spool:format"] if len(readable) < len(rows) else []


def _evaluate(contact: Contact, plane: Plane, deadline: float) -> Evaluation:
    identifier = decision_id(contact, plane.id_key)
    world = plane.live.world_of(contact, plane.clock)
    if world is None:
        return Evaluation(emergency(contact, identifier, plane.emergency_target))
    evaluation = evaluate(contact, world, plane.clock, deadline, identifier)
    return _by_pilot(evaluation, world.pilot) if world.pilot else evaluation


def _by_pilot(evaluation: Evaluation, pilot: int) -> Evaluation:
    """It says so, and names no release: none of those that were published decided it."""
    answer = {"decision_id": evaluation.answer["decision_id"], "pilot": pilot} | evaluation.answer
    answer.pop("release", None)
    return replace(evaluation, answer=answer)


def _again(stored: Mapping[str, Any], contact: Contact) -> Answer:
    answer: Answer = stored["answer"]
    if stored["asked_with"] != _fingerprint(contact):
        answer["warnings"].append("repeat_differs")
    return answer


def _following(contact: Contact, earlier: Mapping[str, Mapping[str, Any]], clock: Clock) -> Contact:
    """A later attempt of a call knows which queue it was in, and for how long it has been going on."""
    if contact.attempt == 0 or not earlier:
        return contact
    rows = sorted(earlier.values(), key=lambda row: str(row["decided_at"]))
    began = datetime.fromisoformat(rows[0]["decided_at"])
    queue = str(rows[-1]["answer"].get("queue", ""))
    return replace(contact, previous_queue=queue, waited_s=int((clock.now() - began).total_seconds()))


def _document(contact: Contact, evaluation: Evaluation, plane: Plane, now: datetime) -> dict[str, Any]:
    """One row of the spool: everything needed to explain the decision later."""
    document = {
        "v": spool.FORMAT,
        "decided_at": now.isoformat(),
        "host": plane.host,
        "asked_with": _fingerprint(contact),
        "contact": {
            "account": contact.account,
            "to": contact.to,
            "number": evaluation.number,
            "from": contact.caller,
            "channel": contact.channel,
            "attempt": contact.attempt,
        },
        "variables": evaluation.variables,
        "answer": evaluation.answer,
    }
    if evaluation.origins:
        document["origins"] = evaluation.origins
    return document


def _fingerprint(contact: Contact) -> str:
    body = orjson.dumps(dict(contact.context), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(body).hexdigest()[:16]
