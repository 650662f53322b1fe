"""What the lists of pilot callers and blocked callers hold of one person: exported, taken away."""

from collections import Counter
from typing import Any

from customers.addresses import PHONE
from customers.privacy.person import Person
from customers.privacy.records import as_row
from routing import blocking, pilots
from routing.models import BlockedCaller, Pilot

Counts = Counter[str]
"""Rows by table."""


def export(person: Person) -> dict[str, list[dict[str, Any]]]:
    """Every entry for one of his numbers, and the pilots he was in, without their documents."""
    numbers = [value for kind, value in person.addresses if kind == PHONE]
    tried = [
        {"id": pilot.pk, "callers": [each for each in pilot.callers if each in numbers], "until": pilot.until}
        for pilot in pilots.with_caller(numbers)
    ]
    entries = [as_row(entry) for entry in blocking.of_person(numbers).order_by("pk")]
    return {BlockedCaller._meta.db_table: entries, Pilot._meta.db_table: tried}


def erase(person: Person) -> Counts:
    """Take his own numbers out, in the caller's transaction; decide hosts hear of it like of any other change."""
    own = [value for kind, value in person.handles if kind == PHONE]
    counts = Counts({BlockedCaller._meta.db_table: blocking.forget(own)})
    counts[Pilot._meta.db_table] = sum(pilots.forget(number) for number in own)
    return +counts
