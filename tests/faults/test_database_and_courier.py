"""PostgreSQL and the courier are killed or frozen in mid-load: callers do not notice, nothing is lost."""

import pytest

from tests.faults.callers import SOME, Callers
from tests.faults.contact_centre import ContactCentre, Database
from tests.faults.outcome import all_in_database_once, told

pytestmark = pytest.mark.django_db

TIMES = 2


@pytest.fixture(scope="module")
def database(own_postgresql: Database) -> Database:
    """One that these tests may kill, for `running`."""
    return own_postgresql


def test_postgresql_is_killed_and_comes_back(running: ContactCentre, database: Database) -> None:
    with Callers(running.port) as callers:
        callers.go_on()
        database.kill()
        during = callers.go_on(1.5)
        database.start()
        callers.go_on(0.5)
    assert len(during) >= SOME
    told("PostgreSQL killed and brought back", callers)
    all_in_database_once(running, callers)


def test_postgresql_is_frozen(running: ContactCentre, database: Database) -> None:
    with Callers(running.port) as callers:
        callers.go_on()
        with database.frozen():
            during = callers.go_on(2.0)
            piled_up = running.unshipped()
        callers.go_on()
    assert len(during) >= SOME
    assert piled_up > 15, "nothing was shipped while it was frozen"
    told("PostgreSQL frozen", callers)
    all_in_database_once(running, callers)


def test_the_courier_is_killed_again_and_again(running: ContactCentre) -> None:
    with Callers(running.port) as callers:
        for _ in range(TIMES):
            callers.go_on(0.3)
            running.courier.kill()
            callers.go_on(0.3)
            running.start_courier()
            callers.go_on(0.4)
    told("courier killed -9, twice", callers)
    all_in_database_once(running, callers)


def test_a_cold_start_with_everything_else_down(running: ContactCentre, database: Database) -> None:
    running.courier.kill()
    running.end_one(running.server.process)
    database.kill()
    try:
        running.start_decide()
        with Callers(running.port) as callers:
            callers.go_on(0.5)
    finally:
        database.start()
    assert {call.answer["queue"] for call in callers.calls} == {"vip", "standard"}
    told("cold start with PostgreSQL and courier down", callers)
    running.start_courier()
    all_in_database_once(running, callers)
