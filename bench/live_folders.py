"""Live folders with as many customers as wanted, kept between runs: making one takes much longer than using it."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from bench import contact_centre
from contactcenter.foundation import formats
from contactcenter.foundation.encryption import encrypt
from routing import livefile

BATCH = 20_000


def live_folder(parent: Path, customers: int, branches: int = contact_centre.BRANCHES) -> Path:
    """A live folder of `customers` customers and an empty spool. Made anew when its facts would differ."""
    folder = parent / (f"live-{customers}" if branches == contact_centre.BRANCHES else f"live-{customers}-{branches}")
    made_of = folder / "made-of"
    some = [contact_centre.facts(each) for each in range(100)]
    recipe = hashlib.sha256(orjson.dumps([formats.LIVE_FOLDER.written, some]))
    if not made_of.exists() or made_of.read_text() != recipe.hexdigest():
        _fill(emptied(folder), customers)
        made_of.write_text(recipe.hexdigest())
    _publish(folder, branches)
    for spooled in folder.glob("spool.sqlite3*"):
        spooled.unlink()
    return folder


def emptied(folder: Path) -> Path:
    """`folder`, with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    return folder


def _fill(folder: Path, customers: int) -> None:
    with closing(livefile.open_for_courier(folder)) as live:
        live.execute("PRAGMA journal_mode=OFF")  # a file that was not finished is made anew
        rows = _facts(customers)
        while batch := list(islice(rows, BATCH)):
            live.execute("BEGIN IMMEDIATE")
            livefile.put_facts(live, batch)
            live.execute("COMMIT")
        live.execute("PRAGMA journal_mode=WAL")


def _facts(customers: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for customer in range(customers):
        yield f"phone:{contact_centre.phone(customer)}", contact_centre.facts(customer)


def _publish(folder: Path, branches: int) -> None:
    document = orjson.dumps(contact_centre.document(branches), option=orjson.OPT_SORT_KEYS).decode()
    key = hashlib.sha256(contact_centre.KEY.encode()).hexdigest()
    with closing(livefile.open_for_courier(folder)) as live:
        live.execute("BEGIN IMMEDIATE")
        livefile.put_release(live, 1, document, hashlib.sha256(document.encode()).hexdigest())
        livefile.put(live, "access", contact_centre.access(key, encrypt(contact_centre.TWILIO_SECRET)).items())
        for topic in ("release", "access", "state"):
            livefile.set_meta(live, f"{topic}_revision", "1")
        live.execute("COMMIT")
