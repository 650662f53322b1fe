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
from itertools import takewhile
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import orjson

from contactcenter.foundation import formats
from contactcenter.foundation.logs import logger
from routing import salvage
from routing.contacts import Contact, Key
from routing.unwritten import Unwritten

log = logger(__name__)

FORMAT = formats.SPOOL_ROW.written
BUSY_MS = 50
QUEUE_S = 0.3
"""How long a call waits for others of its process to be written: longer only where the disk stands still."""
PATIENCE_S = 2.0
"""How long the courier waits for a lock: nobody is on the line."""
WRITE_BACK_EVERY_S = 0.1
AT_ONCE = 50
"""Rows of one transaction: whoever else writes waits no longer than BUSY_MS, and these take a few milliseconds."""
TURN_S = 0.002
"""Left to the others between two of them: a lock goes to whoever looks first, not to whoever has waited longest."""
PRUNE_BATCH = 1000
_REFUSED = (sqlite3.Error, OSError)
_SEPARATOR = "\x1f"
_CREATE = """
CREATE TABLE IF NOT EXISTS spool (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL, document BLOB NOT NULL,
    at REAL NOT NULL, shipped INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX IF NOT EXISTS spool_key ON spool (key);
CREATE INDEX IF NOT EXISTS spool_unshipped ON spool (id) WHERE shipped = 0;
CREATE INDEX IF NOT EXISTS spool_set_aside ON spool (id) WHERE shipped = 2;
"""
"""Nearly all rows are shipped ones: without indexes of their own the few others are a long search."""

_INSERT = "INSERT INTO spool (key, kind, document, at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"

DECISION, EVENT, MESSAGE = "decision", "event", "message"
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
    """The decide server's end of the spool. One connection a thread, opened after the fork; one writes at a time."""

    def __init__(self, folder: Path, sync: str = "normal") -> None:
        self.path = folder / "spool.sqlite3"
        self.sync = "FULL" if sync == "full" else "NORMAL"
        self.unrecorded = 0
        self._said = ""
        self._unwritten = Unwritten()
        self._writing_back = False
        self._local = threading.local()
        self._disk = threading.Lock()
        self._memory = threading.Lock()

    def open(self) -> None:
        """Before the first call: make the file if there is none. What refuses now may take the first row later."""
        self._local.inode = salvage.inode(self.path)
        try:
            with courier_end(self.path):
                pass
        except _REFUSED as error:
            self._close(error)

    def of_call(self, contact: Contact) -> dict[str, bytes]:
        """Every decision recorded for this contact's call id so far, by text key."""
        prefix = _SEPARATOR.join((contact.account, contact.call_id.replace(_SEPARATOR, ""), ""))
        kept = self._unwritten.of_call(prefix)
        try:
            rows = self._connection().execute(
                "SELECT key, document FROM spool WHERE key >= ? AND key < ? AND kind = 'decision'",
                (prefix, prefix[:-1] + " "),
            )
            return kept | dict(rows.fetchall())
        except _REFUSED as error:
            self._close(error)
            return kept

    def record(self, key: str, kind: str, document: dict[str, Any], at: float) -> bytes | None:
        """Append `document` under `key`; the earlier document when somebody was first, else None."""
        body = orjson.dumps(document)
        # Once the disk has refused, calls no longer wait for it: rows queue up behind the refused one.
        # Nor do they wait while it takes its time for the row of another: a disk may stand still for seconds.
        if not self._unwritten and self._disk.acquire(timeout=QUEUE_S):
            try:
                return self._insert(key, kind, body, at)
            except _REFUSED as error:
                self._close(error)
            finally:
                self._disk.release()
        with self._memory:
            return self._keep(key, kind, body, at)

    def _insert(self, key: str, kind: str, body: bytes, at: float) -> bytes | None:
        connection = self._connection()
        done = connection.execute(_INSERT, (key, kind, body, at))
        if done.rowcount == 1:
            return None
        winner = connection.execute("SELECT document FROM spool WHERE key = ?", (key,)).fetchone()
        return bytes(winner[0]) if winner else None

    def _keep(self, key: str, kind: str, body: bytes, at: float) -> bytes | None:
        if earlier := self._unwritten.keep((key, kind, body, at)):
            return earlier
        self.unrecorded += 1
        if not self._writing_back:
            self._writing_back = True
            threading.Thread(target=self._write_back, name="spool-write-back", daemon=True).start()
        return None

    def flush(self, within_s: float) -> int:
        """Before the process ends: write what waits in memory; how many rows the disk did not take in that time."""
        ends_at = monotonic() + within_s
        while self._unwritten and monotonic() < ends_at:
            if not self._write_some():
                sleep(WRITE_BACK_EVERY_S)
        with self._memory:
            return self._unwritten.give_up()

    def _write_back(self) -> None:
        """Try until nothing waits in memory any more; no call is needed for it."""
        while True:
            sleep(WRITE_BACK_EVERY_S)
            while self._unwritten and self._write_some():
                sleep(TURN_S)
            with self._memory:
                if not self._unwritten:
                    self._writing_back = False
                    break
        if connection := getattr(self._local, "connection", None):
            connection.close()  # this thread ends, and would leave the file open

    def _write_some(self) -> bool:
        """Write the oldest rows that wait in memory; False when the disk still refuses. Safe beside another thread."""
        with self._memory:
            batch = self._unwritten.oldest(AT_ONCE)
        try:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_INSERT, batch)
            connection.execute("COMMIT")
        except _REFUSED as error:
            self._close(error)
            return False
        self._said = ""
        with self._memory:
            self._unwritten.written(batch)
        return True

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection to the file that lies there now: another process may have begun a new one."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        present = salvage.inode(self.path)
        if connection is None or self._local.inode != present:
            if connection is not None:
                connection.close()
            self._local.connection, self._local.inode = None, present
            connection = self._local.connection = open_spool(self.path, self.sync)
            self._local.inode = salvage.inode(self.path)
        return connection

    def _close(self, error: Exception) -> None:
        """After an error: the next use opens the file anew, or a new one when this one is damaged."""
        if self._said != (said := f"{type(error).__name__}: {str(error)[:100]}"):
            self._said = said  # once, not ten times a second for as long as the disk is full
            log.error("spool_refused", why=said)
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error) and salvage.is_damaged(error):
            try:
                salvage.set_aside(self.path, self._local.inode)
            except OSError as refused:
                log.error("spool_refused", why=f"{type(refused).__name__}: cannot be set aside")


