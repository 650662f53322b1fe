"""Two decide processes and a courier on one spool: how many rows of a thousand it refuses at first."""

import subprocess
import sys
from itertools import count
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep, time

from bench.figures import Figure
from bench.live_folders import emptied
from routing import spool

A_SECOND = 500
SECONDS = 8.0
THREADS = 8
PROCESSES = 2
KEEP_S = 3.0
"""So that the courier also prunes meanwhile."""
DOCUMENT = {"v": spool.FORMAT, "variables": "x" * 2200}


def measure(folder: Path, rounds: int) -> Figure:
    """Rows of a thousand that the spool refused at first; all of them are written a moment later."""
    shares = [_round(emptied(folder / "shared-spool")) for _ in range(rounds)]
    return Figure("spool_refused_per_1000", shares, goal=1.0, at_most=True)


def _round(folder: Path) -> float:
    spool.Spool(folder).open()
    done = Event()
    courier = Thread(target=_carry, args=(folder, done))
    command = [sys.executable, "-m", "bench.shared_spool", str(folder)]
    writers = [subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, text=True) for n in range(PROCESSES)]
    courier.start()
    said = [writer.communicate()[0].split()[-2:] for writer in writers]
    done.set()
    courier.join()
    written, refused = (sum(int(each[place]) for each in said) for place in (0, 1))
    return 1000 * refused / written


def _carry(folder: Path, done: Event) -> None:
    """What the courier does to the spool, without a database."""
    while not done.wait(0.25):
        with spool.courier_end(folder / "spool.sqlite3") as rows:
            spool.mark_shipped(rows, [row.id for row in spool.unshipped(rows, 500)])
            spool.prune(rows, time() - KEEP_S)


def write(folder: Path, name: str) -> tuple[int, int]:
    """What a decide process appends; how many rows, and how many of them were refused at first."""
    target, ends_at = spool.Spool(folder), monotonic() + SECONDS
    written = [0] * THREADS

    def append(place: int) -> None:
        due = monotonic()
        for number in count():
            if monotonic() > ends_at:
                return
            target.record(f"{name}-{place}-{number}", spool.DECISION, DOCUMENT, time())
            written[place] += 1
            due += THREADS / A_SECOND
            sleep(max(0.0, due - monotonic()))

    threads = [Thread(target=append, args=(place,)) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if target.flush(within_s=10):
        raise RuntimeError("rows were lost")
    return sum(written), target.unrecorded


if __name__ == "__main__":
    print(*write(Path(sys.argv[1]), sys.argv[2]))
