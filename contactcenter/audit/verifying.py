"""Is the chain of events whole? Read from its beginning, to the first place where it is not."""

from dataclasses import dataclass

from contactcenter.audit import chain
from contactcenter.audit.models import ChainEnd, Event

BATCH = 2000


class Broken(Exception):
    """What is wrong at the first broken place, in words."""


@dataclass(frozen=True)
class Whole:
    """How many events the chain has, its last link, and how many wait for their place."""

    number: int
    link: str
    waiting: int


def verify(anchor: tuple[int, str] | None = None) -> Whole:
    """Raises Broken. `anchor`: a number and its link as they were printed or logged at an earlier time."""
    number, link, seen = 0, "", anchor is None or anchor == (0, "")
    for event in Event.objects.exclude(number=None).order_by("number").iterator(BATCH):
        number += 1
        if event.number != number:
            raise Broken(f"Event number {number} is missing: it was deleted.")
        if event.seal != chain.seal(event):
            raise Broken(f"Event number {number} (id {event.pk}) was edited, or not written by the portal.")
        link = chain.link(link, number, event.seal)
        if event.link != link:
            raise Broken(f"Event number {number} (id {event.pk}) does not follow the one before: inserted or moved.")
        if anchor and anchor[0] == number:
            seen = True
            if anchor[1] != link:
                raise Broken(f"Event number {number} is not the one of the anchor: the chain was written anew.")
    _check_end(number, link)
    if not seen:
        raise Broken(f"The chain ends at {number}, before the anchor: its end was cut off.")
    waiting = Event.objects.filter(number=None)
    for event in waiting.iterator(BATCH):
        if event.seal != chain.seal(event):
            raise Broken(f"The event with id {event.pk} was edited, or not written by the portal.")
    return Whole(number, link, waiting.count())


def _check_end(number: int, link: str) -> None:
    end = ChainEnd.objects.filter(pk=1).first()
    if end is None:
        if number:
            raise Broken("The row that says how far the chain reaches is missing.")
        return
    if end.seal != chain.seal_of_end(end.number, end.link):
        raise Broken("The row that says how far the chain reaches was edited.")
    if (end.number, end.link) != (number, link):
        raise Broken(f"The chain ends at {number} and should reach {end.number}: its end was cut off or written anew.")
