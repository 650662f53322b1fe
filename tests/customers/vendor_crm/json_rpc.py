"""Odoo's and Tryton's JSON-RPC: log in, search and read with a domain."""

from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

from tests.customers.vendor_crm.people import Person

USER, PASSWORD, USER_ID, DATABASE = "robot", "the-api-key", 7, "shop"


def _record(person: Person) -> dict[str, Any]:
    return {"id": person.number, "name": person.name, "phone": person.phone, "ref": person.tier}


def odoo(crm: Any, asked: Any) -> tuple[Any, ...]:
    """Errors come with status 200, as they do."""
    call = asked.body["params"]
    if (call["service"], call["method"]) == ("common", "login"):
        return ({"jsonrpc": "2.0", "result": USER_ID if call["args"] == [DATABASE, USER, PASSWORD] else False},)
    database, user, password, _model, method, args, question = call["args"]
    if (database, user, password, method) != (DATABASE, USER_ID, PASSWORD, "search_read"):
        return ({"jsonrpc": "2.0", "error": {"data": {"name": "odoo.exceptions.AccessDenied"}}},)
    terms = [term for term in args[0] if isinstance(term, list)]
    return ({"jsonrpc": "2.0", "result": _found(crm, terms, question["limit"])},)


def tryton(crm: Any, asked: Any) -> tuple[Any, ...]:
    """Each request with a user's name and password."""
    pair = b64decode(asked.headers.get("authorization", "").removeprefix("Basic ")).decode()
    if pair != f"{USER}:{PASSWORD}":
        return {"error": "unauthorized"}, 401
    if set(asked.body) != {"id", "method", "params"}:
        return ([],)  # as the original: whatever else is in the question changes the form of the answer
    if asked.body["method"] != "model.party.party.search_read":
        return ({"id": 1, "error": ["NotFound", "no such model"]},)
    domain, _offset, limit, _order, _fields, _context = asked.body["params"]
    terms = [term for each in domain for term in (each[1:] if each[0] == "OR" else [each])]
    return ({"id": 1, "result": _found(crm, terms, limit)},)


def _found(crm: Any, terms: list[list[Any]], limit: int) -> list[dict[str, Any]]:
    people = [person for person in crm.people if not person.is_deleted]
    for name, operator, value in terms:
        if name == "id":
            people = [p for p in people if (p.number > value if operator == ">" else p.number == value)]
        elif name == "create_date":
            people = [person for person in people if person.modified >= _moment(value)]
    return [_record(person) for person in people[:limit]]


def _moment(value: Any) -> datetime:
    if isinstance(value, dict):
        return datetime(value["year"], value["month"], value["day"], value["hour"], value["minute"], tzinfo=UTC)
    return datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
