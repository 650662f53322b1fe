"""Faults that come at random, from a seed, one after the other and sometimes together, for as long as it takes."""

import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

from routing import livefile
from tests.faults.contact_centre import ContactCentre, Server, frozen
from tests.faults.test_live_file import overwrite, spoil_facts

DAY_S = 24 * 3600
SETTLED_S = 5


@dataclass
class Mischief:
    """What may happen to a contact centre that keeps its processes; each ends by itself."""

    centre: ContactCentre
    server: Server
    seed: int
    happened: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def go_on(self, seconds: float) -> None:
        """A fault, a pause, the next one; a day passes for the spool every now and then."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            fault = self.dice.choice(FAULTS)
            self.happened[fault.__name__] += 1
            fault(self, self.dice.uniform(0.5, 4.0))
            time.sleep(self.dice.uniform(0.5, 3.0))

    def postgresql_killed(self, seconds: float) -> None:
        assert self.centre.database
        self.centre.database.kill()
        time.sleep(seconds)
        self.centre.database.start()

    def postgresql_frozen(self, seconds: float) -> None:
        assert self.centre.database
        with self.centre.database.frozen():
            time.sleep(seconds)

    def courier_frozen(self, seconds: float) -> None:
        with frozen(self.centre.courier):
            time.sleep(seconds)

    def no_room(self, seconds: float) -> None:
        with self.server.no_room_on_disk(allowed=4096):
            time.sleep(seconds)

    def no_room_and_no_database(self, seconds: float) -> None:
        assert self.centre.database
        with ExitStack() as both:
            both.enter_context(self.server.no_room_on_disk(allowed=4096))
            both.enter_context(self.centre.database.frozen())
            time.sleep(seconds)

    def spool_locked(self, seconds: float) -> None:
        with closing(sqlite3.connect(self.centre.live / "spool.sqlite3", isolation_level=None, timeout=20)) as other:
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(seconds)
            other.execute("ROLLBACK")

    def live_file_overwritten(self, seconds: float) -> None:
        overwrite(livefile.path_in(self.centre.live))
        time.sleep(seconds)

    def facts_spoiled(self, seconds: float) -> None:
        try:
            spoil_facts(livefile.path_in(self.centre.live))
        except sqlite3.Error:
            self.happened["facts_spoiled"] -= 1  # an earlier fault is not mended yet
        time.sleep(seconds)

    def a_day_passes(self, seconds: float) -> None:
        """Rows that have been shipped become old enough to be pruned."""
        with closing(sqlite3.connect(self.centre.live / "spool.sqlite3", timeout=20)) as rows, rows:
            settled = time.time() - SETTLED_S
            rows.execute("UPDATE spool SET at = at - ? WHERE shipped = 1 AND at < ?", (DAY_S, settled))
        time.sleep(seconds)

    def rows_in_spool(self) -> int:
        with closing(sqlite3.connect(self.centre.live / "spool.sqlite3", timeout=20)) as rows:
            ((count,),) = rows.execute("SELECT COUNT(*) FROM spool").fetchall()
        return int(count)


FAULTS: list[Callable[[Mischief, float], None]] = [
    Mischief.postgresql_killed,
    Mischief.postgresql_frozen,
    Mischief.courier_frozen,
    Mischief.no_room,
    Mischief.no_room_and_no_database,
    Mischief.spool_locked,
    Mischief.live_file_overwritten,
    Mischief.facts_spoiled,
    Mischief.a_day_passes,
]
