"""A courier with much to carry leaves the decide servers alone."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from threading import Event
from time import perf_counter

import pytest
from django.db import connection

from contactcenter.foundation import changes
from contactcenter.foundation.models import Change
from customers.models import Customer, Handle
from routing import livefile
from routing.courier import carry_once

FACTS = 6_000
AT_ONCE_S = 0.05


def known_customers(count: int) -> None:
    """Customers with a phone number each, none of whom the courier has heard of."""
    made = Customer.objects.bulk_create([Customer(category=f"segment-{each % 60}") for each in range(count)], 5000)
    Handle.objects.bulk_create([Handle(customer=each, value=f"+39{each.pk:010d}") for each in made], 5000)
    handles = Handle.objects.values_list("value", flat=True)
    changes.mark(changes.FACTS, [f"phone:{value}" for value in handles])


def look_up_until(stop: Event, folder: Path, key: str) -> list[float]:
    """Seconds that each look-up took; the handle is known throughout."""
    reading, took = livefile.open_for_reading(folder), []
    while not stop.is_set():
        began = perf_counter()
        assert livefile.facts(reading, key) is not None
        took.append(perf_counter() - began)
        stop.wait(0.001)
    reading.close()
    return took


@pytest.mark.timeout(300)  # six thousand customers take their time to be made on a busy machine
@pytest.mark.django_db(transaction=True)
def test_a_look_up_never_waits_for_thousands_of_facts_that_are_copied(live_dir: Path) -> None:
    known_customers(1)
    while carry_once(live_dir, "here").carried:
        pass
    first = Handle.objects.get()
    known_customers(FACTS)
    stop, carried = Event(), 0
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look_up_until, stop, live_dir, first.key)
        try:
            while done := carry_once(live_dir, "here").carried:
                carried += done
        finally:
            stop.set()
        took = looking.result(60)
    assert carried >= FACTS
    assert len(took) > FACTS / 100, "who waits for what is being written gets through a few times only"
    assert median(took) < AT_ONCE_S


@pytest.mark.portable
@pytest.mark.django_db(transaction=True)
def test_what_waits_is_numbered_by_an_index_and_not_by_reading_all_that_was_ever_numbered() -> None:
    changes.mark(changes.FACTS, [f"phone:+39{number}" for number in range(20)])
    changes.stamp()
    changes.mark(changes.FACTS, ["phone:+395", "phone:+397"])
    assert changes.stamp() == 2
    assert set(Change.objects.filter(seq__gt=20).values_list("key", flat=True)) == {"phone:+395", "phone:+397"}
    with connection.cursor() as cursor:
        assert "change_that_waits" in connection.introspection.get_constraints(cursor, Change._meta.db_table)
