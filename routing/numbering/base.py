"""What a provider says of the numbers rented there, and how one of them is pointed at us.

Everything happens while a supervisor waits for his page: few pages, short deadlines, no retry. A provider is one
file and one line in the registry.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from routing.numbering.asking import Api

MOST_PAGES = 50
"""Where a list ends for us; at the smallest pages that is 1,000 numbers."""


@dataclass(frozen=True)
class Rented:
    """A number at the provider. `handle` is what the provider's API calls it; `points_at` is empty or in its words.

    `kept` is what an update has to send again because leaving it out would clear it.
    """

    address: str
    handle: str
    label: str
    points_at: str
    kept: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Aim:
    """Where a number is to lead: our webhook, and who answers when we do not ("" where nobody does).

    `name` is what the application at the provider is called, where numbers lead to one.
    """

    url: str
    fallback_url: str
    name: str


@dataclass(frozen=True)
class Application:
    """What numbers lead to at most providers: a named pair of addresses."""

    handle: str
    name: str
    url: str
    fallback_url: str = ""


class Numbering(ABC):
    """The numbers of one provider. `needs_user`: its API knows a user besides the secret."""

    dialect: str
    needs_user = True

    @abstractmethod
    def api(self, user: str, secret: str) -> Api:
        """The provider's API, under these credentials."""

    @abstractmethod
    def fetch(self, api: Api) -> list[Rented]:
        """Every number that can be called. Raises NumberingUnavailable or NumberingRejected."""

    @abstractmethod
    def point(self, api: Api, rented: Rented, aim: Aim) -> None:
        """Let calls to `rented` ask us from now on. Safe to repeat. Raises as `fetch` does."""


class ByApplication(Numbering):
    """A provider whose numbers lead to applications: ours is found by its name, or made."""

    def fetch(self, api: Api) -> list[Rented]:
        applications = {each.handle: each for each in self.applications(api)}
        return list(self.numbers(api, applications))

    def point(self, api: Api, rented: Rented, aim: Aim) -> None:
        ours = next((each for each in self.applications(api) if each.name == aim.name), None)
        if ours is None:
            handle = self.create(api, aim)
        else:
            handle = ours.handle
            # A fallback that somebody entered at the provider stays while we have none to give.
            if (ours.url, ours.fallback_url) != (aim.url, aim.fallback_url or ours.fallback_url):
                self.change(api, handle, aim)
        self.attach(api, rented, handle)

    @abstractmethod
    def applications(self, api: Api) -> list[Application]:
        """Every application for calls."""

    @abstractmethod
    def numbers(self, api: Api, applications: Mapping[str, Application]) -> Iterator[Rented]:
        """Every number, with what its application says."""

    @abstractmethod
    def create(self, api: Api, aim: Aim) -> str:
        """A new application of ours; its handle."""

    @abstractmethod
    def change(self, api: Api, handle: str, aim: Aim) -> None:
        """Give our application these addresses."""

    @abstractmethod
    def attach(self, api: Api, rented: Rented, handle: str) -> None:
        """Let the number lead to our application."""


def rows(answer: Any, name: str) -> list[dict[str, Any]]:
    """The objects of the list under `name`."""
    found = answer.get(name) if isinstance(answer, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def part(answer: Any, *names: str) -> dict[str, Any]:
    """The object that lies under these names, one in the other; an empty one where there is none."""
    for name in names:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer if isinstance(answer, dict) else {}


def text(row: Any, name: str) -> str:
    """What stands under `name`, as text; "" where there is nothing."""
    found = row.get(name) if isinstance(row, dict) else None
    return str(found) if isinstance(found, str | int) else ""


def count(row: Any, name: str) -> int:
    """The whole number under `name`; 0 where there is none."""
    found = text(row, name)
    return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else 0


def plus(number: str) -> str:
    """A number as we store it: providers leave the plus out."""
    return "+" + number.removeprefix("+")
