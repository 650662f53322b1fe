"""Who is behind an address that several customers have. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from customers.tiers import tier_at

HIGHEST_TIER, MOST_RECENT, PRIMARY, AMBIGUOUS = "highest_tier", "most_recent", "primary", "ambiguous"

Document = dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """How shared addresses are read: who counts, from how many on it is a switchboard, and what tiers rank."""

    shared: str
    switchboard_above: int
    ranks: Mapping[str | None, int]


def choose(candidates: list[Document], primary: str, rules: Rules, now: datetime) -> Document | None:
    """The facts of the address of `candidates`, the one changed last first; None for nobody.

    `primary` is the id of the customer whose main address it is. `shared` in the answer says how many they are.
    """
    if len(candidates) == 1:
        return candidates[0]
    shared = {"shared": len(candidates)}
    if len(candidates) > rules.switchboard_above:
        return None
    if rules.shared == AMBIGUOUS:
        return {"v": candidates[0]["v"], **shared}
    if rules.shared == PRIMARY:
        return next((each | shared for each in candidates if each["customer"] == primary), None)
    if rules.shared == MOST_RECENT:
        return candidates[0] | shared
    # Of equal tiers the first: max() keeps it.
    return max(candidates, key=lambda candidate: rules.ranks.get(tier_at(candidate, now), 0)) | shared
