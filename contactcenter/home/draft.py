"""Whether the draft differs from what is live, in words."""

from dataclasses import dataclass
from typing import Any

from contactcenter.foundation import teams
from routing import publishing
from routing.differences import Difference, differences, grouped
from routing.document import canonical, checksum, render
from routing.models import Release

MOST_DIFFERENCES = 5


@dataclass(frozen=True)
class Draft:
    """The first differences under the headings of their parts, and how many there are beside them."""

    groups: list[tuple[str, list[Difference]]]
    more: int


OWNED = {"numbers": "address", "flows": "slug", "queues": "slug"}
"""Parts whose things belong to teams, and by which field a document calls them."""


def draft(live: Release, user: Any) -> Draft:
    """What publishing would change, as far as `user` may see it. What is live is only read when something differs."""
    document = render()
    if checksum(canonical(document)) == live.sha256:
        return Draft([], 0)
    found = _seen(differences(publishing.contents(live), document), user)
    return Draft(grouped(found[:MOST_DIFFERENCES]), max(0, len(found) - MOST_DIFFERENCES))


def _seen(found: list[Difference], user: Any) -> list[Difference]:
    """Without the things of other teams."""
    if not teams.teams_of(user):
        return found
    others = {part: teams.names_of_others(user, part, field) for part, field in OWNED.items()}
    return [each for each in found if _called(each) not in others.get(each.path[0], ())]


def _called(difference: Difference) -> str:
    """The name of the thing; a number stands in a document behind its channel."""
    return difference.path[1].rpartition(":")[2] if len(difference.path) > 1 else ""
