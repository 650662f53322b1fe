"""What of the draft is not live: thing by thing, by whom, and what was live once and was taken back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from routing import publishing
from routing.authorship import Person, Since, authors
from routing.differences import Difference, differences, thing_of, title_of
from routing.document import Document
from routing.models import Release
from routing.picking import row_of
from routing.references import EMERGENCY, Thing

LOOKED_BACK = 20
"""So many releases are read, at most, to find since when a thing is as it is."""

MOST_OF_A_PART = 50
"""When more things of a part changed, an import say, they are one row and are published together."""


@dataclass(frozen=True)
class Pending:
    """One thing that differs: its changes, who made them, and the release that took them back, if one did."""

    thing: Thing
    title: str
    changes: Sequence[Difference]
    authors: Sequence[Person] = ()
    withdrawn: Release | None = None

    @property
    def things(self) -> list[Thing]:
        """All that is published with it: itself, or what is in it where it is a whole part."""
        return list(dict.fromkeys(thing_of(change) for change in self.changes))


@dataclass(frozen=True)
class _Origin:
    """Since when a thing is as it is live (None: ever), and the release that took the draft's version back."""

    since: Since
    withdrawn: Release | None = None


def pending(live: Release | None, draft: Document) -> list[Pending]:
    """Everything in the draft that is not live, in the order in which differences are told."""
    document = publishing.contents(live)
    found = _folded(differences(document, draft))
    origins = _origins(live, document, draft, [thing for thing, _changes in found])
    known = _authors(document, draft, {thing: origin.since for thing, origin in origins.items()})
    return [
        Pending(thing, title_of(thing, document, draft), changes, known.get(thing, ()), origins[thing].withdrawn)
        for thing, changes in found
    ]


def _folded(found: Iterable[Difference]) -> list[tuple[Thing, list[Difference]]]:
    """Differences by thing; by part where that would be too many rows for anybody to tick."""
    rows: list[tuple[Thing, list[Difference]]] = []
    for part, of_part in groupby(found, key=lambda each: each.path[0]):
        things: dict[Thing, list[Difference]] = {}
        for each in of_part:
            things.setdefault(thing_of(each), []).append(each)
        many = len(things) > MOST_OF_A_PART
        whole = [each for changes in things.values() for each in changes]
        rows += [((part, ""), whole)] if many else things.items()
    return rows


def _origins(
    live: Release | None, document: Document | None, draft: Document, things: Iterable[Thing]
) -> dict[Thing, _Origin]:
    """Back through the releases, as long as a thing is there as it is live: when did it become so, and how?"""
    searched, origins = set(things), dict[Thing, _Origin]()
    releases = list(Release.objects.select_related("published_by").defer("document")[:LOOKED_BACK])
    documents = (document or {} if release == live else json.loads(release.document) for release in releases)
    for later, (after, before) in zip(releases, pairwise(documents), strict=False):
        for thing in [thing for thing in searched if _at(before, thing) != _at(after, thing)]:
            is_withdrawn = later.rolled_back_from and _at(before, thing) == _at(draft, thing)
            origins[thing] = _Origin(later.published_at, later if is_withdrawn else None)
            searched.discard(thing)
        if not searched:
            return origins
    return origins | _from_the_beginning(releases, searched)


def _from_the_beginning(releases: Sequence[Release], things: Iterable[Thing]) -> dict[Thing, _Origin]:
    """Since the oldest release that was read; what was not even in the first one, since ever."""
    if not releases:
        return dict.fromkeys(things, _Origin(None))
    oldest, document = releases[-1], json.loads(releases[-1].document)
    since_ever = [thing for thing in things if oldest.number == 1 and _at(document, thing) is None]
    return dict.fromkeys(things, _Origin(oldest.published_at)) | dict.fromkeys(since_ever, _Origin(None))


def _at(document: Document, thing: Thing) -> Any:
    part, key = thing
    return row_of(document, thing) if key or part == EMERGENCY else document.get(part)


def _authors(live: Document | None, draft: Document, since: Mapping[Thing, Since]) -> dict[Thing, list[Person]]:
    """Whoever made another queue the emergency queue has changed that queue, or the one before."""
    known = authors(since)
    if (EMERGENCY, "") in since:
        queues = {row_of(document, (EMERGENCY, "")) for document in (live, draft)} - {None}
        changers = authors({("queues", slug): since[EMERGENCY, ""] for slug in queues})
        known[EMERGENCY, ""] = list({person.pk: person for each in changers.values() for person in each}.values())
    return known
