"""How a change in the database becomes known to every decide host.

Writers `mark` what they touched inside their own transaction. `stamp`, under a row lock, numbers what
has committed. Each courier then copies what lies beyond its own cursor. A cursor over clock times
would lose whatever commits late.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction

from contactcenter.foundation.models import Change, ChangeCounter

FACTS, ACCESS, STATE, RELEASE = "facts", "access", "state", "release"
"""Topics: a customer's handle, a provider account, a live queue state or switch, a release."""

BATCH = 500


@dataclass(frozen=True)
class Stamped:
    """A numbered change: look the thing up by topic and key, as it is now."""

    seq: int
    topic: str
    key: str


def mark(topic: str, keys: Iterable[str]) -> None:
    """Note, in the caller's transaction, that these things changed (or are gone)."""
    # Sorted, so that two writers lock rows in the same order and never deadlock.
    rows = [Change(topic=topic, key=key, seq=None) for key in sorted(set(keys))]
    Change.objects.bulk_create(
        rows, batch_size=BATCH, update_conflicts=True, unique_fields=["topic", "key"], update_fields=["seq"]
    )


def stamp(limit: int = 5000) -> int:
    """Number up to `limit` committed changes; how many there were. Safe beside other stampers."""
    if not Change.objects.filter(seq__isnull=True).exists():
        return 0
    with transaction.atomic():
        ChangeCounter.objects.get_or_create(pk=1)
        counter = ChangeCounter.objects.select_for_update().get(pk=1)
        with connection.cursor() as cursor:
            cursor.execute(_number_in_order(), [counter.last_seq, limit])
            stamped: int = cursor.rowcount
        counter.last_seq += stamped
        counter.save(update_fields=["last_seq"])
    return stamped


def _number_in_order() -> str:
    # A row that a writer is changing right now is skipped and numbered in the next round.
    skip = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    waiting = "FROM foundation_change WHERE seq IS NULL"
    # The range only says what follows from the rest; without it PostgreSQL reads the whole table each time.
    return f"""
        UPDATE foundation_change SET seq = %s + place
        FROM (SELECT id AS waiting_id, ROW_NUMBER() OVER (ORDER BY id) AS place
              FROM (SELECT id {waiting} ORDER BY id LIMIT %s {skip}) AS waiting
             ) AS numbered
        WHERE id = waiting_id AND id BETWEEN (SELECT MIN(id) {waiting}) AND (SELECT MAX(id) {waiting})"""  # noqa: S608 - both variants are constants


def after(cursor: int, limit: int) -> list[Stamped]:
    """The next changes beyond `cursor`, in order."""
    rows = Change.objects.filter(seq__gt=cursor).order_by("seq").values_list("seq", "topic", "key")[:limit]
    return [Stamped(seq, topic, key) for seq, topic, key in rows if seq is not None]


def last_seq() -> int:
    """The last number given out; 0 when none was."""
    return ChangeCounter.objects.filter(pk=1).values_list("last_seq", flat=True).first() or 0
