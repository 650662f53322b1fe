"""What of the draft goes live with a set-up: its own number and flow, and what they need. Changes of others stay."""

from dataclasses import dataclass

from routing import picking, publishing
from routing.differences import Difference, differences, grouped
from routing.document import Document, canonical, checksum, render
from routing.models import Number
from routing.problems import Problem
from routing.references import EMERGENCY, Thing


@dataclass(frozen=True)
class Proposal:
    """A document to publish: what changes by it, under headings, what is wrong with it, and how to ask for it."""

    document: Document
    changed: list[tuple[str, list[Difference]]]
    problems: list[Problem]
    choice: publishing.Choice


def proposal(number: Number) -> Proposal:
    """What would go live with `number`, by the draft and the live release of this moment."""
    release, draft = publishing.live(), render()
    live = publishing.contents(release)
    ticked = _things(number, live, draft)
    document = picking.pick(live, draft, ticked)
    return Proposal(
        document=document,
        changed=grouped(differences(live, document)),
        problems=publishing.find_problems(document, None if document == draft else live),
        choice=publishing.Choice(checksum(canonical(draft)), release.number if release else None, ticked),
    )


def _things(number: Number, live: Document | None, draft: Document) -> frozenset[Thing]:
    own: set[Thing] = {("numbers", f"{number.channel}:{number.address}")}
    if number.flow is not None:
        own.add(("flows", number.flow.slug))
    if EMERGENCY not in (live or {}):
        own.add((EMERGENCY, ""))
    if not (live or {}).get("tiers"):  # the usual ones were made with it
        own |= {("tiers", slug) for slug in draft["tiers"]}
    return frozenset(own | {lack.needs for lack in picking.lacking(live, draft, own)})
