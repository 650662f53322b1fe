"""Problems of ringing: a provider that gives up while callers still wait for an agent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from queues.ringing import needed_s
from routing.problems.found import Document, Problem, name_of, warning
from routing.problems.numbers import VOICE, alike, reached


@dataclass(frozen=True)
class RingLimit:
    """A provider account whose provider lets nothing ring for longer than so many seconds."""

    name: str
    seconds: int


def find(document: Document, limits: Mapping[str, RingLimit]) -> Iterator[Problem]:
    """Queues whose callers wait while it rings, for longer than their provider allows: each once an account."""
    told: set[tuple[str, str]] = set()
    for channel, number in alike(document):
        account, limit = number["account"], limits.get(number["account"])
        if limit is None or channel != VOICE:
            continue
        for queue, _way in reached(document, number, VOICE):
            needed = _needed_s(document, queue)
            if needed <= limit.seconds or (account, queue) in told:
                continue
            told.add((account, queue))
            yield _too_short(document, queue, limit, needed)


def _needed_s(document: Document, slug: str) -> int:
    """How long a call to this queue must be able to ring; 0 where it is answered at once."""
    queue = document["queues"][slug]
    system = document["phone_systems"].get(queue.get("phone_system"))
    return needed_s(queue.get("promised_wait_s")) if system and not system["answers_at_once"] else 0


def _too_short(document: Document, slug: str, limit: RingLimit, needed: int) -> Problem:
    message = _(
        "Queue “%(queue)s” rings until an agent answers and needs %(needed)s seconds for its longest promised wait, "
        "but calls of “%(account)s” ring for %(seconds)s at most: callers who still wait then lose their place. "
        "Let the phone system answer at once, or promise less."
    )
    words = {"queue": name_of(document, "queues", slug), "needed": needed}
    words |= {"account": limit.name, "seconds": limit.seconds}
    return warning(("queues", slug, "promised_wait_s"), message % words)
