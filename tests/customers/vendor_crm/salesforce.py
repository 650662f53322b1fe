"""Salesforce's query, queryAll and query jobs: the SOQL that we and its Python client write, and nothing else."""

import re
from datetime import datetime
from typing import Any

from tests.customers.vendor_crm import salesforce_bulk
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
    """`query?q=`, `queryAll?q=`, the next batch of one, `query/<locator>`, or what belongs to a job."""
    _empty, _services, _data, version, verb, *rest = asked.path.rstrip("/").split("/")
    if verb == "jobs":
        return salesforce_bulk.answer(crm, asked, rest, found)
    if rest:
        # What a locator of the original remembers of its query, this one does not: it is for a read of everybody.
        everybody = _ordered([person for person in crm.people if not person.is_deleted], "SystemModstamp")
        return (_batch(version, verb, [_record(one) for one in everybody], int(rest[0].partition("-")[2])),)
    asked_for = found(crm, asked.query["q"], verb)
    if asked_for is None:
        return [{"errorCode": "MALFORMED_QUERY", "message": f"near {asked.query['q']}"}], 400
    names, records = asked_for
    if names == ["COUNT()"]:
        return ({"totalSize": len(records), "done": True, "records": []},)
    return (_batch(version, verb, records, 0),)


def found(crm: Any, soql: str, verb: str) -> tuple[list[str], list[dict[str, Any]]] | None:
    """The names of the fields and the records; None for what is no SOQL."""
    parsed = _SOQL.fullmatch(soql)
    if parsed is None or not re.fullmatch(r"[\w., ]+|COUNT\(\)", parsed["fields"]):
        return None
    people = [person for person in crm.people if verb == "queryAll" or not person.is_deleted]
    people = _ordered([person for person in people if _matches(person, parsed["where"] or "")], parsed["order"] or "")
    return parsed["fields"].split(", "), [_record(person) for person in people[: int(parsed["limit"] or len(people))]]


def _batch(version: str, verb: str, people: list[dict[str, Any]], start: int) -> dict[str, Any]:
    end = start + BATCH
    said = {"totalSize": len(people), "done": end >= len(people), "records": people[start:end]}
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
