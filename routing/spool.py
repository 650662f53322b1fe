"""What was decided, on this host's own disk: appended by decide processes, shipped by the courier.

A killed process loses nothing that it has answered. Asking twice gives the first answer: the key is
unique and insert-or-return-the-winner is one transaction. If the disk refuses, the call is answered
anyway and the row waits in memory until the disk takes it again. A damaged file is set aside and a new
one begun.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import sleep
from typing import Any

import orjson

from contactcenter.foundation.logs import logger
from routing import salvage
from routing.contacts import Contact, Key

log = logger(__name__)

FORMAT = 1
BUSY_MS = 50
KEPT_IN_MEMORY = 10_000
WRITE_BACK_EVERY_S = 0.1
WRITE_BACK_BATCH = 500
_SEPARATOR = "\x1f"
_CREATE = """
CREATE TABLE IF NOT EXISTS spool (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL, document BLOB NOT NULL,
    at REAL NOT NULL, shipped INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX IF NOT EXISTS spool_key ON spool (key);
CREATE INDEX IF NOT EXISTS spool_unshipped ON spool (id) WHERE shipped = 0;
"""

_INSERT = "INSERT INTO spool (key, kind, document, at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"

Unwritten = tuple[str, str, bytes, float]
"""A row that waits in memory: key, kind, document, time."""

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
        self._unwritten: dict[str, Unwritten] = {}
        self._writing_back = False
        self._local = threading.local()
        self._lock = threading.Lock()

    def of_call(self, contact: Contact) -> dict[str, bytes]:
        """Every decision recorded for this contact's call id so far, by text key."""
        prefix = _SEPARATOR.join((contact.account, contact.call_id.replace(_SEPARATOR, ""), ""))
        kept = {key: self._unwritten[key][2] for key in list(self._unwritten) if key.startswith(prefix)}
        try:
            rows = self._connection().execute(
                "SELECT key, document FROM spool WHERE key >= ? AND key < ? AND kind = 'decision'",
                (prefix, prefix[:-1] + " "),
            )
            return kept | dict(rows.fetchall())
        except sqlite3.Error as error:
            self._close(error)
            return kept

    def record(self, key: str, kind: str, document: dict[str, Any], at: float) -> bytes | None:
        """Append `document` under `key`; the earlier document when somebody was first, else None."""
        body = orjson.dumps(document)
        with self._lock:
            # Once the disk has refused, calls no longer wait for it: rows queue up behind the refused one.
            if not self._unwritten:
                try:
                    return self._insert(key, kind, body, at)
                except sqlite3.Error as error:
                    self._close(error)
            return self._keep(key, kind, body, at)

    def _insert(self, key: str, kind: str, body: bytes, at: float) -> bytes | None:
        connection = self._connection()
        done = connection.execute(_INSERT, (key, kind, body, at))
        if done.rowcount == 1:
            return None
        winner = connection.execute("SELECT document FROM spool WHERE key = ?", (key,)).fetchone()
        return bytes(winner[0]) if winner else None

    def _keep(self, key: str, kind: str, body: bytes, at: float) -> bytes | None:
        if earlier := self._unwritten.get(key):
            return earlier[2]
        if len(self._unwritten) >= KEPT_IN_MEMORY:
            del self._unwritten[next(iter(self._unwritten))]
        self._unwritten[key] = (key, kind, body, at)
        self.unrecorded += 1
        if not self._writing_back:
            self._writing_back = True
            threading.Thread(target=self._write_back, name="spool-write-back", daemon=True).start()
        return None

    def _write_back(self) -> None:
        """Try until nothing waits in memory any more; no call is needed for it."""
        while True:
            sleep(WRITE_BACK_EVERY_S)
            with self._lock:
                batch = list(islice(self._unwritten.values(), WRITE_BACK_BATCH))
                if not batch:
                    self._writing_back = False
                    return
            try:
                connection = self._connection()
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(_INSERT, batch)
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._close(error)
                continue
            with self._lock:
                for key, *_ in batch:
                    self._unwritten.pop(key, None)

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection to the file that lies there now: another process may have begun a new one."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        present = salvage.inode(self.path)
        if connection is None or self._local.inode != present:
            self._local.connection, self._local.inode = None, present
            connection = self._local.connection = open_spool(self.path, self.sync)
            self._local.inode = salvage.inode(self.path)
        return connection

    def _close(self, error: sqlite3.Error) -> None:
        """After an error: the next use opens the file anew, or a new one when this one is damaged."""
        log.error("spool_refused", error=type(error).__name__, detail=str(error)[:100])
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            connection.close()
        if salvage.is_damaged(error):
            try:
                salvage.set_aside(self.path, self._local.inode)
            except OSError as refused:
                log.error("spool_refused", error=type(refused).__name__, detail="cannot be set aside")


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