def open_spool(path: Path, sync: str = "NORMAL", wait_s: float = BUSY_MS / 1000) -> sqlite3.Connection:
    """A connection in autocommit mode, with the table made if it is not there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=wait_s, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={sync}")
    connection.execute("PRAGMA wal_autocheckpoint=2000")
    connection.execute("PRAGMA secure_delete=ON")  # what is erased must not stay in free space
    connection.executescript(_CREATE)
    return connection


@contextmanager
def courier_end(path: Path) -> Iterator[sqlite3.Connection]:
    """The courier's connection: it reads, marks as shipped and prunes, with patience."""
    with closing(open_spool(path, wait_s=PATIENCE_S)) as connection:
        yield connection


def unshipped(connection: sqlite3.Connection, limit: int) -> list[Row]:
    """The oldest rows that have not reached the database."""
    rows = connection.execute("SELECT id, kind, document FROM spool WHERE shipped = 0 ORDER BY id LIMIT ?", (limit,))
    return [Row(*row) for row in rows]


def mark_shipped(connection: sqlite3.Connection, ids: list[int], state: int = SHIPPED) -> None:
    """Note that these rows are in the database, or were refused by it and set aside."""
    for some in _turns(ids):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("UPDATE spool SET shipped = ? WHERE id = ?", [(state, each) for each in some])
        connection.execute("COMMIT")


def try_set_aside_again(connection: sqlite3.Connection) -> int:
    """Ship again what was set aside: what refused it may have been mended; how many rows."""
    return connection.execute("UPDATE spool SET shipped = 0 WHERE shipped = ?", (SET_ASIDE,)).rowcount


def prune(connection: sqlite3.Connection, before: float) -> int:
    """Drop the oldest rows that were shipped before `before`, so many at a time; unshipped rows are never pruned."""
    oldest = connection.execute("SELECT id, at FROM spool WHERE shipped = 1 ORDER BY id LIMIT ?", (PRUNE_BATCH,))
    old = list(takewhile(lambda row: row[1] < before, oldest.fetchall()))
    for some in _turns([row[0] for row in old]):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("DELETE FROM spool WHERE id = ?", [(each,) for each in some])
        connection.execute("COMMIT")
    return len(old)


def _turns(ids: list[int]) -> Iterator[list[int]]:
    """So few at once that decide processes, who write meanwhile, are not refused."""
    for start in range(0, len(ids), AT_ONCE):
        if start:
            sleep(TURN_S)
        yield ids[start : start + AT_ONCE]
