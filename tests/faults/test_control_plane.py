"""Redis, the broker's folder and the portal are killed, frozen or gone: callers do not notice, work is done later."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.callers import SOME, UNHURRIED_S, Callers
from tests.faults.contact_centre import ContactCentre, frozen
from tests.faults.control_plane import ControlPlane, Redis, on_files, on_redis
from tests.faults.outcome import all_in_database_once, told

pytestmark = pytest.mark.django_db

PORTAL_ANSWERS_WITHIN_S = 30.0
"""While the broker says nothing; the client of these tests would wait for twice as long."""


@dataclass
class Whole:
    """Decide host and control plane, everything running; the processes are those that a test hurts."""

    centre: ContactCentre
    control: ControlPlane
    redis: Redis
    redis_process: subprocess.Popen[bytes]
    worker: subprocess.Popen[bytes]
    portal: subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def whole(running: ContactCentre) -> Whole:
    """One for this module: each test leaves it running."""
    redis = Redis(running)
    control = on_redis(running, redis)
    made = Whole(running, control, redis, redis.start(), control.start_worker(), control.start_portal())
    control.log_in()
    control.start_sync()
    control.worker_goes_on()
    return made


def test_redis_is_frozen(whole: Whole) -> None:
    with Callers(whole.centre.port, pause_s=UNHURRIED_S) as callers:
        with frozen(whole.redis_process):
            took = [whole.control.start_sync() for _ in range(2)]
            during = callers.go_on()
        callers.go_on()
        whole.control.worker_goes_on()
    told("Redis frozen", callers)
    assert len(during) >= SOME
    all_in_database_once(whole.centre, callers)
    assert max(took) < PORTAL_ANSWERS_WITHIN_S


def test_redis_is_killed_and_comes_back_empty(whole: Whole) -> None:
    with Callers(whole.centre.port, pause_s=UNHURRIED_S) as callers:
        whole.redis_process.kill()
        took = [whole.control.start_sync() for _ in range(2)]
        during = callers.go_on()
        whole.redis_process = whole.redis.start()
        callers.go_on(1.0)
        start_again_if_it_gave_up(whole)
        whole.control.worker_goes_on()
    told("Redis killed and brought back empty", callers)
    assert len(during) >= SOME
    all_in_database_once(whole.centre, callers)
    assert max(took) < PORTAL_ANSWERS_WITHIN_S


def start_again_if_it_gave_up(whole: Whole) -> None:
    """A worker that holds a message for later when its connection breaks gives up, and may not even end."""
    if "Unrecoverable error" in whole.centre.said:
        whole.centre.end_one(whole.worker)
        whole.worker = whole.control.start_worker()


def test_the_portal_is_killed(whole: Whole) -> None:
    with Callers(whole.centre.port, pause_s=UNHURRIED_S) as callers:
        whole.centre.end_one(whole.portal)
        callers.go_on()
        whole.portal = whole.control.start_portal()
        whole.control.start_sync()
        whole.control.worker_goes_on()
    told("portal killed and started again", callers)
    all_in_database_once(whole.centre, callers)


def test_the_folder_of_the_embedded_broker_is_gone(running: ContactCentre, tmp_path: Path) -> None:
    broker = tmp_path / "broker"
    control = on_files(running, broker)
    control.start_worker()
    control.start_portal()
    control.log_in()
    with Callers(running.port, pause_s=UNHURRIED_S) as callers:
        control.start_sync()
        control.worker_goes_on()
        shutil.rmtree(broker)
        took = control.start_sync()
        control.worker_goes_on()
    told("folder of the embedded broker gone", callers)
    all_in_database_once(running, callers)
    assert took < PORTAL_ANSWERS_WITHIN_S
