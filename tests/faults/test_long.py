"""The same faults for longer, kills at random moments, and a soak: minutes, for `make test-long`."""

import os
import random
import signal
import time

import pytest

from tests.faults.callers import Callers
from tests.faults.contact_centre import ContactCentre, wait_until
from tests.faults.outcome import all_in_database_once, figure, told
from tests.faults.soak import Mischief
from tests.faults.vitals import Watch

SOAK_S = float(os.environ.get("FAULT_SOAK_S", "1200"))
SEED = int(os.environ.get("FAULT_SEED", "4711"))
FROZEN_S = 30.0
KILLS = 20
THREADS = 4
MORE_MEMORY = 1.2
MORE_FILES = 5

pytestmark = [pytest.mark.django_db, pytest.mark.long, pytest.mark.timeout(SOAK_S + 600)]


def test_postgresql_is_frozen_for_half_a_minute(contact_centre: ContactCentre) -> None:
    assert contact_centre.database
    contact_centre.start_decide()
    with Callers(contact_centre.port) as callers:
        with contact_centre.database.frozen():
            during = callers.go_on(FROZEN_S)
            piled_up = contact_centre.unshipped()
        callers.go_on(1.0)
    assert piled_up > len(during) / 2, "nothing was shipped while it was frozen"
    told(f"PostgreSQL frozen, {FROZEN_S:.0f} s", callers)
    all_in_database_once(contact_centre, callers)


def test_postgresql_is_away_for_half_a_minute(contact_centre: ContactCentre) -> None:
    assert contact_centre.database
    contact_centre.start_decide()
    with Callers(contact_centre.port) as callers:
        contact_centre.database.kill()
        callers.go_on(FROZEN_S)
        contact_centre.database.start()
        callers.go_on(1.0)
    told(f"PostgreSQL killed, away for {FROZEN_S:.0f} s", callers)
    all_in_database_once(contact_centre, callers)


def test_the_courier_is_killed_at_random_moments(contact_centre: ContactCentre) -> None:
    dice = random.Random(SEED)
    contact_centre.start_decide()
    with Callers(contact_centre.port) as callers:
        for _ in range(KILLS):
            callers.go_on(dice.uniform(0.2, 4.0))
            contact_centre.courier.kill()
            contact_centre.courier.wait()
            contact_centre.start_courier()
        callers.go_on(1.0)
    told(f"courier killed -9 {KILLS} times at random", callers)
    all_in_database_once(contact_centre, callers)


def test_workers_are_killed_at_random_moments(contact_centre: ContactCentre) -> None:
    """Only those in that worker's hands get no answer; whoever got one finds it kept."""
    dice = random.Random(SEED)
    server = contact_centre.start_decide(workers=2)
    wait_until(lambda: len(server.workers) == 2)
    with Callers(contact_centre.port, threads=THREADS, keep_alive=False) as callers:
        for _ in range(KILLS):
            callers.go_on(dice.uniform(0.2, 3.0))
            os.kill(dice.choice(server.workers), signal.SIGKILL)
            wait_until(lambda: len(server.workers) == 2)
        callers.go_on(3.0)
    told(f"one of two workers killed -9, {KILLS} times", callers, lost=KILLS * THREADS, none_hangs_s=30.0)
    all_in_database_once(contact_centre, callers)


def test_soak(contact_centre: ContactCentre) -> None:
    """Nobody lost, nothing doubled or missing, and neither memory nor files nor the spool grow."""
    # Each thread opens its files when it is first used: few threads have all done so soon.
    server = contact_centre.start_decide("--threads", "8")
    mischief = Mischief(contact_centre, server, SEED)
    processes = {"decide": server.workers[0], "courier": contact_centre.courier.pid}
    with Callers(contact_centre.port, pause_s=0.04) as callers, Watch(processes) as watch:
        mischief.go_on(SOAK_S)
        callers.go_on(5.0)
    wait_until(lambda: contact_centre.unshipped() == 0, 60)
    figure(soak="slowest calls", ms=sorted((round(call.seconds * 1000) for call in callers.calls), reverse=True)[:20])
    told(f"soak, {SOAK_S:.0f} s, seed {SEED}: {dict(mischief.happened)}", callers)
    all_in_database_once(contact_centre, callers)
    for name, pid in processes.items():
        early, late = watch.quarter(name, 1), watch.quarter(name, 3)
        figure(soak=name, early=vars(early), late=vars(late))
        assert os.path.exists(f"/proc/{pid}"), "the same process from the beginning to the end"
        assert late.megabytes <= early.megabytes * MORE_MEMORY
        assert late.open_files <= early.open_files + MORE_FILES
    days_end(mischief)


def days_end(mischief: Mischief) -> None:
    """A day later everything that was shipped is pruned."""
    mischief.a_day_passes(0)
    time.sleep(6)
    mischief.a_day_passes(0)
    wait_until(lambda: mischief.rows_in_spool() == 0, 30)
