"""What holds for one caller alone at this moment, read from the database: for calls that are only tried.

`region` is where his number is read if it has no country code: that of the number called.
"""

import json
from collections.abc import Mapping

from customers.sources.source import Source
from routing import blocking, broadcast, pilots
from routing.callers import NOBODY, Callers, compile_callers, number_of
from routing.contacts import Contact
from routing.models import Pilot
from routing.release import Release, ReleaseError


def callers_like(contact: Contact, region: str) -> Callers:
    """The entries in force that the caller's number may fall under, to be asked as on a decide host."""
    number = number_of(contact, region)
    if not number:
        return NOBODY
    keys = [f"block:{pk}" for pk in blocking.covering(number, blocking.in_force()).values_list("pk", flat=True)]
    rows = {key: json.dumps(each) for key, each in broadcast.caller_documents(keys).items() if each}
    return compile_callers(rows, NOBODY, _no_pilot)[0]


def pilot_of(contact: Contact, region: str) -> Pilot | None:
    """The pilot that decides the calls of this caller now, if one runs."""
    number = number_of(contact, region)
    return next((pilot for pilot in pilots.running() if number and number in pilot.callers), None)


def _no_pilot(_number: int, _document: str, _sha256: str) -> tuple[Release, Mapping[str, Source]]:
    raise ReleaseError("No pilot is among these.")
