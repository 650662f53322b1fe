"""PostgreSQL and the courier are killed or frozen in mid-load: callers do not notice, nothing is lost."""

from tests.faults.callers import SOME, Callers
from tests.faults.contact_centre import ContactCentre, wait_until
from tests.faults.outcome import all_in_database_once, told


def test_postgresql_is_killed_and_comes_back(contact_centre: ContactCentre) -> None:
    database = contact_centre.database
    assert database
    contact_centre.start_decide()
    with Callers(contact_centre.port) as callers:
        callers.go_on()
        database.kill()
        during = callers.go_on(1.5)
        database.start()
        callers.go_on(0.5)
    assert len(during) >= SOME
    told("PostgreSQL killed and brought back", callers)
    all_in_database_once(contact_centre, callers)


def test_postgresql_is_frozen(contact_centre: ContactCentre) -> None:
    database = contact_centre.database
    assert database
    contact_centre.start_decide()
    with Callers(contact_centre.port) as callers:
        callers.go_on()
        with database.frozen():
            during = callers.go_on(2.0)
            piled_up = contact_centre.unshipped()
        callers.go_on()
    assert len(during) >= SOME
    assert piled_up > 15, "nothing was shipped while it was frozen"
    told("PostgreSQL frozen", callers)
    all_in_database_once(contact_centre, callers)


def test_the_courier_is_killed_again_and_again(contact_centre: ContactCentre) -> None:
    contact_centre.start_decide()
    with Callers(contact_centre.port) as callers:
        for _ in range(3):
            callers.go_on(0.3)
            contact_centre.processes[-1 if _ else 0].kill()
            callers.go_on(0.3)
            contact_centre.start_courier()
            callers.go_on(0.4)
    told("courier killed -9, three times", callers)
    all_in_database_once(contact_centre, callers)


def test_a_cold_start_with_everything_else_down(contact_centre: ContactCentre) -> None:
    database = contact_centre.database
    assert database
    contact_centre.processes[0].kill()
    database.kill()
    try:
        contact_centre.start_decide()
        with Callers(contact_centre.port) as callers:
            callers.go_on(0.5)
    finally:
        database.start()
    assert {call.answer["queue"] for call in callers.calls} == {"vip", "standard"}
    told("cold start with PostgreSQL and courier down", callers)
    contact_centre.start_courier()
    wait_until(lambda: contact_centre.unshipped() == 0)
    all_in_database_once(contact_centre, callers)
