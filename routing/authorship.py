"""Who changed what in the draft, as far as a history is kept. What nobody is known to have changed has no author."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model

from customers.models import DataSourceVariable
from queues.models import CalendarException, OpeningHours
from routing.draft import MODELS, by_part, history_of, with_keys
from routing.models import Branch, FetchStep
from routing.references import Thing

ROWS_OF: dict[str, tuple[tuple[type[Model], str], ...]] = {
    "calendars": ((OpeningHours, "calendar_id"), (CalendarException, "calendar_id")),
    "flows": ((FetchStep, "flow_id"), (Branch, "flow_id")),
    "sources": ((DataSourceVariable, "source_id"),),
}
"""Rows on the page of a thing: who changes one has changed the thing."""

Since = datetime | None
Person = Any
"""A user of the portal."""


def authors(since: Mapping[Thing, Since]) -> dict[Thing, list[Person]]:
    """Whoever changed each thing after the moment given for it (None: ever), by name.

    The key "" stands for a whole part. A thing without known author is left out.
    """
    users: defaultdict[Thing, set[int]] = defaultdict(set)
    for part, keys in by_part(since).items():
        for key, user in _of_part(part, {key: since[part, key] for key in keys}):
            users[part, key].add(user)
    people = get_user_model()._default_manager.in_bulk({user for each in users.values() for user in each})
    return {thing: sorted((people[user] for user in each if user in people), key=str) for thing, each in users.items()}


def _of_part(part: str, since: Mapping[str, Since]) -> Iterator[tuple[str, int]]:
    """Key and author, for each change that counts."""
    records = history_of(MODELS[part][0])
    if records is None:
        return
    whole = {"": since[""]} if "" in since else {}
    keys_of = {} if whole else _keys_by_id(part, set(since))
    for each, link in [(records, "id"), *((history_of(rows), link) for rows, link in ROWS_OF.get(part, ()))]:
        changes = each.exclude(history_user=None).order_by()
        changes = changes if whole else changes.filter(**{f"{link}__in": list(keys_of)})
        for pk, user, when in changes.values_list(link, "history_user_id", "history_date").distinct():
            for key in whole or keys_of[pk]:
                moment = since[key]
                if moment is None or when > moment:
                    yield key, user


def _keys_by_id(part: str, keys: set[str]) -> dict[int, set[str]]:
    """The keys that a thing has now or had once, by its primary key: a renamed one has two."""
    model, _fields = MODELS[part]
    found: defaultdict[int, set[str]] = defaultdict(set)
    for rows in (model._default_manager.all(), history_of(model).all()):
        for key, row in with_keys(part, rows, keys):
            found[row.id].add(key)
    return found
