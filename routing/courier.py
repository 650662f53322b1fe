"""One process on each decide host that carries things between the database and the live folder.

In: whatever changed beyond the cursor, in order and in batches; a first build is the same loop from
cursor 0. Out: what was decided and reported, at least once, inserted once. It alone touches both sides.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time
from typing import NamedTuple

from django.db import connections

from contactcenter.foundation import changes
from contactcenter.foundation.logs import logger
from routing import broadcast, courier_batch, courier_report, handing_over, livefile, salvage, shipping, spool
from routing.models import Release
from routing.privacy import on_host

log = logger(__name__)

COPY_FOR_S = 3.0
"""After so long the other direction has its turn: decisions are shipped also while a million facts come in."""
SHIP_BATCH = 500
SHIP_FOR_S = 1.0
KEEP_SHIPPED_S = 24 * 3600


class Copied(NamedTuple):
    """How many changes were copied, and whether these were all that have a number."""

    changes: int
    all: bool


@dataclass(frozen=True)
class Round:
    """What one round carried: changes in, rows out."""

    carried: int
    shipped: int


def carry_once(folder: Path, host: str) -> Round:
    """Hand over, stamp, copy what changed, ship what was decided. Raises django.db.Error while the database is away."""
    handing_over.hand_over(folder)
    changes.stamp(2 * courier_batch.SIZE)  # one batch to copy, and one to read meanwhile
    carried = carry_in(folder)
    shipped = carry_out(folder, host)
    courier_report.write(folder)
    return Round(carried, shipped)


def carry_in(folder: Path) -> int:
    """Copy the next changes into the live file, or into a new one while that cannot be used; how many there were."""
    if livefile.is_usable(folder):
        try:
            return _copy_into(folder, folder).changes
        except sqlite3.DatabaseError as error:
            if not salvage.is_damaged(error):
                raise
            log.error("live_file_damaged", detail=str(error)[:100])
            livefile.complain(folder, salvage.inode(livefile.path_in(folder)))
    return build_anew(folder)


def build_anew(folder: Path) -> int:
    """Go on with a file built beside the live one, which it replaces when it has everything."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = folder / "rebuild"
    if not livefile.is_usable(beside):
        shutil.rmtree(beside, ignore_errors=True)
    copied = _copy_into(beside, folder)
    if copied.all:
        handing_over.save_from(folder, beside)
        if livefile.put_in_place(folder):
            courier_report.count_replaced(folder)
        log.warning("live_file_built_anew")
    return copied.changes


def _copy_into(place: Path, folder: Path) -> Copied:
    with closing(livefile.open_for_courier(place)) as live:
        begin_anew_if_the_database_is_older(live)
        _ask_for_callers(live)
        return copy_changes(live, folder)


def copy_changes(live: sqlite3.Connection, folder: Path) -> Copied:
    """Copy what changed, batch after batch. While one is written the next is read, and those behind it are numbered."""
    copied, ends_at = 0, monotonic() + COPY_FOR_S
    batch = courier_batch.read(courier_batch.cursor(live))
    if not batch.changes:
        return Copied(0, all=True)
    with _thread_beside() as beside:
        while batch.changes:
            goes_on = batch.is_full and monotonic() < ends_at
            following = beside.submit(courier_batch.read, batch.last) if goes_on else None
            if batch.erasures.erased:
                on_host.erase(folder, batch.erasures)
            if not courier_batch.write(live, batch):
                return Copied(copied, all=False)
            copied += len(batch.changes)
            _end_erasures(live, batch, folder)
            if batch.alters_plain_copy:
                _copy_plainly(live, folder)
            if following is None:
                break
            changes.stamp(courier_batch.SIZE)
            batch = following.result()
    return Copied(copied, all=not batch.is_full)


def _end_erasures(live: sqlite3.Connection, batch: courier_batch.Batch, folder: Path) -> None:
    """Leave nothing of the facts in the log; begin anew where nobody can tell any more whose facts should go."""
    if batch.erasures.erased:
        on_host.empty_log(live)
    if batch.erasures.missed:
        log.error("erasure_missed")
        livefile.complain(folder, salvage.inode(livefile.path_in(folder)))


@contextmanager
def _thread_beside() -> Iterator[ThreadPoolExecutor]:
    """A thread that reads from the database; its connection ends with it."""
    with ThreadPoolExecutor(1, "courier-reader") as thread:
        try:
            yield thread
        finally:
            thread.submit(connections.close_all)


def carry_out(folder: Path, host: str) -> int:
    """Ship what was decided, what is left of a damaged spool included; how many rows."""
    path = folder / "spool.sqlite3"
    present = salvage.inode(path)
    try:
        with spool.courier_end(path) as rows:
            salvage.bring_back(rows, folder)
            shipped = some = ship(rows, host)
            ends_at = monotonic() + SHIP_FOR_S
            while some == SHIP_BATCH and monotonic() < ends_at:
                some = ship(rows, host)
                shipped += some
            if some < SHIP_BATCH:
                spool.prune(rows, time() - KEEP_SHIPPED_S)
            return shipped
    except sqlite3.DatabaseError as error:
        if salvage.is_damaged(error):
            salvage.set_aside(path, present)
        raise


def try_set_aside_again(folder: Path) -> None:
    """When a courier starts: another release of it, or a mended database, may take what was refused. None is lost."""
    path = folder / "spool.sqlite3"
    if path.exists():
        with suppress(sqlite3.Error), spool.courier_end(path) as rows:  # the rounds say what is wrong with it
            if again := spool.try_set_aside_again(rows):
                log.warning("set_aside_rows_tried_again", count=again)


def begin_anew_if_the_database_is_older(live: sqlite3.Connection) -> None:
    """A database restored from a backup numbers anew: everything is copied again, over what is there."""
    cursor, last = courier_batch.cursor(live), changes.last_seq()
    if cursor <= last:
        return
    log.error("database_is_older_than_the_live_folder", cursor=cursor, last=last)
    newest = Release.objects.order_by("-number").values_list("number", flat=True).first() or 0
    live.execute("BEGIN IMMEDIATE")
    livefile.drop_releases_after(live, newest)
    livefile.drop_callers(live)
    livefile.set_meta(live, "cursor", "0")
    live.execute("COMMIT")


def _ask_for_callers(live: sqlite3.Connection) -> None:
    """A courier of the version before passed over the pilots and blocked callers: they are sent once more."""
    if livefile.meta(live, "knows_callers") is None:
        entries = [*broadcast.current_callers()] if courier_batch.cursor(live) else []
        changes.mark(changes.CALLERS, entries)
        livefile.set_meta(live, "knows_callers", "1")


def _copy_plainly(live: sqlite3.Connection, folder: Path) -> None:
    row = live.execute("SELECT number, document, sha256 FROM release ORDER BY number DESC LIMIT 1").fetchone()
    if row is not None:
        number, document, sha256 = row
        livefile.write_plain_copy(folder, number, document, sha256, livefile.documents(live, "access"))


def ship(rows: sqlite3.Connection, host: str) -> int:
    """Bring the oldest unshipped rows into the database; how many. What it refuses is set aside."""
    waiting = spool.unshipped(rows, SHIP_BATCH)
    if not waiting:
        return 0
    refused = shipping.insert(waiting, host)
    if refused:
        log.error("rows_refused_by_database", count=len(refused))
    spool.mark_shipped(rows, [row.id for row in waiting if row.id not in refused])
    spool.mark_shipped(rows, sorted(refused), state=spool.SET_ASIDE)
    return len(waiting)
