"""Reads the records that events are about: one question to the CRM for each customer, without a transaction."""

from collections import defaultdict
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from django.utils.translation import gettext as _

from contactcenter.foundation.logs import logger
from customers.crm import CONNECTORS, CannotFetchOne, CrmRejected, CrmUnavailable
from customers.crm.configuration import config_of
from customers.models import CrmEvent, CrmPush
from customers.push import waiting

READING_S = 2.0
"""After so long what has been read is applied, however little it is: somebody may be calling."""

Kind, State = CrmEvent.Kind, CrmEvent.State

log = logger(__name__)


@dataclass
class Batch:
    """What was read: records, ids that are gone, merges, and the events behind each."""

    records: list[Any] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    merges: list[CrmEvent] = field(default_factory=list)
    events: list[CrmEvent] = field(default_factory=list)


def read(push: CrmPush, events: list[CrmEvent]) -> Batch:
    """Ask for the record of each customer once, whatever happened to him; without a transaction."""
    batch, ends_at = Batch(), monotonic() + READING_S
    older = [event for event in events if _is_older(event)]
    waiting.finish(older, State.IGNORED)
    by_customer: dict[str, list[CrmEvent]] = defaultdict(list)
    for event in events:
        if event.kind == Kind.MERGED and event not in older:
            batch.merges.append(event)
            batch.events.append(event)
        elif event not in older:
            by_customer[event.external_id].append(event)
    for same in by_customer.values():
        waiting.renew(push)
        if not _ask(push, same, batch) or monotonic() >= ends_at:
            break
    return batch


def _is_older(event: CrmEvent) -> bool:
    """Whether the record has been read after something that happened later."""
    same = CrmEvent.objects.filter(push_id=event.push_id, external_id=event.external_id, state=State.APPLIED)
    return same.filter(kind=event.kind, occurred_at__gt=event.occurred_at).exists()


def _ask(push: CrmPush, same: list[CrmEvent], batch: Batch) -> bool:
    """Read the customer of these events into the batch; False when the CRM is to be left in peace now."""
    connection, external_id = push.connection, same[0].external_id
    try:
        record = CONNECTORS[connection.connector].fetch_one(config_of(connection), external_id)
    except CrmUnavailable as error:
        log.warning("crm_push_put_off", push=push.pk, reason=error.code)
        waiting.put_off(push, same[0], str(error), error.retry_after)
        return False
    except (CrmRejected, CannotFetchOne) as error:
        log.warning("crm_push_failed", push=push.pk, reason=type(error).__name__)
        waiting.finish(same, State.FAILED, str(error) or _("This CRM cannot be asked for one customer."))
        return True
    if record is not None:
        batch.records.append(record)
    elif any(event.kind == Kind.DELETED for event in same):
        batch.gone.append(external_id)
    else:
        # Nothing there, and nobody said that it was deleted: the nightly sync looks twice before it acts.
        waiting.finish(same, State.IGNORED)
        return True
    batch.events += same
    return True
