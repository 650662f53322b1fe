"""A damaged SQLite file of the live folder: how it is known, put aside, and what is saved of it."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import islice
from pathlib import Path
from time import sleep, time

from contactcenter.foundation.logs import logger

log = logger(__name__)

SETTLED_AFTER_S = 2.0
AT_ONCE = 50
TURN_S = 0.002
"""Left to decide processes, who write to the same file meanwhile, between two small transactions."""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Damaged(sqlite3.DatabaseError):
    """What was read is not what was written."""


def is_damaged(error: sqlite3.Error) -> bool:
    """Does the error say that the file is broken, not merely busy, full or away?"""
    return isinstance(error, Damaged) or getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def inode(path: Path) -> int:
    """Which file lies at `path`; 0 when none does."""
    try:
        return os.stat(path).st_ino
    except FileNotFoundError:
        return 0


def set_aside(path: Path, seen: int) -> bool:
    """Rename the damaged file `seen` with a time stamp, its WAL with it; False when somebody was faster."""
    with _one_at_a_time(path.parent):
        if inode(path) != seen:
            return False
        move(path, path.with_name(f"{path.stem}-set-aside-{int(time() * 1000)}{path.suffix}"))
    log.error("file_set_aside", file=path.name)
    return True


def move(path: Path, to: Path) -> None:
    """Rename a SQLite file, itself first: whoever opens it in between finds nothing, never half of it."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.replace(f"{path}{suffix}", f"{to}{suffix}")


def bring_back(spool: sqlite3.Connection, folder: Path, settled_after_s: float = SETTLED_AFTER_S) -> None:
    """Copy what is still readable in spools that were set aside into the one in use; each file once."""
    for path in sorted(folder.glob("spool-set-aside-*.sqlite3")):
        set_aside_at = int(path.stem.rpartition("-")[2]) / 1000
        if time() - set_aside_at < settled_after_s:
            continue  # a process that has not noticed yet may still be writing its last row
        with closing(sqlite3.connect(path, isolation_level=None)) as damaged:
            saved = sum(_copy(_readable(damaged, order), spool) for order in ("ASC", "DESC"))
        move(path, path.with_suffix(".salvaged"))
        log.error("spool_salvaged", file=path.name, rows=saved)


def _readable(damaged: sqlite3.Connection, order: str) -> Iterator[tuple[object, ...]]:
    """Rows up to the first that cannot be read; from the other end those behind the last."""
    with suppress(sqlite3.DatabaseError):
        yield from damaged.execute(
            f"SELECT key, kind, document, at, shipped FROM spool ORDER BY id {order}"  # noqa: S608 - ASC or DESC
        )


def _copy(rows: Iterator[tuple[object, ...]], spool: sqlite3.Connection) -> int:
    copied = 0
    while batch := list(islice(rows, AT_ONCE)):
        spool.execute("BEGIN IMMEDIATE")
        done = spool.executemany(
            "INSERT INTO spool (key, kind, document, at, shipped) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
            batch,
        )
        copied += done.rowcount
        spool.execute("COMMIT")
        sleep(TURN_S)
    return copied


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
