"""HubSpot's search, list and read of contacts, with the search's cap of 10,000 results."""

from typing import Any

from tests.customers.vendor_crm.people import Person

CAP, MOST, MOST_LISTED = 10_000, 200, 100


def _record(person: Person) -> dict[str, Any]:
    changed = person.modified.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    properties = {"firstname": person.name, "phone": person.phone, "loyalty_tier": person.tier}
    return {
        "id": str(person.number),
        "properties": {**properties, "hs_object_id": str(person.number), "lastmodifieddate": changed},
        "createdAt": changed,
        "updatedAt": changed,
        "archived": person.is_deleted,
        **({"archivedAt": changed} if person.is_deleted else {}),
    }


def answer(crm: Any, asked: Any) -> tuple[Any, ...]:
    """`contacts/search`, `contacts`, or `contacts/<id>`."""
    rest = asked.path.removeprefix("/crm/v3/objects/contacts").strip("/")
    everybody = [person for person in crm.people if not person.is_deleted]
    if rest == "search":
        return _search(everybody, asked.body)
    if rest:
        found = [person for person in everybody if str(person.number) == rest]
        return (_record(found[0]),) if found else ({"status": "error", "category": "OBJECT_NOT_FOUND"}, 404)
    start, size = int(asked.query.get("after", 0)), int(asked.query.get("limit", 10))
    if size > MOST_LISTED:
        return {"status": "error", "category": "VALIDATION_ERROR"}, 400
    if asked.query.get("archived", "").lower() == "true":  # their own client writes True
        everybody = [person for person in crm.people if person.is_deleted]
    return (_page(everybody, start, size),)


def _search(people: list[Person], body: dict[str, Any]) -> tuple[Any, ...]:
    start, size = int(body.get("after") or 0), int(body.get("limit") or 10)
    if start + size > CAP or size > MOST:
        return {"status": "error", "category": "VALIDATION_ERROR"}, 400
    for one in body["filterGroups"][0]["filters"]:
        people = [person for person in people if _fits(person, one)]
    if body["sorts"][0]["propertyName"] != "hs_object_id":
        people = sorted(people, key=lambda person: person.modified)
    return ({**_page(people, start, size), "total": len(people)},)


def _fits(person: Person, one: dict[str, str]) -> bool:
    is_id = one["propertyName"] == "hs_object_id"
    value = person.number if is_id else int(person.modified.timestamp() * 1000)
    return value > int(one["value"]) if one["operator"] == "GT" else value >= int(one["value"])


def _page(people: list[Person], start: int, size: int) -> dict[str, Any]:
    page: dict[str, Any] = {"results": [_record(person) for person in people[start : start + size]]}
    if start + size < len(people):
        page["paging"] = {"next": {"after": str(start + size)}}
    return page
