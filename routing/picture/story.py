"""What a flow's picture says, in words and in order: numbers, questions, branches, queues. No geometry yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contactcenter.foundation.translating import chained
from routing import wording
from routing.branches import LAST_PATH

Document = Mapping[str, Any]
Place = tuple[str, ...]

MOST_NUMBERS = 2
MOST_OVERFLOWS = 3


@dataclass(frozen=True)
class Card:
    """One box: a heading, further lines, and where in the document the thing stands that it shows."""

    heading: str
    lines: tuple[str, ...]
    place: Place
    row: str = ""
    """The row of that thing's form, as the form calls it."""

    @property
    def said(self) -> str:
        """The whole box as one sentence, for whoever listens."""
        return ". ".join((self.heading, *self.lines))


@dataclass(frozen=True)
class Way:
    """One path through the flow: who takes it, where it leads, and which part of the contacts it took (0 to 1)."""

    slug: str
    who: Card
    queue: Card
    share: float | None = None
    is_lit: bool = False


@dataclass(frozen=True)
class Story:
    """A flow from the first ring to the queue. `is_lit`: one of its ways is that of a contact that was tried."""

    name: str
    start: Card
    steps: tuple[Card, ...]
    ways: tuple[Way, ...]

    @property
    def is_lit(self) -> bool:
        return any(way.is_lit for way in self.ways)

    @property
    def description(self) -> str:
        """The picture in one sentence."""
        branches = len(self.ways) - 1
        return ngettext(
            "%(count)s branch, then everyone else. The table below the picture says the same.",
            "%(count)s branches in order, then everyone else. The table below the picture says the same.",
            branches,
        ) % {"count": branches}


def tell(
    document: Document,
    slug: str,
    shares: Mapping[str, float] | None = None,
    taken: str = "",
    numbers: int | None = None,
) -> Story:
    """The flow `slug` of `document`. `shares` by branch, and the branch that was `taken`: short names, `last_path`.

    `numbers`: how many lead here, where the document does not hold all of them.
    """
    flow = document["flows"][slug]
    entries = wording.entries_of(document, slug)
    shares = shares or {}
    none_yet = 0.0 if shares else None
    place = ("flows", slug)
    ways = [
        Way(
            branch["slug"],
            Card(branch["label"], (wording.in_words(branch["conditions"], entries),), place, f"branches-{number}"),
            _queue(document, branch),
            shares.get(branch["slug"], none_yet),
            branch["slug"] == taken,
        )
        for number, branch in enumerate(flow["branches"])
    ]
    everyone = Card(_("Everyone else"), (), place, f"id_{LAST_PATH}")
    last = Way(
        LAST_PATH,
        everyone,
        _queue(document, {"queue": flow["last_path"]}),
        shares.get(LAST_PATH, none_yet),
        taken == LAST_PATH,
    )
    return Story(flow["name"], _start(document, slug, numbers), _steps(document, flow), (*ways, last))


def _start(document: Document, slug: str, count: int | None) -> Card:
    numbers = document["numbers"]
    leading = [key for key, row in numbers.items() if row.get("flow") == slug]
    if not leading:
        return Card(_("No number leads here yet"), (), ("flows", slug))
    lines = [f"{numbers[key]['label']}: {_apart(key.partition(':')[2])}" for key in leading[:MOST_NUMBERS]]
    more = (count or len(leading)) - MOST_NUMBERS
    if more > 0:
        lines.append(ngettext("and %(count)s more", "and %(count)s more", more) % {"count": more})
    return Card(_("A contact comes in"), tuple(lines), ("numbers", leading[0]))


def _steps(document: Document, flow: Mapping[str, Any]) -> tuple[Card, ...]:
    sources = document["sources"]
    return tuple(
        Card(
            _("Ask %(source)s") % {"source": sources[step["source"]]["name"]},
            (", ".join(f"{step['slug']}.{variable['name']}" for variable in sources[step["source"]]["variables"]),),
            ("sources", step["source"]),
        )
        for step in flow["steps"]
    )


def _queue(document: Document, leads_to: Mapping[str, Any]) -> Card:
    """Where a path leads: the queue, what stands before it, and who takes its callers when it does not."""
    slug = leads_to["queue"]
    queue = document["queues"][slug]
    lines = []
    if leads_to.get("target_kind") == "account_manager":
        lines.append(_("first the customer's account manager"))
    if address := queue.get("voice_address"):
        lines.append(_apart(address))
    if behind := _overflows(document, slug):
        lines.append(_("if it cannot take them: %(queues)s") % {"queues": chained(behind)})
    return Card(queue["name"], tuple(lines), ("queues", slug))


def _overflows(document: Document, slug: str) -> list[str]:
    """The queues behind `slug`, the next one first; a circle ends where it began."""
    names: list[str] = []
    seen, queues = {slug}, document["queues"]
    while (following := queues[slug].get("overflow_to")) and following not in seen and len(names) < MOST_OVERFLOWS:
        seen.add(following)
        names.append(queues[following]["name"])
        slug = following
    return names


def _apart(address: str) -> str:
    """A number or an extension, which runs from left to right in every language."""
    return f"\N{LEFT-TO-RIGHT ISOLATE}{address}\N{POP DIRECTIONAL ISOLATE}"
