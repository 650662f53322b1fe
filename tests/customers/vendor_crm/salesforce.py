"""Salesforce's query and queryAll: the SOQL that we and its Python client write, in batches with a next address."""

import re
from datetime import datetime
from typing import Any

from tests.customers.vendor_crm.people import Person

BATCH = 2000
_SOQL = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<table>\w+)(?: WHERE (?P<where>.+?))?"
    r"(?: ORDER BY (?P<order>.+?))?(?: LIMIT (?P<limit>\d+))?$"
)
_KEYSET = re.compile(r"\(SystemModstamp > (\S+) OR \(SystemModstamp = (\S+) AND Id > '(\w+)'\)\)")
_FLOOR, _CEILING = re.compile(r"SystemModstamp >= (\S+)"), re.compile(r"SystemModstamp <= (\S+)")
_AFTER, _EXACTLY = re.compile(r"^Id > '(\w+)'$"), re.compile(r"^Id = '(\w+)'$")


def _record(person: Person) -> dict[str, Any]:
    stamp = person.modified.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return {
        "attributes": {"type": "Contact", "url": f"/services/data/v62.0/sobjects/Contact/{person.salesforce_id}"},
        "Id": person.salesforce_id,
        "SystemModstamp": stamp,
        "IsDeleted": person.is_deleted,
        "Name": person.name,
        "Phone": person.phone,
        "Tier__c": person.tier,
    }


def answer(crm: Any, asked: Any) -> tuple[Any, ...]:
    """`query?q=`, `queryAll?q=` or the next batch of one, `query/<locator>`."""
    _empty, _services, _data, version, verb, *locator = asked.path.rstrip("/").split("/")
    if locator:
        # What a locator of the original remembers of its query, this one does not: it is for a read of everybody.
        return (_batch(version, verb, _ordered(crm.people, "SystemModstamp"), int(locator[0].partition("-")[2])),)
    parsed = _SOQL.fullmatch(asked.query["q"])
    if parsed is None or not re.fullmatch(r"[\w., ]+", parsed["fields"]):
        return [{"errorCode": "MALFORMED_QUERY", "message": f"near {asked.query['q']}"}], 400
    people = [person for person in crm.people if verb == "queryAll" or not person.is_deleted]
    people = _ordered([person for person in people if _matches(person, parsed["where"] or "")], parsed["order"] or "")
    return (_batch(version, verb, people[: int(parsed["limit"] or len(people))], 0),)


def _batch(version: str, verb: str, people: list[Person], start: int) -> dict[str, Any]:
    end = start + BATCH
    said = {"totalSize": len(people), "done": end >= len(people), "records": [_record(p) for p in people[start:end]]}
    return said if said["done"] else {**said, "nextRecordsUrl": f"/services/data/{version}/{verb}/01g-{end}"}


def _matches(person: Person, where: str) -> bool:
    if found := _EXACTLY.match(where):
        return person.salesforce_id == found[1]
    if found := _AFTER.match(where):
        return person.salesforce_id > found[1]
    if found := _KEYSET.search(where):
        stamp = datetime.fromisoformat(found[1])
        if (person.modified, person.salesforce_id) <= (stamp, found[3]):
            return False
    floor, ceiling = _FLOOR.search(where), _CEILING.search(where)
    return not (floor and person.modified < datetime.fromisoformat(floor[1])) and not (
        ceiling and person.modified > datetime.fromisoformat(ceiling[1])
    )


def _ordered(people: list[Person], order: str) -> list[Person]:
    if order.startswith("SystemModstamp"):
        return sorted(people, key=lambda person: (person.modified, person.salesforce_id))
    return sorted(people, key=lambda person: person.salesforce_id)
