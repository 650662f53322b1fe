"""An erasure on a decide host: carried by the courier like any change, done before the cursor moves past it.

Asked again after a crash it does the same again. What is overwritten in the spool is overwritten with
zeros (`secure_delete`), and the write-ahead log, which would still have it, is emptied.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from contactcenter.foundation.logs import logger
from customers.models import Erasure
from customers.privacy import suppression
from customers.privacy.person import Person
from customers.privacy.traces import Traces
from routing import salvage, spool
from routing.privacy import nameless

log = logger(__name__)

BATCH = 500
EMPTIED_WITHIN_S = 2


@dataclass(frozen=True)
class Erased:
    """Somebody who is to be forgotten, and what he is called from now on."""

    person: Person
    pseudonym: str


@dataclass(frozen=True)
class Erasures:
    """Those among a batch of changes. `missed`: of one nobody knows any more whom it was about."""

    erased: Sequence[Erased] = field(default_factory=list)
    missed: bool = False

    @property
    def keys(self) -> list[str]:
        """The handles whose facts are to be looked up again: nobody's any more, or only the others'."""
        return [key for each in self.erased for key in each.person.keys]


def read(keys: Iterable[str]) -> Erasures:
    """What the database says of these erasures."""
    rows = list(Erasure.objects.filter(pk__in=[int(key) for key in keys]))
    erased = [Erased(Person.from_json(row.identifiers), row.pseudonym) for row in rows if row.identifiers]
    return Erasures(erased, missed=len(erased) < len(rows))


def erase(folder: Path, erasures: Erasures) -> None:
    """Make the spool forget them, and whatever damaged files lie beside it; note them for a restore."""
    with spool.courier_end(folder / "spool.sqlite3") as rows:
        salvage.bring_back(rows, folder, settled_after_s=0)
        changed = sum(_erase_rows(rows, each) for each in erasures.erased)
        empty_log(rows)
    for pattern in ("*.salvaged*", "live-set-aside.*"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)
    remember(folder, (digest for each in erasures.erased for digest in suppression.digests(each.person)))
    log.info("erased_on_host", persons=len(erasures.erased), rows=changed)


def _erase_rows(rows: sqlite3.Connection, erased: Erased) -> int:
    found = list(_rows_about(rows, Traces(erased.person.addresses)))
    for start in range(0, len(found), BATCH):
        rows.execute("BEGIN IMMEDIATE")
        for row_id, kind, document in found[start : start + BATCH]:
            if kind == spool.MESSAGE:
                rows.execute("DELETE FROM spool WHERE id = ?", (row_id,))
                continue
            body = orjson.dumps(nameless.spooled(document, erased.pseudonym))
            # Its key names the caller: asked again, that call is decided anew, under the same decision id.
            key = f"{erased.pseudonym} {row_id}"
            rows.execute("UPDATE spool SET key = ?, document = ? WHERE id = ?", (key, body, row_id))
        rows.execute("COMMIT")
    return len(found)


def _rows_about(rows: sqlite3.Connection, traces: Traces) -> Iterator[tuple[int, str, dict[str, object]]]:
    for needle in traces.needles:
        like = f"%{needle.replace('~', '~~').replace('%', '~%').replace('_', '~_')}%"
        named = rows.execute(
            "SELECT id, kind, document FROM spool"
            " WHERE kind IN (?, ?) AND (key LIKE ?3 ESCAPE '~' OR CAST(document AS TEXT) LIKE ?3 ESCAPE '~')",
            (spool.DECISION, spool.MESSAGE, like),
        )
        for row_id, kind, body in named.fetchall():
            with suppress(orjson.JSONDecodeError):
                document = orjson.loads(body)
                if traces.in_document(document):
                    yield row_id, kind, document


def empty_log(connection: sqlite3.Connection) -> None:
    """Nothing of what was overwritten is left in the write-ahead log either.

    Readers are short: within two seconds there is a moment without one. Else a later checkpoint does it.
    """
    connection.execute(f"PRAGMA busy_timeout={EMPTIED_WITHIN_S * 1000}")
    blocked = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if blocked:
        log.warning("log_not_emptied_yet")


def remember(folder: Path, digests: Iterable[str]) -> None:
    """Keep the hashes beside the live file: a database restored from a backup does not know of later erasures."""
    path = _remembered(folder)
    found = sorted(remembered(folder) | set(digests))
    draft = path.with_suffix(".part")
    draft.write_text("".join(f"{digest}\n" for digest in found))
    draft.chmod(0o600)
    draft.replace(path)


def remembered(folder: Path) -> set[str]:
    """The hashes of everybody whom this host has heard to be erased."""
    try:
        return set(_remembered(folder).read_text().split())
    except FileNotFoundError:
        return set()


def _remembered(folder: Path) -> Path:
    return folder / "erased.txt"
