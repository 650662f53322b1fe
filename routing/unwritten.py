"""Rows that the disk has refused: they wait in the memory of a decide process until it takes them.

All of it is counted: what waits now, and what is lost because more came than fit or the process ended.
"""

from itertools import islice

from contactcenter.foundation.logs import logger
from routing import metrics

log = logger(__name__)

KEPT_IN_MEMORY = 10_000

Row = tuple[str, str, bytes, float]
"""Key, kind, document, time."""


class Unwritten:
    """At most 10,000 rows by key, the oldest first. Whoever alters it holds the spool's lock."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def of_call(self, prefix: str) -> dict[str, bytes]:
        """Documents whose key begins with `prefix`. Needs no lock."""
        return {key: row[2] for key, row in list(self._rows.items()) if key.startswith(prefix)}

    def keep(self, row: Row) -> bytes | None:
        """Take `row` in; the earlier document under its key when somebody was first, else None."""
        if earlier := self._rows.get(row[0]):
            return earlier[2]
        if len(self._rows) >= KEPT_IN_MEMORY:
            del self._rows[next(iter(self._rows))]
            metrics.LOST.inc()
        self._rows[row[0]] = row
        metrics.UNRECORDED.inc()
        metrics.UNWRITTEN.set(len(self._rows))
        return None

    def oldest(self, count: int) -> list[Row]:
        return list(islice(self._rows.values(), count))

    def written(self, rows: list[Row]) -> None:
        """The disk has these."""
        for key, *_ in rows:
            self._rows.pop(key, None)
        metrics.UNWRITTEN.set(len(self._rows))

    def give_up(self) -> int:
        """The process ends and the disk still refuses: count what is lost with it."""
        lost = len(self._rows)
        self._rows.clear()
        metrics.LOST.inc(lost)
        metrics.UNWRITTEN.set(0)
        if lost:
            log.error("rows_lost", count=lost)
        return lost
