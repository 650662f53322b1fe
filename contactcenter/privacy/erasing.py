"""Erase one person everywhere.

`begin` is one short transaction: the customer is gone from every page and, within seconds, from every decide
host. `work` then goes through what was decided, for as long as it is given time; it is repeated every minute
until it is done, and each night while hosts that were cut off may still bring something of him.
"""

from collections import Counter
from datetime import timedelta
from secrets import token_hex
from time import monotonic

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.utils import timezone

from contactcenter.foundation import changes
from contactcenter.foundation.logs import logger
from contactcenter.privacy import history
from contactcenter.privacy.admin_log import entries_about
from contactcenter.tables import privacy as imported
from customers.models import Erasure
from customers.privacy import records, suppression
from customers.privacy.person import Person
from routing.privacy import evidence, listed

log = logger(__name__)

UNDER_WAY = timedelta(seconds=10)
"""A contact that was being decided when its caller was erased is not a new one yet."""


def begin(person: Person, by: int | None = None) -> Erasure:
    """Erase the customer and keep him from coming back; `by` is the id of the user who asked."""
    with transaction.atomic():
        erasure = Erasure.objects.create(
            pseudonym=f"erased-{token_hex(8)}", identifiers=person.as_json(), requested_by_id=by
        )
        suppression.suppress(suppression.digests(person))
        counts = _forget_in_admin_log(person, erasure.pseudonym) + records.erase(person) + listed.erase(person)
        counts += imported.erase(person) + history.erase(person)  # by history is known whom somebody had deleted before
        changes.mark(changes.ERASURE, [str(erasure.pk)])
        _note(erasure, counts)
    log.info("erasure_begun", erasure=erasure.pk)
    return erasure


def work(erasure: Erasure, deadline: float) -> bool:
    """Go on until `deadline` (monotonic): whether everything that is there has been gone through."""
    person, before = Person.from_json(erasure.identifiers), erasure.created_at + UNDER_WAY
    traces = records.erase_traces(person) + imported.erase_traces(person)
    _note(erasure, traces + evidence.erase_messages(person, before))
    last = evidence.last_decision()
    while erasure.searched_to < last:
        if monotonic() >= deadline:
            return False
        counts, erasure.searched_to = evidence.erase_decisions(person, erasure.pseudonym, erasure.searched_to, before)
        _note(erasure, counts)
    if erasure.finished_at is None:
        erasure.finished_at = timezone.now()
        erasure.save(update_fields=["finished_at"])
        log.info("erasure_finished", erasure=erasure.pk)
    return True


def work_on_all(deadline: float, *, also_finished: bool = False) -> bool:
    """Work on every erasure that is not finished, or on all that may still find something; whether all are through."""
    waiting = Erasure.objects.exclude(identifiers="").order_by("pk")
    if not also_finished:
        waiting = waiting.filter(finished_at=None)
    done = [work(erasure, deadline) for erasure in waiting]  # each has its turn, also when one is not through
    return all(done)


def _note(erasure: Erasure, counts: Counter[str]) -> None:
    erasure.counts = dict(Counter(erasure.counts) + counts)
    erasure.save(update_fields=["counts", "searched_to"])


def _forget_in_admin_log(person: Person, pseudonym: str) -> Counter[str]:
    """Who changed him and when stays; his name does not."""
    entries = entries_about(person)
    return Counter({LogEntry._meta.db_table: entries.update(object_repr=pseudonym, change_message="")})
