"""What differs between two documents, in words: the draft against the live release, one release against another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contactcenter.foundation.translating import listed, named
from routing.differences.fields import label_of, value_of
from routing.references import Thing

ADDED, REMOVED, CHANGED = "added", "removed", "changed"

Document = Mapping[str, Any]
Row = Mapping[str, Any]
Path = tuple[str, ...]
Words = str | Promise

PARTS: dict[str, tuple[Words, Words]] = {
    "numbers": (gettext_lazy("Numbers"), gettext_lazy("Number “%(name)s”")),
    "flows": (gettext_lazy("Flows"), gettext_lazy("Flow “%(name)s”")),
    "queues": (gettext_lazy("Queues"), gettext_lazy("Queue “%(name)s”")),
    "calendars": (gettext_lazy("Calendars"), gettext_lazy("Calendar “%(name)s”")),
    "tiers": (gettext_lazy("Loyalty tiers"), gettext_lazy("Tier “%(name)s”")),
    "attributes": (gettext_lazy("Customer attributes"), gettext_lazy("Customer attribute “%(name)s”")),
    "sources": (gettext_lazy("Data sources"), gettext_lazy("Data source “%(name)s”")),
    "phone_systems": (gettext_lazy("Phone systems"), gettext_lazy("Phone system “%(name)s”")),
    "help_desks": (gettext_lazy("Help desks"), gettext_lazy("Help desk “%(name)s”")),
    "notification_targets": (gettext_lazy("Notification targets"), gettext_lazy("Notification target “%(name)s”")),
    "emergency_queue": (gettext_lazy("Emergency queue"), gettext_lazy("Emergency queue")),
}
"""The parts of a document in the order in which they are told: heading, and one thing of it."""

NESTED: dict[str, tuple[str, Words, Words]] = {
    "branches": ("slug", gettext_lazy("Branch “%(name)s” of flow “%(of)s”"), gettext_lazy("order of branches")),
    "steps": ("slug", gettext_lazy("Fetch step “%(name)s” of flow “%(of)s”"), gettext_lazy("order of fetch steps")),
    "variables": ("name", gettext_lazy("Variable “%(name)s” of data source “%(of)s”"), gettext_lazy("order")),
}
"""Lists of things with a name of their own: by which key, how one is called, and what their order is."""

EMPTY: Document = {part: {} for part in PARTS if part != "emergency_queue"}


@dataclass(frozen=True)
class Difference:
    """One thing that is added, removed or changed: `what` it is, the whole `sentence`, and where it stands."""

    kind: str
    what: str
    sentence: str
    path: Path


@dataclass(frozen=True)
class _Sides:
    """The two documents a difference lies between; names come from the one a value stands in."""

    old: Document
    new: Document

    def told(self, field: str, old: Any, new: Any, flow: str | None) -> str:
        """300 s instead of 0 s."""
        return _("%(new)s instead of %(old)s") % {
            "new": value_of(field, new, self.new, flow),
            "old": value_of(field, old, self.old, flow),
        }


def differences(old: Document | None, new: Document) -> list[Difference]:
    """What `new` has that `old` has not, lacks, or has otherwise; None is the time before the first release."""
    sides = _Sides(EMPTY if old is None else old, new)
    return [difference for part in PARTS for difference in _of_part(part, sides)]


def grouped(found: Sequence[Difference]) -> list[tuple[str, list[Difference]]]:
    """Differences under the headings of the parts they belong to."""
    groups = [(str(title), [each for each in found if each.path[0] == part]) for part, (title, _one) in PARTS.items()]
    return [(title, members) for title, members in groups if members]


def title_of(thing: Thing, old: Document | None, new: Document) -> str:
    """What a thing is called: “Queue “VIP””, by its new name; a whole part by its heading."""
    part, key = thing
    heading, one = PARTS[part]
    if not key:
        return str(heading)
    row = new.get(part, {}).get(key) or (old or {}).get(part, {}).get(key) or {}
    return str(one) % {"name": _name(row) if row else key}


def thing_of(difference: Difference) -> Thing:
    """The thing that a difference lies in: a branch belongs to its flow."""
    return difference.path[0], difference.path[1] if len(difference.path) > 1 else ""


def _of_part(part: str, sides: _Sides) -> Iterator[Difference]:
    if part == "emergency_queue":
        old, new = sides.old.get(part), sides.new.get(part)
        if old != new:
            what = str(PARTS[part][1])
            yield Difference(CHANGED, what, named(what, sides.told(part, old, new, None)), (part,))
        return
    yield from _of_things(str(PARTS[part][1]), sides.old.get(part, {}), sides.new.get(part, {}), (part,), "", sides)


def _of_things(
    title: str, old: Mapping[str, Row], new: Mapping[str, Row], path: Path, of: str, sides: _Sides
) -> Iterator[Difference]:
    """Things of one sort, by their keys: gone ones first, then new and changed ones in the order of `new`."""
    for key in [*(key for key in old if key not in new), *new]:
        if old.get(key) == new.get(key):
            continue
        what = title % {"name": _name(new.get(key) or old[key]), "of": of}
        if key not in new:
            yield Difference(REMOVED, what, _("%(what)s is gone.") % {"what": what}, (*path, key))
        elif key not in old:
            yield Difference(ADDED, what, _new_thing(what, new[key], path, sides), (*path, key))
        else:
            yield from _of_fields(what, old[key], new[key], (*path, key), sides)


def _new_thing(what: str, row: Row, path: Path, sides: _Sides) -> str:
    """A new branch says at once who takes it and where it leads."""
    if path[-1] != "branches":
        return _("%(what)s is new.") % {"what": what}
    return _("%(what)s is new: taken by %(who)s, leads to %(queue)s.") % {
        "what": what,
        "who": value_of("conditions", row["conditions"], sides.new, path[1]),
        "queue": value_of("queue", row["queue"], sides.new),
    }


def _name(row: Row) -> str:
    return str(row.get("name") or row.get("label") or row.get("slug"))


def _of_fields(what: str, old: Row, new: Row, path: Path, sides: _Sides) -> Iterator[Difference]:
    flow = path[1] if path[0] == "flows" else None
    for field in sorted({*old, *new}):
        if field in NESTED:
            yield from _of_nested(field, what, (old, new), (*path, field), sides)
        elif old.get(field) != new.get(field):
            told = sides.told(field, old.get(field), new.get(field), flow)
            sentence = _("%(what)s: %(field)s %(change)s") % {"what": what, "field": label_of(field), "change": told}
            yield Difference(CHANGED, what, sentence, (*path, field))


def _of_nested(field: str, what: str, rows: tuple[Row, Row], path: Path, sides: _Sides) -> Iterator[Difference]:
    key, title, order = NESTED[field]
    old, new = ({row[key]: row for row in side.get(field, ())} for side in rows)
    yield from _of_things(str(title), old, new, path, _name(rows[1]), sides)
    if [each for each in old if each in new] != [each for each in new if each in old]:
        names = listed(_name(row) for row in new.values())
        sentence = _("%(what)s: the %(order)s is now %(names)s") % {"what": what, "order": order, "names": names}
        yield Difference(CHANGED, what, sentence, path)
