"""How one decide process reads the live file: by a connection of its watcher, and one for each thread that asks.

On a disk so full that a process alone on its folder cannot have a usual connection, all go through the watcher's,
which does without; at each look he tries again for a usual one.
"""

import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from time import sleep

from contactcenter.foundation.logs import logger
from routing import livefile, salvage
from routing.variables import Facts

log = logger(__name__)

TRIES, MOMENT_S = 5, 0.005
"""Processes that share a disk without room are in each other's way for a moment whenever one looks again."""


class LiveConnections:
    """Connections to the file that lies there now. Who asks for `watching` holds `turn` for as long as he uses it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = 0
        self._watch: sqlite3.Connection | None = None
        self._without_room = False
        self.turn = threading.RLock()
        """Whose turn it is on the watcher's connection: one that is closed under a thread ends the process."""
        self._local = threading.local()

    def watching(self) -> tuple[sqlite3.Connection, bool]:
        """The watcher's connection, and whether it is a new one. Raises sqlite3.Error."""
        self._follow()
        if self._watch is not None and not (self._without_room and livefile.may_have_room(self.folder)):
            return self._watch, False
        return self._open(), True

    def forget(self) -> None:
        """Something went wrong with the watcher's: the next is a new one."""
        with self.turn:
            self._close_watch()

    def facts(self, key: str) -> Facts | None:
        """Facts of a handle. Raises sqlite3.Error, orjson.JSONDecodeError, OtherFormat."""
        for _ in range(TRIES - 1):
            try:
                return self._facts(key)
            except sqlite3.OperationalError as error:
                if not livefile.is_in_turn(error):
                    raise
            sleep(MOMENT_S)
            self._look_again()
        return self._facts(key)

    def _look_again(self) -> None:
        with self.turn, suppress(sqlite3.OperationalError):
            self._open()

    def _facts(self, key: str) -> Facts | None:
        if self._without_room:
            with self.turn:
                if self._without_room and self._watch is not None:
                    return livefile.facts(self._watch, key)
        try:
            return livefile.facts(self._own(), key)
        except (sqlite3.Error, ValueError) as error:
            self._forget_own()
            if isinstance(error, sqlite3.Error) and salvage.is_damaged(error):
                livefile.complain(self.folder, self._local.file)
            raise

    def _follow(self) -> None:
        """Another file lies there: read from that one. While none does, the one that is open is still good."""
        present = salvage.inode(livefile.path_in(self.folder))
        if present not in (0, self._file):
            self.forget()
            self._file = present

    def _open(self) -> sqlite3.Connection:
        self._close_watch()  # first: connections of one process share what one of them has found
        try:
            self._watch = livefile.open_for_reading(self.folder)
            self._watch.execute("PRAGMA schema_version").fetchone()
            without = False
        except sqlite3.Error as error:
            self._close_watch()
            if not livefile.lacks_room(error):
                raise
            self._watch = livefile.open_without_room(self.folder)
            without = True
        if without != self._without_room:
            self._without_room = without
            log.warning("live_folder_without_room" if without else "live_folder_has_room_again")
        return self._watch

    def _close_watch(self) -> None:
        _close(self._watch)
        self._watch = None

    def _own(self) -> sqlite3.Connection:
        """This thread's."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None or self._local.file != self._file:
            _close(connection)
            self._local.file = self._file
            connection = self._local.connection = livefile.open_for_reading(self.folder)
        return connection

    def _forget_own(self) -> None:
        _close(getattr(self._local, "connection", None))
        self._local.connection = None


def _close(connection: sqlite3.Connection | None) -> None:
    """At once: left to the garbage collector, it keeps a file open that may be gone."""
    if connection is not None:
        connection.close()
