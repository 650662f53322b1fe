"""What the evidence of contacts holds of one person: exported, made nameless, or deleted.

Decisions are gone through in order of their ids, so many at a time: there is no index that finds a number
in whatever form it came, or in what was asked of a data source.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet, TextField
from django.db.models.functions import Cast

from customers.privacy.person import Person
from customers.privacy.records import as_row
from customers.privacy.searching import containing
from customers.privacy.suppression import pseudonym as lasting_pseudonym
from customers.privacy.traces import Traces
from routing.models import ContactEvent, Conversation, Decision, Delivery, InboundMessage, Notification
from routing.privacy import nameless

SPAN = 20_000
"""Decisions that one query looks through."""

BATCH = 500

Counts = Counter[str]
"""Rows by table."""


def export(person: Person) -> dict[str, list[dict[str, Any]]]:
    """Every row about `person`, by table; decisions whose caller became a pseudonym by age among them."""
    decisions = [row for rows in _spans(person, 0, last_decision()) for row in rows]
    calls = {row.call_id for row in decisions} - {""}
    conversations = list(_conversations(person))
    messages = InboundMessage.objects.filter(_messages(person) | Q(conversation__in=conversations))
    rows: dict[type[Any], list[Any]] = {
        Decision: decisions,
        ContactEvent: [
            event
            for some in _batches(sorted(calls), sorted(row.decision_id for row in decisions))
            for event in ContactEvent.objects.filter(some)
        ],
        Conversation: conversations,
        InboundMessage: list(messages.order_by("pk")),
        Delivery: list(Delivery.objects.filter(conversation__in=conversations)),
        Notification: list(Notification.objects.filter(decision_id__in=[row.decision_id for row in decisions])),
    }
    return {model._meta.db_table: [as_row(row) for row in found] for model, found in rows.items()}


def _batches(calls: list[str], decision_ids: list[str]) -> Iterator[Q]:
    for start in range(0, max(len(calls), len(decision_ids)), BATCH):
        end = start + BATCH
        yield Q(call_id__in=calls[start:end]) | Q(decision_id__in=decision_ids[start:end])


def last_decision() -> int:
    """The id of the newest decision; 0 when there is none."""
    return Decision.objects.aggregate(last=Max("pk"))["last"] or 0


def erase_decisions(person: Person, pseudonym: str, after: int, before: datetime) -> tuple[Counts, int]:
    """Make decisions about `person` behind the id `after` nameless; how many rows, and how far it came.

    One span of them: call again from where it came until that is no further. A contact from `before` on is a
    new one: whoever was erased may call again.
    """
    counts, upto = Counts(), min(after + SPAN, last_decision())
    for rows in _spans(person, after, upto):
        for start in range(0, len(rows), BATCH):
            counts += make_nameless(
                {pseudonym: [row for row in rows[start : start + BATCH] if row.decided_at < before]}
            )
    return counts, max(upto, after)


def make_nameless(decisions: Mapping[str, Sequence[Decision]]) -> Counts:
    """Write these decisions, by what their callers are called from now on, without anything about a person."""
    rows, events = [], 0
    with transaction.atomic():
        for pseudonym, found in decisions.items():
            for row in found:
                before = row.call_id
                _make_nameless(row, pseudonym)
                if row.call_id != before:
                    events += ContactEvent.objects.filter(call_id=before).update(call_id=row.call_id)
                rows.append(row)
        Decision.objects.bulk_update(rows, ["caller", "call_id", "document"], batch_size=BATCH)
    return +Counts({Decision._meta.db_table: len(rows), ContactEvent._meta.db_table: events})


def _make_nameless(decision: Decision, pseudonym: str) -> None:
    decision.caller, decision.call_id = pseudonym, nameless.call_id(decision.channel, decision.call_id)
    decision.document = {
        **decision.document,
        "variables": nameless.variables(decision.document.get("variables") or {}),
        "answer": nameless.answer(decision.document.get("answer") or {}, decision.call_id),
    }


def erase_messages(person: Person, before: datetime) -> Counts:
    """Delete his conversations with all that was received and delivered in them. Safe to repeat."""
    counts = Counts()
    conversations = [row.pk for row in _conversations(person) if row.opened_at < before]
    for rows in (
        Delivery.objects.filter(conversation__in=conversations),
        InboundMessage.objects.filter(
            Q(conversation__in=conversations) | _messages(person) & Q(received_at__lt=before)
        ),
        Conversation.objects.filter(pk__in=conversations),
    ):
        counts[rows.model._meta.db_table] += rows.delete()[0]
    return +counts


def _spans(person: Person, after: int, upto: int) -> Iterator[list[Decision]]:
    """The decisions about `person`, span by span."""
    traces = Traces(person.addresses)
    lasting = {lasting_pseudonym(*address) for address in person.addresses}
    named = Q(caller__in=lasting) | containing(traces.needles, "caller", "call_id", "text")
    rows: QuerySet[Decision] = Decision.objects.annotate(text=Cast("document", TextField())).filter(named)
    while after < upto:
        span = rows.filter(pk__gt=after, pk__lte=after + SPAN).order_by("pk")
        yield [row for row in span if row.caller in lasting or _is_about(row, traces)]
        after += SPAN


def _is_about(decision: Decision, traces: Traces) -> bool:
    return traces.in_text(decision.caller) or traces.in_document(decision.document)


def _conversations(person: Person) -> "QuerySet[Conversation]":
    return Conversation.objects.filter(_messages(person)).order_by("pk")


def _messages(person: Person) -> Q:
    """By the sender as the platforms write him: with or without a plus."""
    senders = {value for _kind, value in person.addresses}
    senders |= {value.removeprefix("+") for value in senders}
    return Q(sender__in=senders | {f"whatsapp:{value}" for value in senders})
