"""What the courier says of itself: a small file beside the live one, as it answers no HTTP.

The decide server shows it on `/metrics`. It says when a round last went through, not that one was begun: a
courier that cannot reach the database falls silent here too.
"""

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import asdict, replace
from pathlib import Path
from time import time

import orjson

from contactcenter.foundation import changes
from contactcenter.foundation.models import Change
from routing import livefile, spool
from routing.host_metrics import Report, read, report_path
from routing.models import Release

EVERY_S = 1.0
COUNTED_AT_MOST = 100_000
_COUNT = f"SELECT count(*) FROM spool WHERE shipped = {spool.SET_ASIDE}"  # noqa: S608 - a constant


def write(folder: Path) -> None:
    """Report a round that went through, once a second. Raises django.db.Error while the database is away."""
    before, now = read(folder), time()
    if before is not None and 0 <= now - before.at < EVERY_S:
        return
    with suppress(OSError, sqlite3.Error):  # a full disk must not end the round; that the report grows old is seen
        _write(folder, before, now)


def _write(folder: Path, before: Report | None, now: float) -> None:
    lag = _lag(folder)
    earlier = before.caught_up_at if before is not None else None
    caught_up_at = now if lag == 0 else earlier
    replaced = before.replaced if before is not None else 0
    _put(folder, Report(now, lag, caught_up_at, _published_at(), _set_aside(folder), replaced))


def count_replaced(folder: Path) -> None:
    """Note in the last report that a live file that could not be used has been replaced."""
    before = read(folder) or Report(at=0.0, lag=0, caught_up_at=None, published_at=None, set_aside=0)
    with suppress(OSError):
        _put(folder, replace(before, replaced=before.replaced + 1))


def _put(folder: Path, report: Report) -> None:
    draft = report_path(folder).with_suffix(".part")
    draft.write_bytes(orjson.dumps(asdict(report)))
    os.replace(draft, report_path(folder))


def _lag(folder: Path) -> int:
    try:
        with closing(livefile.open_for_reading(folder)) as live:
            cursor = int(livefile.meta(live, "cursor") or 0)
    except sqlite3.Error:
        cursor = 0  # nothing of it is on this host: the file is damaged, or being built
    waiting = Change.objects.filter(seq__isnull=True).values("pk")[:COUNTED_AT_MOST].count()
    return max(0, changes.last_seq() - cursor) + waiting


def _published_at() -> float | None:
    newest = Release.objects.order_by("-number").values_list("published_at", flat=True).first()
    return newest.timestamp() if newest else None


def _set_aside(folder: Path) -> int:
    with spool.courier_end(folder / "spool.sqlite3") as rows:
        return int(rows.execute(_COUNT).fetchone()[0])
