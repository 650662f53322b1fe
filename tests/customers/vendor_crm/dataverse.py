"""Dataverse's Web API with change tracking: pages by a next link, then a delta link, which ends one day."""

import re
from datetime import datetime
from typing import Any

from tests.customers.vendor_crm.people import START, Person

EXPIRED = "expired"


def _record(person: Person) -> dict[str, Any]:
    return {
        "@odata.etag": f'W/"{person.number}"',
        "contactid": person.uuid,
        "fullname": person.name,
        "telephone1": person.phone,
    }


def answer(crm: Any, asked: Any) -> tuple[Any, ...]:
    """`contacts`, its next pages and deltas, or `contacts(<id>)`."""
    base = f"{crm.url}/api/data/v9.2/contacts"
    if one := re.search(r"contacts\(([0-9a-f-]+)\)$", asked.path):
        found = [person for person in crm.people if person.uuid == one[1] and not person.is_deleted]
        return (_record(found[0]),) if found else ({"error": {"code": "0x80040217"}}, 404)
    prefer = asked.headers.get("prefer", "")
    size = int(re.search(r"odata\.maxpagesize=(\d+)", prefer)[1])  # type: ignore[index]
    if "odata.track-changes" not in prefer:
        return {"error": {"code": "no_tracking"}}, 400
    token = asked.query.get("$deltatoken", "")
    if token == EXPIRED:
        return {"error": {"code": "0x80060891"}}, 410
    since = datetime.fromisoformat(token) if token else START
    people = [p for p in crm.people if p.modified > since] if token else [p for p in crm.people if not p.is_deleted]
    start = int(asked.query.get("$skiptoken", 0))
    said: dict[str, Any] = {"value": [_gone(p) if p.is_deleted else _record(p) for p in people[start : start + size]]}
    if start + size < len(people):
        # As the original: the token of the delta goes along.
        said["@odata.nextLink"] = f"{base}?$skiptoken={start + size}" + (
            f"&$deltatoken={_quoted(since)}" if token else ""
        )
    else:
        latest = max((person.modified for person in crm.people), default=START)
        said["@odata.deltaLink"] = f"{base}?$deltatoken={_quoted(latest)}"
    return (said,)


def _quoted(moment: datetime) -> str:
    return moment.isoformat().replace("+", "%2B")


def _gone(person: Person) -> dict[str, Any]:
    context = "https://example.crm.dynamics.com/api/data/v9.2/$metadata#contacts/$deletedEntity"
    return {"@odata.context": context, "id": person.uuid, "reason": "deleted"}
