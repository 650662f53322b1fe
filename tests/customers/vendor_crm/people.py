"""The customers of the stand-in, from a seed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

START = datetime(2026, 1, 1, tzinfo=UTC)
TIERS = ("gold", "silver", "bronze")


@dataclass
class Person:
    """One customer. Several share a time of change, as after a batch update."""

    number: int
    name: str
    phone: str
    tier: str
    modified: datetime
    is_deleted: bool = False

    @property
    def salesforce_id(self) -> str:
        return f"003{self.number:012d}AAA"

    @property
    def uuid(self) -> str:
        return f"00000000-0000-0000-0000-{self.number:012d}"


def people(count: int, seed: int = 7) -> list[Person]:
    """The same customers for the same seed; each ten of them were changed at one moment."""
    dice = Random(seed)
    return [
        Person(
            number,
            f"Customer {number}",
            f"+3902{dice.randrange(10**6, 10**7)}",
            dice.choice(TIERS),
            START + timedelta(minutes=number // 10),
        )
        for number in range(1, count + 1)
    ]
