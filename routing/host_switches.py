"""Switches that are set on a decide host itself, for the day when its database or the portal is away.

They lie beside the others in the live file, and decide servers take them over as they take those. Once the
courier sees the database again it hands them over (routing/handing_over.py); from then on they are switches
like all others, on every host.
"""

import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from queues.state import CLOSE, OPEN
from routing import livefile

SET_HERE, ENDED_HERE = "switch:here-", "ended:"
_TABLE = "queue_state"

Document = dict[str, Any]


class NoLiveFile(Exception):
    """There is nothing on this host that a switch could be written into."""


def in_force(folder: Path, now: datetime) -> dict[str, Document]:
    """The switches that hold on this host, by key. Raises NoLiveFile."""
    with _reading(folder) as live:
        return {key: each for key, each in _switches(live).items() if _holds(each, now)}


def release(folder: Path) -> Document:
    """The document this host decides by; empty without one. Raises NoLiveFile."""
    with _reading(folder) as live:
        row = live.execute("SELECT document FROM release ORDER BY number DESC LIMIT 1").fetchone()
    found: Document = orjson.loads(row[0]) if row else {}
    return found


def begin(folder: Path, document: Document) -> str:
    """Set a switch in place of the one on the same queue or number; its key. Raises NoLiveFile."""
    key = SET_HERE + uuid.uuid4().hex[:12]
    with _writing(folder) as live:
        same = [each for each, held in _switches(live).items() if _group(held) == _group(document)]
        _end(live, same, document["by"], document["set_at"])
        livefile.put(live, _TABLE, [(key, document)])
    return key


def end(folder: Path, key: str, by: str, at: datetime) -> None:
    """End a switch of this host or of the database. Raises NoLiveFile."""
    with _writing(folder) as live:
        _end(live, [key], by, at.isoformat())


def waiting(live: sqlite3.Connection) -> dict[str, Document]:
    """What the database has not been told yet, oldest first: switches set here, and ends of others."""
    rows = live.execute(
        f"SELECT key, document FROM {_TABLE} WHERE key GLOB ? OR key GLOB ? ORDER BY key",  # noqa: S608 - a fixed name
        (f"{SET_HERE}*", f"{ENDED_HERE}*"),
    )
    found = {key: orjson.loads(document) for key, document in rows}
    return dict(sorted(found.items(), key=lambda row: str(row[1]["set_at"])))


def replace(live: sqlite3.Connection, handed: Iterable[str], rows: Mapping[str, Document | None]) -> None:
    """Put what the database now has in the place of what it was told of, all at once."""
    with _transaction(live):
        livefile.put(live, _TABLE, [*((key, None) for key in handed), *rows.items()])


def _switches(live: sqlite3.Connection) -> dict[str, Document]:
    return {key: each for key, each in livefile.documents(live, _TABLE).items() if key.startswith("switch:")}


def _holds(document: Document, now: datetime) -> bool:
    return "until" not in document or now < datetime.fromisoformat(document["until"])


def _group(document: Document) -> tuple[bool, str]:
    return document["kind"] in (CLOSE, OPEN), document["subject"]


def _end(live: sqlite3.Connection, keys: Iterable[str], by: str, at: str) -> None:
    for key in keys:
        livefile.put(live, _TABLE, [(key, None)])
        if not key.startswith(SET_HERE):
            ended = {"by": by, "set_at": at}
            livefile.put(live, _TABLE, [(key.replace("switch:", ENDED_HERE), ended)])


@contextmanager
def _reading(folder: Path) -> Iterator[sqlite3.Connection]:
    _need(folder)
    with closing(livefile.open_for_reading(folder)) as live:
        yield live


@contextmanager
def _writing(folder: Path) -> Iterator[sqlite3.Connection]:
    _need(folder)
    with closing(livefile.open_for_courier(folder)) as live, _transaction(live):
        yield live


@contextmanager
def _transaction(live: sqlite3.Connection) -> Iterator[None]:
    """Everything or nothing; and decide servers see by the revision that the state is another one."""
    live.execute("BEGIN IMMEDIATE")
    try:
        yield
        livefile.set_meta(live, "state_revision", f"here-{uuid.uuid4().hex[:12]}")
        live.execute("COMMIT")
    except BaseException:
        live.execute("ROLLBACK")
        raise


def _need(folder: Path) -> None:
    if not livefile.path_in(folder).exists():
        raise NoLiveFile(f"There is no live file in {folder}: is this a decide host, and LIVE_DIR right?")
