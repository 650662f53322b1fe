"""The folder in which the workers of a decide server count: whoever answers `/metrics` speaks for all, the dead too.

For gunicorn's first process, which loads nothing else of ours: a reload could not replace it. prometheus_client
looks for the folder when it is imported, so nothing here imports it earlier.
"""

import fcntl
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from time import time
from typing import Any

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - only for a folder of our own, closed to others
_PREFIX = "contactcenter-decide-"
_NEW_FOR_S = 60.0
_lock: int | None = None


def take_folder() -> None:
    """Unless the operator names one: a new folder, in memory, as on a full disk a new figure would end a worker."""
    global _lock
    if FOLDER in os.environ:
        return
    if IN_MEMORY.is_dir():
        _sweep()
    folder = mkdtemp(prefix=_PREFIX, dir=IN_MEMORY if IN_MEMORY.is_dir() else None)
    # Held for as long as any process of this server lives, one that replaces its program included.
    _lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(_lock, fcntl.LOCK_SH)
    os.set_inheritable(_lock, True)
    os.environ[FOLDER] = folder


def begin_anew() -> None:
    """What another run has left counts no more; but a server that takes over from a running one shares its folder."""
    folder = Path(os.environ[FOLDER])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if "GUNICORN_PID" not in os.environ:
        for left in folder.glob("*.db"):
            left.unlink()


def bury(pid: int) -> int:
    """Forget what is true only of a living worker. Rows that waited in its memory are lost: counted, and given."""
    from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

    path = Path(os.environ[FOLDER], f"gauge_livesum_{pid}.db")
    found = MultiProcessCollector.merge([str(path)]) if path.exists() else []  # type: ignore[no-untyped-call]  # its types are missing
    lost = sum(int(sample.value) for each in found for sample in each.samples if each.name == "routing_unwritten")
    if lost:
        _lost().inc(lost)
    mark_process_dead(pid)  # type: ignore[no-untyped-call]  # its types are missing
    return lost


def leave_folder() -> None:
    """The server has ended."""
    if _lock is not None:
        os.close(_lock)
        _remove_if_left(Path(os.environ[FOLDER]))


@cache
def _lost() -> Any:
    """The same counter as the workers' `routing.metrics.LOST`."""
    from prometheus_client import Counter

    return Counter("routing_lost", "Rows that a worker took with it.", registry=None)


def _sweep() -> None:
    """Servers that were killed could not remove theirs."""
    for folder in IN_MEMORY.glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError):
            if time() - folder.stat().st_mtime > _NEW_FOR_S:
                _remove_if_left(folder)


def _remove_if_left(folder: Path) -> None:
    with suppress(OSError):  # somebody else's, or in use
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            rmtree(folder)
        finally:
            os.close(descriptor)
