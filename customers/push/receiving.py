"""A CRM's request becomes rows: each event once, however often it comes. What they mean is looked at later."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jmespath
import orjson
from django.utils.dateparse import parse_datetime
from jmespath.exceptions import JMESPathError

from contactcenter.foundation.problems import Malformed
from customers.crm.mapping import LONGEST_ID
from customers.models import CrmEvent, CrmPush
from customers.push.schemes import SCHEMES, Delivery, Told

MOST_EVENTS = 1000
LONGEST_EVENT_ID = 200
_MILLISECONDS = 10_000_000_000
"""As seconds this would be the year 2286: whatever is larger counts milliseconds."""


def is_proven(push: CrmPush, delivery: Delivery, now: datetime) -> bool:
    """Whether one of the two live secrets signed this within five minutes."""
    scheme = SCHEMES[push.scheme]
    secrets = [secret for secret in (push.secret, push.secret_before) if secret]
    header = push.signature_header or scheme.header
    return scheme.verify(delivery, secrets, header, now.timestamp())


def put_down(push: CrmPush, delivery: Delivery, now: datetime) -> int:
    """Keep the events of a proven request; how many it named a customer in. Raises Malformed.

    An event without a customer of ours (a test of the sender, another kind of object) is no error.
    """
    try:
        document = orjson.loads(delivery.body)
    except orjson.JSONDecodeError as error:
        raise Malformed("invalid_json", "The body is not JSON.") from error
    events = list(_events(push, document, delivery, now))
    if len(events) > MOST_EVENTS:
        raise Malformed("too_large", f"More than {MOST_EVENTS} events.", status=413)
    CrmEvent.objects.bulk_create(events, batch_size=500, ignore_conflicts=True)
    return len(events)


def _events(push: CrmPush, document: Any, delivery: Delivery, now: datetime) -> Iterator[CrmEvent]:
    for source, told in SCHEMES[push.scheme].read(document, delivery):
        customer = _id(_at_path(push.id_path, source) if push.id_path else told.customer)
        event_id = _text(told.event_id)[:LONGEST_EVENT_ID]
        into = _id(told.into)
        if customer and event_id:
            yield CrmEvent(
                push=push,
                event_id=event_id,
                external_id=customer,
                kind=_kind(told, into),
                into=into,
                occurred_at=min(_time(told.at) or now, now),  # one from the future would outlive all that follow
                received_at=now,
                due_at=now,
            )


def _kind(told: Told, into: str) -> str:
    return CrmEvent.Kind.CHANGED if told.kind == CrmEvent.Kind.MERGED and not into else told.kind


def _at_path(path: str, document: Any) -> Any:
    try:
        return jmespath.search(path, document)
    except JMESPathError:
        return None


def _text(value: Any) -> str:
    is_plain = isinstance(value, str | int) and not isinstance(value, bool)
    text = str(value) if is_plain else ""
    return text if text.isprintable() else ""


def _id(value: Any) -> str:
    text = _text(value)
    return text if len(text) <= LONGEST_ID else ""


def _time(value: Any) -> datetime | None:
    """A moment, by ISO 8601, seconds or milliseconds since 1970; None for anything else."""
    try:
        if isinstance(value, str) and not value.isdigit():
            moment = parse_datetime(value)
            return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = int(value)
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
            seconds=seconds / 1000 if seconds > _MILLISECONDS else seconds
        )
    except (TypeError, ValueError, OverflowError):
        return None
