"""Each part in a process of its own, which ends in order: by itself, or at SIGTERM with all that it has started."""

import multiprocessing
import signal
import sys
from collections.abc import Callable
from typing import Any, TypeVar

Done = TypeVar("Done")


def run(work: Callable[..., Done], *given: Any) -> Done:
    """What `work` gives, from a new process: it finds Django as it needs it, and no threads of another part."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        done = pool.apply(work, given)
        # It ends by itself. Leaving the block sends SIGTERM, which would be answered in the middle of its end.
        pool.close()
        pool.join()
    return done


def leave_by_the_door() -> None:
    """SIGTERM ends us as Ctrl-C does: with everything that we have started."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
