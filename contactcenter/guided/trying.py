"""Where callers of the new number would go by the draft: sample calls, and one real customer of each tier."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from customers.sources import SourceError
from routing import sampling, trial
from routing.contacts import Contact
from routing.document import Document
from routing.models import Number
from routing.release import ReleaseError


@dataclass(frozen=True)
class Tried:
    """Who called, and where the call went; `is_well` where it is known where it had to go."""

    who: str
    went: str
    is_well: bool | None = None


def tries(number: Number, document: Document) -> list[Tried]:
    """Nothing where nobody could be decided by `document` at all: its problems say why."""
    try:
        return [*_samples(number, document), *_customers(number, document)]
    except (ReleaseError, SourceError):
        return []


def _samples(number: Number, document: Document) -> Iterator[Tried]:
    for outcome in sampling.outcomes(document):
        if outcome.sample.flow_id == number.flow_id:
            queue = document["queues"].get(outcome.queue, {}).get("name", outcome.queue)
            yield Tried(outcome.sample.name, _("Goes to %(queue)s.") % {"queue": queue}, outcome.passed)


def _customers(number: Number, document: Document) -> Iterator[Tried]:
    """People who are known now; a list that was handed in a moment ago may still be read."""
    now = timezone.now()
    for caller in trial.ready_made():
        if caller.address not in (trial.STRANGER_CALLS, trial.HIDDEN):
            contact = Contact("trial", "trial", number.address, caller.address, number.channel)
            yield Tried(caller.label, trial.try_call(document, 0, contact, now).sentence)
