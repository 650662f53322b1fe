"""A plain REST API, once for each way through the pages, and the same as a CSV file."""

from typing import Any
from urllib.parse import urlencode

from tests.customers.vendor_crm.people import Person

MOST = 50


def record(person: Person) -> dict[str, Any]:
    return {"id": person.number, "name": person.name, "phone": person.phone, "tier": person.tier}


def answer(crm: Any, asked: Any) -> tuple[Any, ...]:
    """`/rest/<way>`, or `/rest/one/<id>`."""
    way, _slash, number = asked.path.removeprefix("/rest/").partition("/")
    everybody = [person for person in crm.people if not person.is_deleted]
    if way == "one":
        found = [person for person in everybody if str(person.number) == number]
        return ({"customer": record(found[0])},) if found else ({"error": "not_found"}, 404)
    size = min(int(asked.query.get("limit", 20)), MOST)
    return WAYS[way](crm, asked, everybody, size)


def _page(people: list[Person], size: int, start: int, **more: Any) -> dict[str, Any]:
    return {"records": [record(each) for each in people[start : start + size]], "count": len(people), **more}


def _cursor(crm: Any, asked: Any, people: list[Person], size: int) -> tuple[Any, ...]:
    start = int(asked.query.get("cursor", 0))
    following = start + size if start + size < len(people) else None
    return (_page(people, size, start, next_cursor=following),)


def _number(crm: Any, asked: Any, people: list[Person], size: int) -> tuple[Any, ...]:
    return (_page(people, size, (int(asked.query["page"]) - 1) * size),)


def _offset(crm: Any, asked: Any, people: list[Person], size: int) -> tuple[Any, ...]:
    return (_page(people, size, int(asked.query["offset"])),)


def _keyset(crm: Any, asked: Any, people: list[Person], size: int) -> tuple[Any, ...]:
    later = [person for person in people if person.number > int(asked.query.get("after", 0))]
    return (_page(later, size, 0),)


def _link(crm: Any, asked: Any, people: list[Person], size: int) -> tuple[Any, ...]:
    start = int(asked.query.get("from", 0))
    first = f'<{crm.url}/rest/link?from=0>; title="the next, not this one"; rel="first prev"'
    following = f', </rest/link?{urlencode({"from": start + size, "limit": size})}>; rel="next last"'
    header = first + (following if start + size < len(people) else "")
    return _page(people, size, start), 200, (("Link", header),)


def _next_url(crm: Any, asked: Any, people: list[Person], size: int) -> tuple[Any, ...]:
    start = int(asked.query.get("from", 0))
    following = f"?{urlencode({'from': start + size, 'limit': size})}" if start + size < len(people) else ""
    return (_page(people, size, start, next=following),)


WAYS = {
    "cursor": _cursor,
    "page": _number,
    "offset": _offset,
    "keyset": _keyset,
    "link": _link,
    "next_url": _next_url,
}


def export(crm: Any, asked: Any) -> tuple[Any, ...]:
    """As a spreadsheet exports it: a mark at the beginning, semicolons, a line break inside a name."""
    lines = [f'{person.number};"{person.name}\r\n=1+1";{person.phone};{person.tier}\r\n' for person in crm.people]
    return ("\ufeff" + "id;name;phone;tier\r\n" + "".join(lines)).encode(), 200
