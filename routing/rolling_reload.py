"""A reload of the decide server that callers do not notice: the former workers end when the new ones have loaded.

gunicorn itself ends them at once, and whoever calls waits until Python has loaded. Works on a socket that is held
for the server (`fd://3`), from which all workers take; with sockets of its own each worker has a queue of its own.
For gunicorn's first process, like `worker_metrics`. It has no public way to do this: `WORKERS`, `spawn_worker` and
`num_workers` are its inside, and tests/e2e/test_reload.py tells whether a new version of it still has them.
"""

import os
import signal
from contextlib import suppress
from select import select
from time import monotonic
from typing import Any

LOADED_WITHIN_S = 120.0
"""On a machine with no time for anything. A worker that cannot load ends much sooner, and that is noticed at once."""
_tell: int | None = None
"""Where a new worker says that it has loaded; None outside of a reload."""


def start_successors(server: Any) -> None:
    """Before gunicorn ends the former workers: start as many new ones, and wait for them.

    If one cannot load, all of them are dropped and the former ones stay.
    """
    global _tell
    former = set(server.WORKERS)
    hear, _tell = os.pipe()
    try:
        for _ in range(server.num_workers):
            server.spawn_worker()
    finally:  # also in a worker, which leaves by this door when it ends
        loaded(said=b"")
    started = [pid for pid in server.WORKERS if pid not in former]
    if _all_heard(hear, len(started)):
        server.log.info("Successors have loaded")
    else:
        server.log.error("Successors cannot load: the former workers stay")
        _drop(server, started)
    server.cfg.set("workers", 0)  # how many gunicorn starts now, besides these; it keeps `num_workers`


def loaded(said: bytes = b".") -> None:
    """A worker of ours can answer. Says so once, to a reload that waits for it."""
    global _tell
    if _tell is not None:
        with suppress(BrokenPipeError):  # nobody waits any more
            os.write(_tell, said)
        os.close(_tell)
        _tell = None


def _all_heard(hear: int, wanted: int) -> bool:
    ends_at = monotonic() + LOADED_WITHIN_S
    try:
        while wanted and (left := ends_at - monotonic()) > 0 and select([hear], [], [], left)[0]:
            said = os.read(hear, wanted)
            if not said:
                break  # those that have not said it have ended
            wanted -= len(said)
    finally:
        os.close(hear)
    return not wanted


def _drop(server: Any, pids: list[int]) -> None:
    """Forgotten before they end: gunicorn would end as a whole because of a worker that cannot load."""
    for pid in pids:
        server.WORKERS.pop(pid).tmp.close()
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
