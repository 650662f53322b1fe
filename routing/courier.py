"""One process on each decide host that carries things between the database and the live folder.

In: whatever changed beyond the cursor, in order and in batches; a first build is the same loop from
cursor 0. Out: what was decided and reported, at least once, inserted once. It alone touches both sides.
"""

import shutil
import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import time

from contactcenter.foundation import changes
from contactcenter.foundation.changes import Stamped
from contactcenter.foundation.logs import logger
from customers import facts
from routing import broadcast, courier_report, livefile, salvage, shipping, spool
from routing.models import Release

log = logger(__name__)

BATCH = 5000
SHIP_BATCH = 500
KEEP_SHIPPED_S = 24 * 3600
_TABLES = {changes.ACCESS: "access", changes.STATE: "queue_state"}


@dataclass(frozen=True)
class Round:
    """What one round carried: changes in, rows out."""

    carried: int
    shipped: int


def carry_once(folder: Path, host: str) -> Round:
    """Stamp, copy what changed, ship what was decided. Raises django.db.Error while the database is away."""
    changes.stamp()
    carried = carry_in(folder)
    shipped = carry_out(folder, host, prune=not carried)
    courier_report.write(folder)
    return Round(carried, shipped)


def carry_in(folder: Path) -> int:
    """Copy the next changes into the live file, or into a new one while that cannot be used; how many there were."""
    if livefile.is_usable(folder):
        try:
            return _copy_into(folder, folder)
        except sqlite3.DatabaseError as error:
            if not salvage.is_damaged(error):
                raise
            log.error("live_file_damaged", detail=str(error)[:100])
            livefile.complain(folder, salvage.inode(livefile.path_in(folder)))
    return build_anew(folder)


def build_anew(folder: Path) -> int:
    """The next batch of a file built beside the live one, which it replaces when it has everything."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = folder / "rebuild"
    if not livefile.is_usable(beside):
        shutil.rmtree(beside, ignore_errors=True)
    carried = _copy_into(beside, folder)
    if carried < BATCH:
        livefile.put_in_place(folder)
        log.warning("live_file_built_anew")
    return carried


def _copy_into(place: Path, folder: Path) -> int:
    with closing(livefile.open_for_courier(place)) as live:
        begin_anew_if_the_database_is_older(live)
        return copy_changes(live, folder)


def carry_out(folder: Path, host: str, *, prune: bool) -> int:
    """Ship what was decided, what is left of a damaged spool included; how many rows."""
    path = folder / "spool.sqlite3"
    present = salvage.inode(path)
    try:
        with spool.courier_end(path) as rows:
            salvage.bring_back(rows, folder)
            shipped = ship(rows, host)
            if prune and not shipped:
                spool.prune(rows, time() - KEEP_SHIPPED_S)
            return shipped
    except sqlite3.DatabaseError as error:
        if salvage.is_damaged(error):
            salvage.set_aside(path, present)
        raise


def begin_anew_if_the_database_is_older(live: sqlite3.Connection) -> None:
    """A database restored from a backup numbers anew: everything is copied again, over what is there."""
    cursor, last = int(livefile.meta(live, "cursor") or 0), changes.last_seq()
    if cursor <= last:
        return
    log.error("database_is_older_than_the_live_folder", cursor=cursor, last=last)
    newest = Release.objects.order_by("-number").values_list("number", flat=True).first() or 0
    live.execute("BEGIN IMMEDIATE")
    livefile.drop_releases_after(live, newest)
    livefile.set_meta(live, "cursor", "0")
    live.execute("COMMIT")


def copy_changes(live: sqlite3.Connection, folder: Path) -> int:
    """Copy the next batch of changes into the live file; how many there were."""
    cursor = int(livefile.meta(live, "cursor") or 0)
    batch = changes.after(cursor, BATCH)
    if not batch:
        return 0
    by_topic: dict[str, list[str]] = defaultdict(list)
    for change in batch:
        by_topic[change.topic].append(change.key)
    # Read first: the live file is locked only while rows are written to it.
    documents = {topic: broadcast.RENDERERS[topic](by_topic[topic]) for topic in broadcast.RENDERERS if by_topic[topic]}
    people = facts.documents(by_topic[changes.FACTS]) if by_topic[changes.FACTS] else {}
    releases = list(Release.objects.filter(number__in=[int(key) for key in by_topic[changes.RELEASE]]))
    live.execute("BEGIN IMMEDIATE")
    for topic, rows in documents.items():
        livefile.put(live, _TABLES[topic], rows.items())
    livefile.put_facts(live, people.items())
    for release in releases:
        livefile.put_release(live, release.number, release.document, release.sha256)
    _note_revisions(live, batch)
    live.execute("COMMIT")
    if releases or changes.ACCESS in by_topic:
        _copy_plainly(live, folder)
    return len(batch)


def _note_revisions(live: sqlite3.Connection, batch: list[Stamped]) -> None:
    """Per topic the newest number taken over, so that readers reload only what changed."""
    for change in batch:
        if change.topic != changes.FACTS:
            livefile.set_meta(live, f"{change.topic}_revision", str(change.seq))
    livefile.set_meta(live, "cursor", str(batch[-1].seq))


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
