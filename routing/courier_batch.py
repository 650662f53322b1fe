"""One batch of changes: read from the database as a whole, written to the live file as a whole."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contactcenter.foundation import changes
from contactcenter.foundation.changes import Stamped
from customers import facts
from routing import broadcast, livefile
from routing.models import Release
from routing.privacy import on_host

SIZE = 5000
_TABLES = {changes.ACCESS: "access", changes.STATE: "queue_state", changes.CALLERS: "callers"}


@dataclass(frozen=True)
class Batch:
    """Changes beyond the cursor `after`, in order, with what the database said of each when it was read."""

    after: int
    changes: Sequence[Stamped]
    documents: Mapping[str, broadcast.Documents]
    people: Mapping[str, dict[str, Any] | None]
    releases: Sequence[Release]
    erasures: on_host.Erasures

    @property
    def last(self) -> int:
        """The cursor once this has been written."""
        return self.changes[-1].seq if self.changes else self.after

    @property
    def is_full(self) -> bool:
        """As many as go into one: there may be more behind it."""
        return len(self.changes) == SIZE

    @property
    def alters_plain_copy(self) -> bool:
        return bool(self.releases) or changes.ACCESS in self.documents


def read(after: int) -> Batch:
    """The next changes beyond `after`. What changes while it is read gets a number beyond `last`."""
    found = changes.after(after, SIZE)
    keys: dict[str, list[str]] = defaultdict(list)
    for change in found:
        keys[change.topic].append(change.key)
    erasures = on_host.read(keys[changes.ERASURE]) if keys[changes.ERASURE] else on_host.Erasures()
    handles = [*keys[changes.FACTS], *erasures.keys]
    return Batch(
        after=after,
        changes=found,
        documents={topic: render(keys[topic]) for topic, render in broadcast.RENDERERS.items() if keys[topic]},
        people=facts.documents(handles) if handles else {},
        releases=list(Release.objects.filter(number__in=map(int, keys[changes.RELEASE])))
        if keys[changes.RELEASE]
        else [],
        erasures=erasures,
    )


def write(live: sqlite3.Connection, batch: Batch) -> bool:
    """Write `batch` and move the cursor in one transaction; False when the cursor is not where it was read from."""
    live.execute("BEGIN IMMEDIATE")
    if cursor(live) != batch.after:  # another courier was faster: what it wrote may be newer than what we read
        live.execute("ROLLBACK")
        return False
    for topic, rows in batch.documents.items():
        livefile.put(live, _TABLES[topic], rows.items())
    livefile.put_facts(live, batch.people.items())
    for release in batch.releases:
        livefile.put_release(live, release.number, release.document, release.sha256)
    _note_revisions(live, batch)
    live.execute("COMMIT")
    return True


def cursor(live: sqlite3.Connection) -> int:
    """The number of the last change that is in the live file."""
    return int(livefile.meta(live, "cursor") or 0)


def _note_revisions(live: sqlite3.Connection, batch: Batch) -> None:
    """Per topic the newest number taken over, so that readers reload only what changed."""
    newest = {change.topic: change.seq for change in batch.changes if change.topic != changes.FACTS}
    for topic, seq in newest.items():
        livefile.set_meta(live, f"{topic}_revision", str(seq))
    livefile.set_meta(live, "cursor", str(batch.last))
