"""Decisions together with what was told of them afterwards."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from contactcenter.foundation.any_of import AnyOf
from routing.branches import LAST_PATH
from routing.evaluation import BLOCKED
from routing.models import ContactEvent, Decision, Release
from routing.reports.outcomes import ANSWERED, USUAL, Outcome, Terms, Told, outcome_of

AT_ONCE = 500
CLOCKS_DIFFER = timedelta(seconds=5)
"""An event may seem to come this much before its decision."""

OVERFLOW = frozenset({"closed", "full", "switched"})
ON_LAST_PATH = frozenset({LAST_PATH, "unknown_number", "deadline", "no_release"})

# Text is read as it is, which takes a third of the time of JSON; of the value it must be seen whether it is a number.
ACTION = KeyTextTransform("action", KeyTransform("answer", "document"))
PILOT = KeyTextTransform("pilot", KeyTransform("answer", "document"))
VALUE = KeyTransform("customer.lifetime_value", KeyTransform("variables", "document"))


@dataclass(frozen=True, slots=True)
class Contact:
    """One decision, as far as reports need it, and what became of it."""

    pk: int
    decision_id: str
    call_id: str
    channel: str
    flow: str
    branch: str
    queue: str
    tier: str
    reason: str
    decided_at: datetime
    caller: str
    degraded: tuple[str, ...]
    action: str
    value: int | None
    outcome: Outcome
    terms: Terms

    @property
    def is_announced(self) -> bool:
        """It was not sent to agents: it heard an announcement, left a message or was rejected."""
        return self.action not in ("transfer", "")

    @property
    def is_blocked(self) -> bool:
        """The caller is on the list of blocked callers."""
        return self.reason == BLOCKED

    @property
    def is_on_last_path(self) -> bool:
        return self.branch == LAST_PATH or self.reason in ON_LAST_PATH

    @property
    def is_overflowed(self) -> bool:
        """Another queue than the branch's had it: when it was decided, or later."""
        return bool(self.outcome.other_queue) or (self.reason in OVERFLOW and not self.is_announced)

    @property
    def is_in_time(self) -> bool:
        wait_s = self.outcome.wait_s
        return self.outcome.state == ANSWERED and wait_s is not None and wait_s <= self.terms.target_s


@dataclass
class Promises:
    """What the queues promised under each release; every release is read once."""

    known: dict[int, dict[str, Terms]] = field(default_factory=dict)

    def of(self, release: int | None) -> dict[str, Terms]:
        """Terms by the queue's short name; none where no release was held."""
        if release is None:
            return {}
        if release not in self.known:
            text = Release.objects.filter(number=release).values_list("document", flat=True).first()
            self.known[release] = terms_of(json.loads(text)) if text else {}
        return self.known[release]


def terms_of(document: Mapping[str, Any]) -> dict[str, Terms]:
    """What each queue of a release promises, by its short name."""
    systems = document.get("phone_systems", {})
    return {
        slug: Terms(
            queue.get("service_level_s", USUAL.target_s),
            queue.get("service_level_percent", USUAL.percent),
            not systems.get(queue.get("phone_system"), {}).get("answers_at_once", True),
        )
        for slug, queue in document.get("queues", {}).items()
    }


COLUMNS = (
    "pk",
    "decision_id",
    "call_id",
    "channel",
    "flow",
    "branch",
    "queue",
    "tier",
    "reason",
    "decided_at",
    "caller",
)


def contacts(decisions: QuerySet[Decision], promises: Promises) -> Iterator[Contact]:
    """Each of `decisions` with its outcome, so many at a time: two or three queries for each AT_ONCE.

    Without the calls of pilots: somebody tries a draft, and no release had them.
    """
    rows = decisions.values_list(*COLUMNS, "degraded", "release", ACTION, VALUE, PILOT).iterator(chunk_size=AT_ONCE)
    while batch := list(islice(rows, AT_ONCE)):
        told = _told_of(batch)
        for *row, pilot in batch:
            if pilot is None:
                yield _contact(row, told.get(row[1], ()), promises)


def _contact(row: Sequence[Any], told: Sequence[Told], promises: Promises) -> Contact:
    *columns, degraded, release, action, value = row
    terms, queue, decided_at = promises.of(release), row[6], row[9]
    read: tuple[Any, ...] = (
        tuple(map(str, degraded or ())),
        action if isinstance(action, str) else "",
        value if isinstance(value, int) and not isinstance(value, bool) else None,
        outcome_of(decided_at, queue, told, terms),
        terms.get(queue, USUAL),
    )
    return Contact(*(*columns, *read))


def _told_of(batch: Sequence[Sequence[Any]]) -> dict[str, list[Told]]:
    """What was told of these decisions, by decision id."""
    calls = {row[2] for row in batch} - {""}
    events = ContactEvent.objects.filter(
        Q(AnyOf(F("decision_id"), [row[1] for row in batch])) | Q(AnyOf(F("call_id"), calls), decision_id="")
    ).values_list("decision_id", "call_id", "kind", "happened_at", "queue", "document")
    told: dict[str, list[Told]] = defaultdict(list)
    by_call = []
    for decision_id, call_id, *rest in events:
        if decision_id:
            told[decision_id].append(as_told(*rest))
        else:
            by_call.append((call_id, as_told(*rest)))
    if by_call:
        attempts = _attempts({call_id for call_id, _event in by_call})
        for call_id, event in by_call:
            told[attempt_at(event.at, attempts[call_id])].append(event)
    return told


def _attempts(calls: set[str]) -> dict[str, list[tuple[datetime, str]]]:
    """When each of these calls was decided, again and again, and the decisions' ids."""
    found: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    rows = Decision.objects.filter(AnyOf(F("call_id"), calls)).order_by("decided_at")
    for call_id, decided_at, decision_id in rows.values_list("call_id", "decided_at", "decision_id"):
        found[call_id].append((decided_at, decision_id))
    return found


def attempt_at(moment: datetime, attempts: Sequence[tuple[datetime, str]]) -> str:
    """The decision that an event of this moment is about: the last one before it."""
    before = [decision_id for decided_at, decision_id in attempts if decided_at <= moment + CLOCKS_DIFFER]
    return before[-1] if before else attempts[0][1]


def as_told(kind: str, at: datetime, queue: str, document: Mapping[str, Any]) -> Told:
    """An event as it is stored, read."""
    index = document.get("index")
    return Told(
        kind,
        at,
        queue,
        _seconds(document.get("seconds")),
        str(document.get("outcome", "")),
        index if isinstance(index, int) else 1,
    )


def _seconds(said: Any) -> float | None:
    """Seconds as somebody sent them; None for what is no wait."""
    try:
        seconds = float(said)
    except (TypeError, ValueError):
        return None
    return seconds if 0 <= seconds <= 86_400 else None
