"""What was decided, on this host's own disk: appended by decide processes, shipped by the courier.

A killed process loses nothing that it has answered. Asking twice gives the first answer: the key is
unique and insert-or-return-the-winner is one transaction. If the disk refuses, the call is answered
anyway and the row is kept in memory until the disk takes it again.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from contactcenter.foundation.logs import logger
from routing.contacts import Contact, Key

log = logger(__name__)

FORMAT = 1
BUSY_MS = 50
KEPT_IN_MEMORY = 10_000
_SEPARATOR = "\x1f"
_CREATE = """
CREATE TABLE IF NOT EXISTS spool (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL, document BLOB NOT NULL,
    at REAL NOT NULL, shipped INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX IF NOT EXISTS spool_key ON spool (key);
CREATE INDEX IF NOT EXISTS spool_unshipped ON spool (id) WHERE shipped = 0;
"""

DECISION, EVENT = "decision", "event"
SHIPPED, SET_ASIDE = 1, 2


@dataclass(frozen=True)
class Row:
    """One line of the spool as the courier reads it."""

    id: int
    kind: str
    document: bytes


def text_key(key: Key) -> str:
    """The key as text whose beginning, up to the call id, is shared by all decisions of one call."""
    account, call_id, to, caller, channel, attempt = key
    parts = (account, call_id, to, caller, channel, str(attempt))
    return _SEPARATOR.join(part.replace(_SEPARATOR, "") for part in parts)


class Spool:
    """The decide server's end of the spool. One connection a thread, opened after the fork."""

    def __init__(self, folder: Path, sync: str = "normal") -> None:
        self.path = folder / "spool.sqlite3"
        self.sync = "FULL" if sync == "full" else "NORMAL"
        self.unrecorded = 0
        self._unwritten: deque[tuple[str, str, bytes, float]] = deque(maxlen=KEPT_IN_MEMORY)
        self._local = threading.local()
        self._lock = threading.Lock()

    def of_call(self, contact: Contact) -> dict[str, bytes]:
        """Every decision recorded for this contact's call id so far, by text key."""
        prefix = _SEPARATOR.join((contact.account, contact.call_id.replace(_SEPARATOR, ""), ""))
        try:
            rows = self._connection().execute(
                "SELECT key, document FROM spool WHERE key >= ? AND key < ? AND kind = 'decision'",
                (prefix, prefix[:-1] + " "),
            )
            return dict(rows.fetchall())
        except sqlite3.Error as error:
            self._reopen(error)
            return {key: document for key, kind, document, _ in list(self._unwritten) if key.startswith(prefix)}

    def record(self, key: str, kind: str, document: dict[str, Any], at: float) -> bytes | None:
        """Append `document` under `key`; the earlier document when somebody was first, else None."""
        body = orjson.dumps(document)
        with self._lock:
            try:
                self._write_back()
                return self._insert(key, kind, body, at)
            except sqlite3.Error as error:
                self._reopen(error)
                self.unrecorded += 1
                self._unwritten.append((key, kind, body, at))
                return None

    def _insert(self, key: str, kind: str, body: bytes, at: float) -> bytes | None:
        connection = self._connection()
        done = connection.execute(
            "INSERT INTO spool (key, kind, document, at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
            (key, kind, body, at),
        )
        if done.rowcount == 1:
            return None
        winner = connection.execute("SELECT document FROM spool WHERE key = ?", (key,)).fetchone()
        return bytes(winner[0]) if winner else None

    def _write_back(self) -> None:
        while self._unwritten:
            self._insert(*self._unwritten[0])
            self._unwritten.popleft()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = open_spool(self.path, self.sync)
        return connection

    def _reopen(self, error: sqlite3.Error) -> None:
        log.error("spool_refused", error=type(error).__name__, detail=str(error)[:100])
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            connection.close()


def open_spool(path: Path, sync: str = "NORMAL") -> sqlite3.Connection:
    """A connection in autocommit mode, with the table made if it is not there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={sync}")
    connection.execute("PRAGMA wal_autocheckpoint=2000")
    connection.executescript(_CREATE)
    return connection


@contextmanager
def courier_end(path: Path) -> Iterator[sqlite3.Connection]:
    """The courier's connection: it reads, marks as shipped and prunes, with patience."""
    with closing(open_spool(path)) as connection:
        connection.execute("PRAGMA busy_timeout=2000")
        yield connection


def unshipped(connection: sqlite3.Connection, limit: int) -> list[Row]:
    """The oldest rows that have not reached the database."""
    rows = connection.execute("SELECT id, kind, document FROM spool WHERE shipped = 0 ORDER BY id LIMIT ?", (limit,))
    return [Row(*row) for row in rows]


def mark_shipped(connection: sqlite3.Connection, ids: list[int], state: int = SHIPPED) -> None:
    """Note that these rows are in the database, or were refused by it and set aside."""
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("UPDATE spool SET shipped = ? WHERE id = ?", [(state, each) for each in ids])
    connection.execute("COMMIT")


def prune(connection: sqlite3.Connection, before: float) -> int:
    """Drop rows that were shipped and are older than `before`; unshipped rows are never pruned."""
    return connection.execute("DELETE FROM spool WHERE shipped = 1 AND at < ?", (before,)).rowcount
