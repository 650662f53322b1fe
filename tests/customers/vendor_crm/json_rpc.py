"""Odoo's and Tryton's JSON-RPC: log in, search and read with a domain."""

from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

from tests.customers.vendor_crm.people import Person

USER, PASSWORD, USER_ID, DATABASE = "robot", "the-api-key", 7, "shop"


FIELDS = ("id", "name", "phone", "ref", "active", "code", "mobile", "email")


def _record(person: Person, names: list[str]) -> dict[str, Any]:
    values = {"id": person.number, "name": person.name, "phone": person.phone, "ref": person.tier}
    return {"id": person.number} | {name: (values | {"active": int(not person.is_deleted)}).get(name) for name in names}


def odoo(crm: Any, asked: Any) -> tuple[Any, ...]:
    """Errors come with status 200, as they do."""
    call = asked.body["params"]
    if (call["service"], call["method"]) == ("common", "login"):
        return ({"jsonrpc": "2.0", "result": USER_ID if call["args"] == [DATABASE, USER, PASSWORD] else False},)
    database, user, password, _model, method, args, named = call["args"]
    if (database, user, password) != (DATABASE, USER_ID, PASSWORD):
        return ({"jsonrpc": "2.0", "error": {"data": {"name": "odoo.exceptions.AccessDenied"}}},)
    if method == "fields_get":
        return ({"jsonrpc": "2.0", "result": _described(crm, args[0])},)
    if method != "search_read" or not _are_known(crm, named["fields"]):
        return ({"jsonrpc": "2.0", "error": {"data": {"name": "builtins.ValueError"}}},)
    terms = [term for term in args[0] if isinstance(term, list)]
    return (
        {"jsonrpc": "2.0", "result": _found(crm, terms, named["limit"], named["fields"], named.get("context", {}))},
    )


def tryton(crm: Any, asked: Any) -> tuple[Any, ...]:
    """Each request with a user's name and password."""
    pair = b64decode(asked.headers.get("authorization", "").removeprefix("Basic ")).decode()
    if pair != f"{USER}:{PASSWORD}":
        return {"error": "unauthorized"}, 401
    if set(asked.body) != {"id", "method", "params"}:
        return ([],)  # as the original: whatever else is in the question changes the form of the answer
    if asked.body["method"] == "model.party.party.fields_get":
        return ({"id": 1, "result": _described(crm, asked.body["params"][0])},)
    if asked.body["method"] != "model.party.party.search_read":
        return ({"id": 1, "error": ["NotFound", "no such model"]},)
    domain, _offset, limit, _order, fields, context = asked.body["params"]
    if not _are_known(crm, fields):
        return ({"id": 1, "error": ["KeyError", "no such field"]},)
    terms = [term for each in domain for term in (each[1:] if each[0] == "OR" else [each])]
    return ({"id": 1, "result": _found(crm, terms, limit, fields, context)},)


def _described(crm: Any, names: list[str]) -> dict[str, Any]:
    return {name: {"type": "boolean"} for name in names if _are_known(crm, [name])}


def _are_known(crm: Any, names: list[str]) -> bool:
    return set(names) <= set(FIELDS) - (set() if crm.archives else {"active"})


def _found(
    crm: Any, terms: list[list[Any]], limit: int, names: list[str], context: dict[str, Any]
) -> list[dict[str, Any]]:
    with_archived = context.get("active_test") is False
    people = [person for person in crm.people if with_archived or not person.is_deleted]
    for name, operator, value in terms:
        if name == "id":
            people = [p for p in people if (p.number > value if operator == ">" else p.number == value)]
        elif name == "create_date":
            people = [person for person in people if person.modified >= _moment(value)]
    return [_record(person, names) for person in people[:limit]]


def _moment(value: Any) -> datetime:
    if isinstance(value, dict):
        return datetime(value["year"], value["month"], value["day"], value["hour"], value["minute"], tzinfo=UTC)
    return datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
