"""How a change in the database becomes known to every decide host.

Writers `mark` what they touched inside their own transaction. `stamp`, under a row lock, numbers what
has committed. Each courier then copies what lies beyond its own cursor. A cursor over clock times
would lose whatever commits late.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q

from contactcenter.foundation.models import Change, ChangeCounter
from contactcenter.foundation.parameters import texts

FACTS, ACCESS, STATE, RELEASE, ERASURE = "facts", "access", "state", "release", "erasure"
"""Topics: a customer's handle, a provider account, a live queue state or switch, a release, a person erased."""
CALLERS = "callers"
"""And one more: a pilot, or an entry in the list of blocked callers."""


@dataclass(frozen=True)
class Stamped:
    """A numbered change: look the thing up by topic and key, as it is now."""

    seq: int
    topic: str
    key: str


def mark(topic: str, keys: Iterable[str]) -> None:
    """Note, in the caller's transaction, that these things changed (or are gone)."""
    # Sorted, so that two writers lock rows in the same order and never deadlock.
    found = sorted(set(keys))
    if not found:
        return
    rows = texts(found)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO foundation_change (topic, key) SELECT %s, value FROM ({rows.sql}) AS found WHERE TRUE
                ON CONFLICT (topic, key) DO UPDATE SET seq = NULL""",  # noqa: S608 - our own
            [topic, *rows.params],
        )


def stamp(limit: int = 5000) -> int:
    """Number up to `limit` committed changes; how many there were. Safe beside other stampers.

    Facts come last: a queue closed now does not wait behind the million customers of a sync.
    """
    if not Change.objects.filter(seq__isnull=True).exists():
        return 0
    with transaction.atomic():
        ChangeCounter.objects.get_or_create(pk=1)
        counter = ChangeCounter.objects.select_for_update().get(pk=1)
        before = counter.last_seq
        for which in (~Q(topic=FACTS), Q()):
            waiting = _waiting(before + limit - counter.last_seq, which)
            _number(waiting, counter.last_seq + 1)
            counter.last_seq += len(waiting)
        counter.save(update_fields=["last_seq"])
    return counter.last_seq - before


def _waiting(limit: int, which: Q) -> list[int]:
    """The oldest changes without a number. One that a writer is changing right now is left for the next round."""
    skips = connection.features.has_select_for_update_skip_locked
    rows = Change.objects.filter(which, seq__isnull=True).order_by("pk").select_for_update(skip_locked=skips)
    with _along_an_index():
        return list(rows.values_list("pk", flat=True)[:limit])


@contextmanager
def _along_an_index() -> Iterator[None]:
    """Of a million that wait a few are read: PostgreSQL must not sort them all, as it would before its statistics."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        yield
        cursor.execute("SET LOCAL enable_sort = on")


def _number(ids: list[int], first: int) -> None:
    if not ids:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The range only says what follows from the rest; without it the whole table may be read each time.
            cursor.execute(
                """UPDATE foundation_change AS change SET seq = %s + place
                   FROM unnest(%s::bigint[]) WITH ORDINALITY AS numbered(waiting_id, place)
                   WHERE change.id = waiting_id AND change.id BETWEEN %s AND %s""",
                [first - 1, ids, min(ids), max(ids)],
            )
        else:
            numbered = list(enumerate(ids, first))
            cursor.executemany("UPDATE foundation_change SET seq = %s WHERE id = %s", numbered)


def after(cursor: int, limit: int) -> list[Stamped]:
    """The next changes beyond `cursor`, in order."""
    rows = Change.objects.filter(seq__gt=cursor).order_by("seq").values_list("seq", "topic", "key")[:limit]
    return [Stamped(seq, topic, key) for seq, topic, key in rows if seq is not None]


def last_seq() -> int:
    """The last number given out; 0 when none was."""
    return ChangeCounter.objects.filter(pk=1).values_list("last_seq", flat=True).first() or 0
