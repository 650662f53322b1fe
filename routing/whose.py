"""Which things of a document the teams of a person let him see and change."""

from collections.abc import Iterable
from typing import Any

from contactcenter.foundation.teams import may_touch, teams_of
from routing.differences import Difference, thing_of
from routing.document import Document
from routing.draft import as_last_known
from routing.picking import changed
from routing.references import EMERGENCY, Thing


def owned(user: Any, things: Iterable[Thing], draft: Document) -> dict[Thing, Any]:
    """Each thing as its team knows it; the emergency queue is whose the queue is.

    None where it is not known, and for somebody whom no team limits.
    """
    if not teams_of(user):
        return dict.fromkeys(things)
    asked = {thing: ("queues", draft.get(EMERGENCY, "")) if thing[0] == EMERGENCY else thing for thing in things}
    known = as_last_known(set(asked.values()))
    return {thing: known.get(row) for thing, row in asked.items()}


def may_publish(user: Any, live: Document | None, draft: Document) -> frozenset[Thing]:
    """What of the draft is not live, and his to publish."""
    things = changed(live, draft)
    rows = owned(user, things, draft)
    return frozenset(thing for thing in things if may_touch(user, rows[thing]))


def of_others(user: Any, found: Iterable[Difference], draft: Document) -> list[str]:
    """What among these differences this person may not change, by name: going back is for all or nothing."""
    names = {thing_of(each): each.what for each in found}
    rows = owned(user, names, draft)
    return [name for thing, name in names.items() if not may_touch(user, rows[thing])]
