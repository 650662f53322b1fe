"""A whole control plane beside decide servers: a database, two releases to change between, and a courier."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction

from bench import contact_centre, database
from bench.courier import mark_all
from bench.live_folders import emptied
from contactcenter.foundation import changes
from queues.models import PhoneSystem, Queue
from routing.courier import carry_once
from routing.document import canonical
from routing.models import Release

CUSTOMERS = 10_000


@contextmanager
def courier_at_work(url: str, folder: Path) -> Iterator[Path]:
    """A live folder that a courier keeps up to date from the database at `url`, which is Django's own."""
    database.fill(url, CUSTOMERS)
    _configure()
    mark_all()
    live = emptied(folder / "live-carried")
    while carry_once(live, "bench").carried:
        pass
    surroundings = {**os.environ, "LIVE_DIR": str(live), "DATABASE_URL": url}
    with (folder / "courier.log").open("wb") as log:
        courier = subprocess.Popen([sys.executable, "manage.py", "courier"], env=surroundings, stderr=log)
    try:
        yield live
    finally:
        courier.terminate()
        courier.wait()


@transaction.atomic
def _configure() -> None:
    """Two releases, of which the second is live; the queue that is switched; the account that asks."""
    for number, branches in enumerate((contact_centre.BRANCHES, contact_centre.BRANCHES + 1), start=1):
        text = canonical(contact_centre.document(branches))
        Release.objects.create(number=number, document=text, sha256=hashlib.sha256(text.encode()).hexdigest())
    system = PhoneSystem.objects.create(name="PBX", slug="pbx", hosts="pbx1.example.net")
    Queue.objects.create(name="Standard", slug="standard", phone_system=system, voice_address="8003")
    changes.mark(changes.RELEASE, ["1", "2"])
    changes.mark(changes.ACCESS, [f"account:{contact_centre.ACCOUNT}"])
