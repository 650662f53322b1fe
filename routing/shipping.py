"""Spool rows into the database: each once, however often it is shipped."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import DataError, IntegrityError, transaction

from contactcenter.foundation import formats
from customers.addresses import NO_COUNTRY, PHONE_CHANNELS, caller_address
from routing import number_use, reported_waits
from routing.messaging import notifying
from routing.messaging.arriving import message_of
from routing.models import ContactEvent, Decision, InboundMessage
from routing.spool import DECISION, MESSAGE, Row

_EXPLAINING = ("answer", "variables", "origins")
"""What is kept of a spooled row beside the columns."""


def insert(rows: Sequence[Row], host: str) -> set[int]:
    """Insert what was spooled; ids of rows that it or this version refuses. Raises OperationalError when it is away."""
    try:
        with transaction.atomic():
            _insert_all(rows, host)
        return set()
    except (DataError, IntegrityError, ValueError, KeyError, TypeError):
        return {row.id for row in rows if not _fits(row, host)}


def _fits(row: Row, host: str) -> bool:
    """One row on its own, to find out which of a batch is the bad one."""
    try:
        with transaction.atomic():
            _insert_all([row], host)
    except (DataError, IntegrityError, ValueError, KeyError, TypeError):
        return False
    return True


def _insert_all(rows: Sequence[Row], host: str) -> None:
    documents = [_read(row) for row in rows if row.kind == DECISION]
    events = [_event(_read(row)) for row in rows if row.kind not in (DECISION, MESSAGE)]
    messages = [message_of(_read(row)) for row in rows if row.kind == MESSAGE]
    ContactEvent.objects.bulk_create(events, ignore_conflicts=True)
    reported_waits.note(events)
    InboundMessage.objects.bulk_create(messages, ignore_conflicts=True)
    insert_decisions(documents, host)


def _read(row: Row) -> dict[str, Any]:
    """The row's document. Raises OtherFormat."""
    document: dict[str, Any] = orjson.loads(row.document)
    formats.SPOOL_ROW.check(document.get("v"))
    return document


def insert_decisions(documents: Sequence[dict[str, Any]], host: str) -> None:
    """Decisions as decide servers spool them, and workers make them of messages, with all that follows from them."""
    decisions = [_decision(document, host) for document in documents]
    Decision.objects.bulk_create(decisions, ignore_conflicts=True)
    notifying.put(decisions)
    number_use.note(documents)  # last: other couriers wait for these rows


def _decision(document: dict[str, Any], host: str) -> Decision:
    contact, answer = document["contact"], document["answer"]
    return Decision(
        decision_id=answer["decision_id"],
        account=contact["account"],
        call_id=answer["call_id"],
        channel=contact["channel"],
        number=contact["to"][:64],
        caller=_caller(document)[:128],
        attempt=contact["attempt"],
        release=answer.get("release"),
        flow=answer.get("flow", ""),
        branch=answer.get("branch", ""),
        queue=answer.get("queue", ""),
        tier=answer.get("tier", ""),
        reason=answer["reason"],
        degraded=answer["degraded"],
        decided_at=datetime.fromisoformat(document["decided_at"]),
        host=document.get("host", host),
        document={name: document[name] for name in _EXPLAINING if name in document},
    )


def _caller(document: dict[str, Any]) -> str:
    """His number as it is searched for, however the provider wrote it; what is no number stays as it is."""
    contact = document["contact"]
    read: str | None = document["variables"].get("call.from")
    if read is None and contact["channel"] in PHONE_CHANNELS:
        read = caller_address(contact["from"], NO_COUNTRY)
    return read or str(contact["from"])


def _event(document: dict[str, Any]) -> ContactEvent:
    return ContactEvent(
        event_id=document["event_id"],
        decision_id=document.get("decision_id", ""),
        call_id=document.get("call_id", ""),
        kind=document["kind"],
        queue=document.get("queue", ""),
        happened_at=datetime.fromisoformat(document["at"]),
        document=document.get("details", {}),
    )
