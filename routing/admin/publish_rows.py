"""What differs between the draft and what is live, as rows to tick: mine are ticked, others' are not."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import pgettext

from contactcenter.foundation.teams import may_see, may_touch
from contactcenter.foundation.translating import listed
from routing.admin.places import urls_of
from routing.differences import PARTS
from routing.document import Document
from routing.models import Release
from routing.pending import Pending, pending
from routing.references import Thing
from routing.whose import owned

MOST_SENTENCES = 50
"""So many differences of one row are told; a row of a large import has more."""


@dataclass(frozen=True)
class Row:
    """One thing, whether it is ticked, and whether this person may."""

    what: Pending
    ticked: bool
    may_tick: bool
    url: str
    me: Any

    @property
    def value(self) -> str:
        return value_of(self.what.thing)

    @property
    def by(self) -> str:
        """Everybody who changed it; nothing where nobody is known."""
        you = pgettext("among those who changed it", "you")
        return listed(you if person == self.me else person for person in self.what.authors)

    @property
    def sentences(self) -> list[Any]:
        return list(self.what.changes[:MOST_SENTENCES])

    @property
    def more(self) -> int:
        """How many differences are not told."""
        return max(len(self.what.changes) - MOST_SENTENCES, 0)


def rows(request: HttpRequest, live: Release | None, draft: Document, sent: Collection[str] | None) -> list[Row]:
    """The rows that this person may see; `sent` are the boxes that were ticked, None while nobody has."""
    found = pending(live, draft)
    known = owned(request.user, (thing for each in found for thing in each.things), draft)
    seen = [each for each in found if all(may_see(request.user, known[thing]) for thing in each.things)]
    mine = {each.thing for each in seen if all(may_touch(request.user, known[thing]) for thing in each.things)}
    urls = urls_of(request, [each.thing for each in seen])
    return [
        Row(
            each,
            ticked=each.thing in mine and _is_ticked(each, live, request.user, sent),
            may_tick=each.thing in mine,
            url=urls[each.thing],
            me=request.user,
        )
        for each in seen
    ]


def by_heading(all_rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Rows under the headings of the parts they belong to."""
    listed = list(all_rows)
    groups = [
        (str(title), [row for row in listed if row.what.thing[0] == part]) for part, (title, _one) in PARTS.items()
    ]
    return [(title, members) for title, members in groups if members]


def ticked(all_rows: Iterable[Row]) -> frozenset[Thing]:
    """What is to go live."""
    return frozenset(row.what.thing for row in all_rows if row.ticked)


def _is_ticked(what: Pending, live: Release | None, me: Any, sent: Collection[str] | None) -> bool:
    if sent is not None:
        return value_of(what.thing) in sent
    if what.withdrawn:
        return False
    return live is None or not what.authors or me in what.authors


def value_of(thing: Thing) -> str:
    """What the tick box of a thing sends."""
    return ":".join(thing)
