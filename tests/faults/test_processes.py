"""A worker is killed: nobody but those in that worker's hands notices."""

import os
import signal

from tests.faults.callers import Callers, ask, connected, decision
from tests.faults.contact_centre import ContactCentre, wait_until
from tests.faults.outcome import HELD_UP_S, told

THREADS = 6


def test_a_worker_is_killed_under_load(decide_host: ContactCentre) -> None:
    server = decide_host.start_decide(workers=2)
    wait_until(lambda: len(server.workers) == 2)
    with Callers(decide_host.port, threads=THREADS, keep_alive=False) as callers:
        callers.go_on()
        os.kill(server.workers[0], signal.SIGKILL)
        callers.go_on(1.0)
    wait_until(lambda: len(server.workers) == 2)
    told("one of two decide workers killed -9", callers, lost=THREADS, none_hangs_s=HELD_UP_S)
    with connected(decide_host.port) as connection:
        for lost in callers.lost:
            first, again = (ask(connection, lost.call_id, lost.caller) for _ in range(2))
            assert first.dialable
            assert decision(first.answer) == decision(again.answer)
