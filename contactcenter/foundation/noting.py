"""What apps tell the portal's audit. They send it; the composition listens."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.dispatch import Signal

noted = Signal()
"""Something that no record of a change tells. Sent with `action` (a word of audit.models.Action), `thing` (a model's
instance) and `user_id` (or None)."""

rewriting, rewritten = Signal(), Signal()
"""Much is going to be written anew, row by row; it has been."""


@contextmanager
def as_one_change() -> Iterator[None]:
    """Only what differs in the end has changed, whatever was written on the way."""
    done = False
    rewriting.send(None)
    try:
        yield
        done = True
    finally:
        rewritten.send(None, done=done)
