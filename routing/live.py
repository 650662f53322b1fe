"""What a decide process knows, taken from the live folder and swapped as one reference.

A watcher looks every 250 ms whether the courier has committed something; a new release, access or state
is verified and compiled before it replaces the old one. Whatever fails keeps the old one, is counted and
logged. Nothing that is held ever expires.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

import orjson

from contactcenter.foundation.encryption import decrypt
from contactcenter.foundation.logs import logger
from customers.sources import SourceError, compile_source
from customers.sources.asking import MEMORY, Source
from queues.selection import Manager, State, Statistics, Switched
from routing import livefile, metrics, salvage
from routing.access import Access, compile_access
from routing.release import Release, ReleaseError, compile_release
from routing.variables import Facts, FactsUnavailable, World

log = logger(__name__)

LOOK_EVERY_S = 0.25
_BROKEN = (sqlite3.Error, ReleaseError, SourceError, KeyError, TypeError, ValueError, OSError)


@dataclass(frozen=True)
class Held:
    """One consistent view of what a process knows; `revisions` say which rows it was made from."""

    release: Release | None = None
    sources: Mapping[str, Source] = field(default_factory=dict)
    access: Access = field(default_factory=Access)
    state: State = field(default_factory=State)
    revisions: Mapping[str, str | None] = field(default_factory=dict)
    loaded_at: float = field(default_factory=monotonic)


class Live:
    """The reading end of the live folder for one process. Call `start` after the fork."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.failures = 0
        self._held = Held()
        self._local = threading.local()
        self._stop = threading.Event()
        self._watch: sqlite3.Connection | None = None
        self._file = 0
        self._seen_version = -1
        self._said: dict[str, str] = {}

    @property
    def held(self) -> Held:
        """What is known right now: one reference, never altered."""
        return self._held

    def start(self) -> None:
        """Load what is there and keep looking, in a thread of this process."""
        metrics.RELEASE.set(0)
        self.refresh()
        if self._held.release is None:
            self._load_plain_copy()
        threading.Thread(target=self._watch_for_changes, name="live-watcher", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def world(self) -> World | None:
        """What contacts are decided by right now; None while no release is held."""
        held = self._held
        if held.release is None:
            return None
        secrets = held.access.source_secrets
        return World(held.release, held.state, self.find_facts, held.sources, lambda slug: decrypt(secrets[slug]))

    def find_facts(self, key: str) -> Facts | None:
        """Facts of a handle from the local file. Raises FactsUnavailable when it cannot be read."""
        try:
            connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
            if connection is None or self._local.file != self._file:
                _close(connection)
                self._local.file = self._file
                connection = self._local.connection = livefile.open_for_reading(self.folder)
            return livefile.facts(connection, key)
        except (sqlite3.Error, orjson.JSONDecodeError) as error:
            _close(getattr(self._local, "connection", None))
            self._local.connection = None
            self._count("facts_unreadable", error)
            if isinstance(error, sqlite3.Error) and salvage.is_damaged(error):
                livefile.complain(self.folder, self._local.file)
            raise FactsUnavailable from error

    def refresh(self) -> None:
        """Take over whatever has changed in the folder. What fails keeps the old."""
        try:
            self._follow()
            connection = self._watching()
            version = connection.execute("PRAGMA data_version").fetchone()[0]
            if version != self._seen_version:
                self._take(connection)
                self._seen_version = version
                self._said.clear()
        except _BROKEN as error:
            self._forget()
            self._count("live_folder_unreadable", error)

    def _follow(self) -> None:
        """Another file lies there: read from that one. While none does, the one that is open is still good."""
        present = salvage.inode(livefile.path_in(self.folder))
        if present not in (0, self._file):
            self._forget()
            self._file = present

    def _forget(self) -> None:
        _close(self._watch)
        self._watch, self._seen_version = None, -1

    def _watching(self) -> sqlite3.Connection:
        if self._watch is None:
            self._watch = livefile.open_for_reading(self.folder)
        return self._watch

    def _watch_for_changes(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            self.refresh()

    def _take(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN")
        try:
            if livefile.meta(connection, "format") != str(livefile.FORMAT):
                raise ReleaseError("the live folder has a format that this version does not read")
            topics = ("release", "access", "state", "erasure")
            revisions = {topic: livefile.meta(connection, f"{topic}_revision") for topic in topics}
            if revisions["release"] is None and self._held.release is not None:
                return  # an empty file is one that somebody has only begun
            if revisions != self._held.revisions:
                self._hold(self._load(connection, revisions))
        finally:
            connection.execute("COMMIT")

    def _hold(self, held: Held) -> None:
        self._held = held
        metrics.RELEASE.set(held.release.number if held.release else 0)

    def _load(self, connection: sqlite3.Connection, revisions: Mapping[str, str | None]) -> Held:
        held, before = self._held, self._held.revisions
        if revisions["erasure"] != before.get("erasure"):
            MEMORY.forget()  # answers lie there under hashes: nobody can tell which were about him
        release, sources = held.release, held.sources
        if revisions["release"] != before.get("release"):
            release, sources = _newest_release(connection)
        access = held.access
        if revisions["access"] != before.get("access"):
            access = compile_access(livefile.documents(connection, "access"))
        state = compile_state(livefile.documents(connection, "queue_state"))
        return Held(release, sources, access, state, revisions)

    def _load_plain_copy(self) -> None:
        """Start from the newest readable copy when the database file is damaged or missing."""
        for path in livefile.plain_copies(self.folder):
            try:
                copy = orjson.loads(path.read_bytes())
                if copy["format"] != livefile.FORMAT:
                    raise ReleaseError("the copy has a format that this version does not read")
                release, sources = _verified(copy["number"], copy["document"], copy["sha256"])
                self._hold(Held(release, sources, compile_access(copy["access"])))
            except _BROKEN as error:
                self._count("plain_copy_unreadable", error)
            else:
                log.warning("started_from_plain_copy", release=release.number)
                return

    def _count(self, event: str, error: Exception) -> None:
        """Count each failure; say it once, until it is another one or something has been taken over."""
        self.failures += 1
        metrics.LOAD_FAILURES.inc()
        detail = str(error)[:200]
        if self._said.get(event) != detail:
            self._said[event] = detail
            log.warning(event, error=type(error).__name__, detail=detail)


def _close(connection: sqlite3.Connection | None) -> None:
    """At once: left to the garbage collector, it keeps a file open that may be gone."""
    if connection is not None:
        connection.close()


def _newest_release(connection: sqlite3.Connection) -> tuple[Release | None, Mapping[str, Source]]:
    row = connection.execute("SELECT number, document, sha256 FROM release ORDER BY number DESC LIMIT 1").fetchone()
    return _verified(*row) if row else (None, {})


def _verified(number: int, document: str, sha256: str) -> tuple[Release, Mapping[str, Source]]:
    if hashlib.sha256(document.encode()).hexdigest() != sha256:
        raise ReleaseError("the checksum of the release is wrong")
    release = compile_release(orjson.loads(document), number)
    return release, compile_sources(release)


def compile_sources(release: Release) -> dict[str, Source]:
    """The data sources of a release by short name. Raises SourceError."""
    return {slug: compile_source(slug, dict(entry)) for slug, entry in release.sources.items()}


def compile_state(documents: Mapping[str, Mapping[str, Any]]) -> State:
    """State from its documents by key (`queue:<slug>`, `switch:<id>`, `manager:<slug>`)."""
    statistics: dict[str, Statistics] = {}
    switches: list[Switched] = []
    managers: dict[str, Manager] = {}
    for name, document in documents.items():
        kind, _, identifier = name.partition(":")
        if kind == "queue":
            statistics[identifier] = Statistics(datetime.fromisoformat(document["as_of"]), document["statistics"])
        elif kind == "switch":
            until = datetime.fromisoformat(document["until"]) if "until" in document else None
            switches.append(Switched(document["kind"], document["subject"], until, document.get("target")))
        elif kind == "manager":
            managers[identifier] = Manager(identifier, **document)
    return State(statistics, tuple(switches), managers)
