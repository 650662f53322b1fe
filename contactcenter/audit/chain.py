"""The chain of events: each is sealed when it is written, and linked to the one before once that has committed.

An event is written in the transaction of what it tells of, without a lock: whoever publishes holds others up enough.
Its place in the chain it gets right after the commit, in a short transaction of its own under one row's lock. Both
hashes are keyed with a secret of the environment: who can write to the database alone can forge neither.
"""

import hmac
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction

from contactcenter.audit.models import ChainEnd, Event
from contactcenter.foundation.logs import logger

log = logger(__name__)

BATCH = 500
LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""Hashes are letters only: digits in a row would be masked in the log as a phone number."""


def note(action: str, kind: str, object_id: Any, user_id: int | None) -> None:
    """Write down that it was done, in the caller's transaction."""
    event = Event(action=action, kind=kind, object_id=str(object_id)[:64], user_id=user_id)
    event.seal = seal(event)
    event.save(force_insert=True)
    # Once for each transaction; a rolled back savepoint takes its own with it.
    connection = transaction.get_connection()
    if not any(callback is link_waiting for _ids, callback, _robust in connection.run_on_commit):
        transaction.on_commit(link_waiting, robust=True)


def link_waiting() -> int:
    """Give every event that has none its place, in the order in which they were written; how many."""
    linked = 0
    while batch := _link_batch():
        linked += batch
    return linked


@transaction.atomic
def _link_batch() -> int:
    ChainEnd.objects.get_or_create(pk=1, defaults={"seal": seal_of_end(0, "")})
    end = ChainEnd.objects.select_for_update().get(pk=1)
    waiting = list(Event.objects.filter(number=None).order_by("pk")[:BATCH])
    if not waiting:
        return 0
    for event in waiting:
        end.number += 1
        end.link = event.link = link(end.link, end.number, event.seal)
        event.number = end.number
    Event.objects.bulk_update(waiting, ["number", "link"])
    end.seal = seal_of_end(end.number, end.link)
    end.save()
    log.info("audit_chain", number=end.number, link=end.link)  # outside the database: shows an end that was cut off
    return len(waiting)


def seal(event: Event) -> str:
    """Over everything that an event says."""
    said = (event.nonce, event.at.isoformat(), event.user_id, event.action, event.kind, event.object_id)
    return _keyed("event", *said)


def link(before: str, number: int, sealed: str) -> str:
    """Ties an event to its place and to all that came before."""
    return _keyed("link", before, number, sealed)


def seal_of_end(number: int, last: str) -> str:
    """Over how far the chain reaches."""
    return _keyed("end", number, last)


def _keyed(*parts: Any) -> str:
    key = sha256(b"audit chain" + settings.PRIVACY_KEY.encode()).digest()
    digest = hmac.new(key, "\n".join(map(str, parts)).encode(), sha256).hexdigest()
    return digest.translate(LETTERS)
