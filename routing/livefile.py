"""The file on a decide host's own disk that decisions are made from. Only the courier writes it.

WAL mode, written in place. Only a file that is missing, damaged or of another format is replaced, by one
that was built beside it and is complete; readers notice that another file lies there. Beside it lie the
last three good releases with the access they were used with, for a start on such a day.
"""

import json
import os
import sqlite3
import zlib
from collections.abc import Iterable
from contextlib import closing, suppress
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from contactcenter.foundation import formats
from routing import salvage

KEPT_RELEASES = 3
ROWS_A_STATEMENT = 1000
"""Facts go in by the thousand: for each statement the courier's two threads wait for each other once."""
_SHARED_BYTES = 65_536
"""Twice what readers and writers share of a file whose WAL is short."""
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS release (number INTEGER PRIMARY KEY, document TEXT NOT NULL, sha256 TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS access (key TEXT PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS queue_state (key TEXT PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS callers (key TEXT PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, document BLOB NOT NULL, crc INTEGER NOT NULL);
"""


def path_in(folder: Path) -> Path:
    return folder / "live.sqlite3"


def is_usable(folder: Path) -> bool:
    """Is there a file of the format we write that neither we nor a reader has found damaged?"""
    present = salvage.inode(path_in(folder))
    if not present:
        return False
    with suppress(FileNotFoundError):
        if _complaint(folder).read_text() == str(present):
            return False
    try:
        with closing(open_for_reading(folder)) as connection:
            return meta(connection, "format") in (None, str(formats.LIVE_FOLDER.written))
    except sqlite3.Error as error:
        return not salvage.is_damaged(error)  # busy, or begun by somebody who was killed: it may be written to


def complain(folder: Path, file: int) -> None:
    """A reader tells the courier that the file with this inode is damaged."""
    with suppress(OSError):
        _complaint(folder).write_text(str(file))


def _complaint(folder: Path) -> Path:
    return folder / "live.complaint"


def put_in_place(folder: Path) -> bool:
    """Put the complete file, which its writer has closed so that it has no WAL, in place; did it replace one?"""
    replaced = salvage.inode(path_in(folder)) != 0
    salvage.move(path_in(folder), folder / "live-set-aside.sqlite3")
    salvage.move(path_in(folder / "rebuild"), path_in(folder))
    _complaint(folder).unlink(missing_ok=True)
    return replaced


def open_for_courier(folder: Path) -> sqlite3.Connection:
    """The writing end, with the tables made and the folder closed to others."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = sqlite3.connect(path_in(folder), timeout=5, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA secure_delete=ON")  # what is erased must not stay in free space
    connection.executescript(_TABLES)
    connection.execute(
        "INSERT OR IGNORE INTO meta VALUES ('format', ?), ('cursor', '0')", (str(formats.LIVE_FOLDER.written),)
    )
    os.chmod(path_in(folder), 0o600)
    return connection


def open_for_reading(folder: Path) -> sqlite3.Connection:
    """A reading end: it can never alter the file, and waits at most 50 ms for a lock."""
    return _open_read_only(folder)


def _open_read_only(folder: Path, options: str = "") -> sqlite3.Connection:
    name = f"file:{path_in(folder)}?mode=ro{options}"
    connection = sqlite3.connect(name, uri=True, timeout=0.05, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only=1")
    return connection


def open_without_room(folder: Path) -> sqlite3.Connection:
    """A reading end for a disk with no room for what readers and writers share (`-shm`), which must be there, if empty.

    SQLite keeps in this process's memory what it would find there. Once somebody writes again, such an end
    may answer by what was true before: close it as soon as the usual one can be had.
    """
    return _open_read_only(folder, "&readonly_shm=1")


def lacks_room(error: sqlite3.Error) -> bool:
    """Could the file that readers and writers share not be made, for want of room?"""
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHMSIZE


def is_in_turn(error: sqlite3.Error) -> bool:
    """On a disk without room: has another process only just tried to make that file? It lets go within moments."""
    code = getattr(error, "sqlite_errorcode", 0)
    return lacks_room(error) or code & 0xFF == sqlite3.SQLITE_READONLY


def may_have_room(folder: Path) -> bool:
    """Is there room for it now, or has somebody else made it?"""
    disk, shared = os.statvfs(folder), Path(f"{path_in(folder)}-shm")
    return disk.f_bavail * disk.f_frsize >= _SHARED_BYTES or (shared.exists() and shared.stat().st_size > 4096)


def check_format(connection: sqlite3.Connection) -> None:
    """Raises OtherFormat when this version does not read such a file."""
    found = meta(connection, "format") or ""
    formats.LIVE_FOLDER.check(int(found) if found.isdecimal() else found)


def meta(connection: sqlite3.Connection, key: str) -> str | None:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else None


def set_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
    connection.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
    )


def put(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[str, dict[str, Any] | None]]) -> None:
    """Store each document under its key in `access`, `queue_state` or `callers`; None takes it away."""
    for key, document in rows:
        if document is None:
            connection.execute(f"DELETE FROM {table} WHERE key = ?", (key,))  # noqa: S608 - three fixed names
        else:
            connection.execute(
                f"INSERT OR REPLACE INTO {table} VALUES (?, ?)",  # noqa: S608 - three fixed names
                (key, orjson.dumps(document).decode()),
            )


def documents(connection: sqlite3.Connection, table: str) -> dict[str, Any]:
    """All documents of `access` or `queue_state` by key."""
    rows = connection.execute(f"SELECT key, document FROM {table}")  # noqa: S608 - two fixed names
    return {key: orjson.loads(document) for key, document in rows}


def callers(connection: sqlite3.Connection) -> dict[str, str]:
    """Documents of pilots and blocked callers by key, as text: a damaged one must not hold up the others.

    A file that a courier of the version before has made has no such table.
    """
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'callers'").fetchone():
        return {}
    return dict(connection.execute("SELECT key, document FROM callers"))


def drop_callers(connection: sqlite3.Connection) -> None:
    """Forget pilots and blocked callers: one that the database knows nothing of could be ended by nobody."""
    connection.execute("DELETE FROM callers")
    set_meta(connection, "callers_revision", "0")


def put_facts(connection: sqlite3.Connection, rows: Iterable[tuple[str, dict[str, Any] | None]]) -> None:
    """Store facts with their checksum; None is a tombstone: the handle is nobody's any more."""
    kept, gone = [], []
    for key, document in rows:
        if document is None:
            gone.append((key,))
        else:
            body = orjson.dumps(document)
            kept.append((key, body, zlib.crc32(body)))
    for start in range(0, len(kept), ROWS_A_STATEMENT):
        some = kept[start : start + ROWS_A_STATEMENT]
        places = ", ".join(["(?, ?, ?)"] * len(some))
        connection.execute(f"INSERT OR REPLACE INTO facts VALUES {places}", list(chain.from_iterable(some)))  # noqa: S608 - question marks
    connection.executemany("DELETE FROM facts WHERE key = ?", gone)


def facts(connection: sqlite3.Connection, key: str) -> dict[str, Any] | None:
    """The facts of one handle. Raises sqlite3.Error, also when a row is damaged, and OtherFormat."""
    row = connection.execute("SELECT document, crc FROM facts WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    found: dict[str, Any] = orjson.loads(_checked(*row))
    formats.FACTS.check(found.get("v"))
    return found


def check_facts(connection: sqlite3.Connection, after: str, count: int) -> str:
    """Read the next `count` facts; the last key, "" when no more follow. Raises sqlite3.Error when one is damaged."""
    rows = connection.execute("SELECT key, document, crc FROM facts WHERE key > ? ORDER BY key LIMIT ?", (after, count))
    keys = [key for key, document, crc in rows if _checked(document, crc)]
    return str(keys[-1]) if len(keys) == count else ""


def _checked(document: object, crc: int) -> bytes:
    if not isinstance(document, bytes) or zlib.crc32(document) != crc:
        raise salvage.Damaged("facts row is damaged")
    return document


def put_release(connection: sqlite3.Connection, number: int, document: str, sha256: str) -> None:
    """Store a release and keep the newest three."""
    connection.execute("INSERT OR REPLACE INTO release VALUES (?, ?, ?)", (number, document, sha256))
    connection.execute(
        "DELETE FROM release WHERE number NOT IN (SELECT number FROM release ORDER BY number DESC LIMIT ?)",
        (KEPT_RELEASES,),
    )


def drop_releases_after(connection: sqlite3.Connection, number: int) -> None:
    """Forget releases that the database knows nothing of."""
    connection.execute("DELETE FROM release WHERE number > ?", (number,))


def write_plain_copy(folder: Path, number: int, document: str, sha256: str, access: dict[str, Any]) -> None:
    """The newest release and the access beside it, as a file that needs no database to be read."""
    final = folder / f"release-{number:06d}.json"
    draft = final.with_suffix(".part")
    body = {
        "format": formats.LIVE_FOLDER.written,
        "number": number,
        "document": document,
        "sha256": sha256,
        "access": access,
    }
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        json.dump(body, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(final)
    for old in plain_copies(folder)[KEPT_RELEASES:]:
        with suppress(FileNotFoundError):
            old.unlink()


def plain_copies(folder: Path) -> list[Path]:
    """The plain copies, newest first."""
    return sorted(folder.glob("release-*.json"), reverse=True)
