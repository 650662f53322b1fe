"""What the things of a decision were called in the release that decided it; short names where that is gone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from customers.addresses import NO_COUNTRY, caller_address
from routing.admin.places import Place, urls_of
from routing.branches import LAST_PATH
from routing.models import Decision


@dataclass(frozen=True)
class Names:
    """Of one decision. `document` is empty where nobody knows any more."""

    decision: Decision
    document: Mapping[str, Any] = field(default_factory=dict)

    def queue(self, slug: str) -> str:
        return self._name("queues", slug)

    @property
    def flow(self) -> str:
        return self._name("flows", self.decision.flow)

    @property
    def tier(self) -> str:
        return self._name("tiers", self.decision.tier)

    @property
    def branch(self) -> str:
        return str(self._branch.get("label", self.decision.branch))

    @property
    def number(self) -> str:
        """The label of the number called; "" where none is known."""
        return str(self._row("numbers", self.number_key).get("label", ""))

    @property
    def number_key(self) -> str:
        """How the release calls the number, however the provider wrote it."""
        channel, to = self.decision.channel, self.decision.number
        exact = f"{channel}:{to}"
        return exact if self._row("numbers", exact) else f"{channel}:{caller_address(to, NO_COUNTRY) or to}"

    @property
    def intended(self) -> str:
        """The first queue for such contacts behind the path taken: where this one went, had nothing been in its way."""
        slug = str(self._branch.get("queue", ""))
        target = "voice_address" if self.decision.channel == "voice" else "team"
        seen: set[str] = set()
        while slug not in seen and not self._row("queues", slug).get(target):
            seen.add(slug)
            slug = str(self._row("queues", slug).get("overflow_to", ""))
        return slug

    def links(self, request: HttpRequest, *slugs: str) -> dict[Place, str]:
        """Where its number, its flow and these queues can be looked at, for whoever may."""
        places: list[Place] = [("queues", slug) for slug in slugs if slug]
        places += [("numbers", self.number_key), ("flows", self.decision.flow)]
        return urls_of(request, places)

    @property
    def _branch(self) -> Mapping[str, Any]:
        """The path taken, the last one too: its label where it has one, and its queue."""
        flow = self._row("flows", self.decision.flow)
        if self.decision.branch == LAST_PATH:
            return {"queue": flow.get("last_path", "")}
        found = (row for row in flow.get("branches", ()) if row.get("slug") == self.decision.branch)
        return next(found, {})

    def _name(self, part: str, slug: str) -> str:
        return str(self._row(part, slug).get("name", slug))

    def _row(self, part: str, key: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.document.get(part, {}).get(key, {})
        return found
