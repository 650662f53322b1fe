"""The live document with some things of the draft in it: what is published when not everything is ticked. Pure.

A thing is a part of a document and a key in it; the key "" stands for the whole part.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from routing.references import EMERGENCY, Thing, references

Document = Mapping[str, Any]

LEFT_OUT_WHEN_EMPTY = ("notification_targets",)
"""A document of an earlier version has no such part."""

ONLY_ONCE: dict[str, tuple[str, ...]] = {
    "calendars": ("name",),
    "flows": ("name",),
    "help_desks": ("name",),
    "notification_targets": ("name",),
    "phone_systems": ("name",),
    "queues": ("name",),
    "sources": ("name",),
    "tiers": ("name", "rank"),
}
"""What no two things of a part may have in common: the draft could never be made equal to such a release again."""


@dataclass(frozen=True)
class Lack:
    """`thing` cannot go live without `needs`, which is not ticked."""

    thing: Thing
    needs: Thing


def row_of(document: Document | None, thing: Thing) -> Any:
    """The thing as it stands in `document`; None when it is not there."""
    part, key = thing
    found = (document or {}).get(part)
    return found if part == EMERGENCY else (found or {}).get(key)


def changed(live: Document | None, draft: Document) -> list[Thing]:
    """Everything that differs between the two; each thing once."""
    parts = [part for part in _parts(live, draft) if (live or {}).get(part) != draft.get(part)]
    things = [(part, key) for part in parts for key in _keys(part, live, draft)]
    return [thing for thing in [*things, (EMERGENCY, "")] if row_of(live, thing) != row_of(draft, thing)]


def pick(live: Document | None, draft: Document, ticked: Collection[Thing]) -> dict[str, Any]:
    """The live document with the ticked things as the draft has them; those that it lacks are gone."""
    picked: dict[str, Any] = {"format": draft["format"]}
    chosen = set(_each(ticked, live, draft))
    for part in _parts(live, draft):
        rows = {}
        for key in _keys(part, live, draft):
            row = row_of(draft if (part, key) in chosen else live, (part, key))
            if row is not None:
                rows[key] = row
        if rows or part not in LEFT_OUT_WHEN_EMPTY:
            picked[part] = rows
    emergency = row_of(draft if (EMERGENCY, "") in chosen else live, (EMERGENCY, ""))
    return picked | ({EMERGENCY: emergency} if emergency else {})


def moved(onto: Document | None, old: Document | None, new: Document) -> tuple[dict[str, Any], list[Thing]]:
    """What changes from `old` to `new`, done to `onto` instead; and what stands in its way.

    In its way is what was changed otherwise in `onto`, and what the result would lack or have twice.
    """
    things = changed(old, new)
    otherwise = [thing for thing in things if row_of(onto, thing) not in (row_of(old, thing), row_of(new, thing))]
    return pick(onto, new, things), otherwise or [lack.needs for lack in lacking(onto, new, things)]


def lacking(live: Document | None, draft: Document, ticked: Collection[Thing]) -> list[Lack]:
    """What else has to be ticked, and what that needs in turn, so that nothing in the picked document is missing."""
    chosen, waiting = set(_each(ticked, live, draft)), set(changed(live, draft))
    found: dict[Thing, Lack] = {}
    while True:
        picked = pick(live, draft, chosen)
        new = {
            lack.needs: lack
            for lack in (*_dangling(picked, draft, chosen), *_clashing(picked, chosen))
            if lack.needs in waiting - chosen
        }
        if not new:
            return list(found.values())
        found |= new
        chosen |= new.keys()


def _dangling(picked: Document, draft: Document, chosen: Collection[Thing]) -> Iterator[Lack]:
    for thing, other in references(picked):
        if row_of(picked, other) is not None:
            continue
        if row_of(draft, other) is not None:
            yield Lack(thing, other)
        elif other in chosen:  # its removal is ticked: whoever still names it has to change, too
            yield Lack(other, thing)


def _clashing(picked: Document, chosen: Collection[Thing]) -> Iterator[Lack]:
    """Two things with one name: a renamed one, and one that is to have its name."""
    for part, fields in ONLY_ONCE.items():
        for field in fields:
            first: dict[Any, Thing] = {}
            for key, row in picked.get(part, {}).items():
                thing, other = (part, key), first.setdefault(row.get(field), (part, key))
                if other != thing:
                    yield Lack(other, thing) if other in chosen else Lack(thing, other)


def _parts(live: Document | None, draft: Document) -> list[str]:
    documents = (live or {}, draft)
    return sorted({part for each in documents for part, rows in each.items() if isinstance(rows, Mapping)})


def _keys(part: str, live: Document | None, draft: Document) -> list[str]:
    return sorted({*(live or {}).get(part, {}), *draft.get(part, {})})


def _each(things: Collection[Thing], live: Document | None, draft: Document) -> Iterator[Thing]:
    """The things, and instead of a whole part all that it holds."""
    for part, key in things:
        if key or part == EMERGENCY:
            yield part, key
        else:
            yield from ((part, each) for each in _keys(part, live, draft))
