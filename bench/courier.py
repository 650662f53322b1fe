"""How long the courier takes to fill an empty live folder: `python -m bench --courier`."""

import shutil
from pathlib import Path
from time import perf_counter

from django.db import connection

from bench import database
from bench.figures import Figure
from bench.live_folders import emptied
from contactcenter.foundation.changes import FACTS
from routing.courier import carry_once

LOADED_WITHIN_S = 900.0
A_MILLION = 1_000_000


def measure(url: str, folder: Path, customers: int) -> Figure:
    """Seconds for a million facts, from changes that nobody has numbered to rows in the live file.

    The database at `url` is Django's own: settings must have been read with it. SQLite is given fewer.
    """
    loaded = database.fill(url, customers, LOADED_WITHIN_S)
    mark_all()
    live = emptied(folder / "live-courier")
    carried, began = 0, perf_counter()
    while done := carry_once(live, "bench").carried:
        carried += done
    took = perf_counter() - began
    if carried != loaded:
        raise RuntimeError(f"{loaded:,} customers were marked, {carried:,} changes carried")
    print(f"The courier carried {carried:,} facts in {took:.1f} s: {carried / took:,.0f} a second.")
    shutil.rmtree(live)
    return Figure("courier_seconds_for_a_million", [took * A_MILLION / carried], goal=60, at_most=True)


def mark_all() -> None:
    """What a first sync leaves behind: every handle has changed, and none of it is numbered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO foundation_change (topic, key) SELECT %s, kind || ':' || value FROM customers_handle", [FACTS]
        )
        cursor.execute("ANALYZE foundation_change")
