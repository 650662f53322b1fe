"""Tells the database what was switched on this host while it was away. The courier does, before it copies."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

from queues import handed_over
from routing import broadcast, host_switches, livefile


def hand_over(folder: Path) -> int:
    """Take what was switched here into the database; how many. Raises django.db.Error while that is away.

    In the live file the switch of the database takes the place of the one set here within one transaction, so
    that nobody slips through in between. Killed between the two, it is handed over once more, which changes nothing.
    """
    if not livefile.is_usable(folder):
        return 0
    with closing(livefile.open_for_reading(folder)) as live:
        waiting = host_switches.waiting(live)
    if waiting:
        _take_in(waiting, folder)
    return len(waiting)


def save_from(folder: Path, beside: Path) -> None:
    """Before the file in `beside` replaces one that is damaged or of another format: what was switched in that one.

    Raises django.db.Error. Where the damage is in these very rows, they are lost.
    """
    waiting: dict[str, host_switches.Document] = {}
    with suppress(sqlite3.Error, ValueError, KeyError), closing(livefile.open_for_reading(folder)) as former:
        waiting = host_switches.waiting(former)
    if waiting:
        _take_in(waiting, beside)


def _take_in(waiting: Mapping[str, host_switches.Document], folder: Path) -> None:
    with closing(livefile.open_for_courier(folder)) as live:
        for key, document in waiting.items():
            host_switches.replace(live, [key], _stored(key, document))


def _stored(key: str, document: host_switches.Document) -> broadcast.Documents:
    """What the live file holds instead, once the database knows."""
    if key.startswith(host_switches.ENDED_HERE):
        pk = key.removeprefix(host_switches.ENDED_HERE)
        handed_over.end(int(pk), document)
        return {f"switch:{pk}": None}  # a file that is built anew has it still
    switch = handed_over.take_over(document)
    return broadcast.state_documents([f"switch:{switch.pk}"]) if switch else {}
