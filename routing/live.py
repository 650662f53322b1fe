"""What a decide process knows, taken from the live folder and swapped as one reference.

A watcher looks every 250 ms whether the courier has committed something; a new release, access or state
is verified and compiled before it replaces the old one. Whatever fails keeps the old one, is counted and
logged. Nothing that is held ever expires.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import orjson

from contactcenter.foundation import formats
from contactcenter.foundation.clock import Clock
from contactcenter.foundation.encryption import decrypt
from contactcenter.foundation.logs import logger
from customers.sources import SourceError, compile_source
from customers.sources.asking import MEMORY, Source
from queues.state import STALE_AFTER, State, compile_state
from routing import livefile, metrics
from routing.access import Access, compile_access
from routing.callers import NOBODY, Callers, compile_callers
from routing.contacts import Contact
from routing.live_connections import MOMENT_S, TRIES, LiveConnections
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
    callers: Callers = NOBODY
    revisions: Mapping[str, str | None] = field(default_factory=dict)
    loaded_at: float = field(default_factory=monotonic)


class Live:
    """The reading end of the live folder for one process. Call `start` after the fork."""

    def __init__(self, folder: Path, stale_after: timedelta = STALE_AFTER) -> None:
        self.folder = folder
        self.stale_after = stale_after
        self.failures = 0
        self._held = Held()
        self._connections = LiveConnections(folder)
        self._stop = threading.Event()
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
        secret_of = _secrets(held)
        return World(held.release, held.state, self.find_facts, held.sources, secret_of, held.callers)

    def world_of(self, contact: Contact, clock: Clock) -> World | None:
        """What `contact` is decided by: for a pilot caller the draft of his pilot, whether he is blocked or not."""
        held = self._held
        if not held.callers.pilots or held.release is None:
            return self.world()
        region = held.release.region_called(contact.channel, contact.to)
        pilot = held.callers.pilot_of(contact, region, clock.now())
        if pilot is None:
            return self.world()
        return World(pilot.release, held.state, self.find_facts, pilot.sources, _secrets(held), pilot=pilot.id)

    def find_facts(self, key: str) -> Facts | None:
        """Facts of a handle from the local file. Raises FactsUnavailable when it cannot be read."""
        try:
            return self._connections.facts(key)
        except (sqlite3.Error, ValueError) as error:
            self._count("facts_unreadable", error)
            raise FactsUnavailable from error

    def refresh(self) -> None:
        """Take over whatever has changed in the folder. What fails keeps the old."""
        for left in reversed(range(TRIES)):
            try:
                with self._connections.turn:
                    return self._look()
            except _BROKEN as error:
                self._connections.forget()
                if not (left and isinstance(error, sqlite3.Error) and livefile.is_in_turn(error)):
                    return self._count("live_folder_unreadable", error)
            sleep(MOMENT_S)

    def _look(self) -> None:
        connection, is_new = self._connections.watching()
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        if is_new or version != self._seen_version:
            self._take(connection)
            self._seen_version = version
            self._said.clear()

    def _watch_for_changes(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            self.refresh()

    def _take(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN")
        try:
            livefile.check_format(connection)
            topics = ("release", "access", "state", "erasure", "callers")
            revisions = {topic: livefile.meta(connection, f"{topic}_revision") for topic in topics}
            if revisions["release"] is None and self._held.release is not None:
                return  # an empty file is one that somebody has only begun
            if revisions != self._held.revisions:
                self._load(connection, revisions)
        finally:
            connection.execute("COMMIT")

    def _hold(self, held: Held) -> None:
        self._held = held
        metrics.RELEASE.set(held.release.number if held.release else 0)

    def _load(self, connection: sqlite3.Connection, revisions: Mapping[str, str | None]) -> None:
        """Hold what is there. A release that cannot be decided by does not hold up keys and switches."""
        held, before = self._held, self._held.revisions
        if revisions["erasure"] != before.get("erasure"):
            MEMORY.forget()  # answers lie there under hashes: nobody can tell which were about him
        access = held.access
        if revisions["access"] != before.get("access"):
            access = compile_access(livefile.documents(connection, "access"))
        state = compile_state(livefile.documents(connection, "queue_state"), self.stale_after)
        callers = held.callers
        if revisions["callers"] != before.get("callers"):
            callers, failed = compile_callers(livefile.callers(connection), held.callers, _verified)
            for error in failed:
                self._count("callers_unreadable", error)
        release, sources = held.release, held.sources
        if revisions["release"] != before.get("release"):
            try:
                release, sources = _newest_release(connection)
            except _BROKEN:
                still = {**revisions, "release": before.get("release")}
                self._hold(Held(release, sources, access, state, callers, still, held.loaded_at))
                raise
        self._hold(Held(release, sources, access, state, callers, revisions))

    def _load_plain_copy(self) -> None:
        """Start from the newest readable copy when the database file is damaged or missing."""
        for path in livefile.plain_copies(self.folder):
            try:
                copy = orjson.loads(path.read_bytes())
                formats.LIVE_FOLDER.check(copy["format"])
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


def _secrets(held: Held) -> Callable[[str], str]:
    secrets = held.access.source_secrets
    return lambda slug: decrypt(secrets[slug])


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
