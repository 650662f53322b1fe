"""Random families on shared telephones: who should count does, and couriers are told whenever it is somebody else."""

from datetime import datetime, timedelta
from random import Random

import pytest
from django.utils import timezone

from contactcenter.foundation import changes
from contactcenter.foundation.models import Change
from customers import facts, identity
from customers.models import Customer, CustomerMerge, Handle, IdentityPolicy, LoyaltyTier, TierOverride
from customers.tiering import overrides
from customers.tiers import tier_at

pytestmark = pytest.mark.django_db

NUMBERS = ("+390255501001", "+390255501002")
KEYS = [f"phone:{number}" for number in NUMBERS]
HOUR = timedelta(hours=1)

Who = tuple[str, str | None] | None
"""A customer's id, and the tier that counts."""


class Family:
    """Four people on two telephones, and what may happen to them; `now` is their own clock."""

    def __init__(self, random: Random) -> None:
        self.random, self.now = random, timezone.now()
        ranked = [LoyaltyTier(name=slug, slug=slug, rank=rank) for rank, slug in enumerate(("silver", "gold"), 1)]
        self.tiers = [*LoyaltyTier.objects.bulk_create(ranked)]
        IdentityPolicy(shared=random.choice(["highest_tier", "most_recent"])).save()
        for _ in range(4):
            person = Customer.objects.create(tier=random.choice([None, *self.tiers]))
            Handle.objects.create(customer=person, kind="phone", value=random.choice(NUMBERS))

    def live_on(self) -> None:
        may_happen = [self.change, self.change, self.override, self.merge, self.part, self.rank_anew, self.wait]
        self.random.choice(may_happen)()

    def change(self) -> None:
        person = self.somebody()
        person.tier = self.random.choice([None, *self.tiers])
        person.save()

    def override(self) -> None:
        starts = self.now + self.random.choice([-1, 1, 3]) * HOUR
        ends = starts + 3 * HOUR if self.random.random() < 0.7 else None
        tier = self.random.choice(self.tiers)
        TierOverride.objects.create(customer=self.somebody(), tier=tier, starts_at=starts, ends_at=ends)

    def merge(self) -> None:
        kept, absorbed = self.somebody(), self.somebody()
        if absorbed.pk not in (kept.pk, kept.merged_into_id):
            identity.merge(kept, absorbed, "admin", "the same")

    def part(self) -> None:
        for done in CustomerMerge.objects.filter(undone_at=None, absorbed__merged_into__isnull=False)[:1]:
            identity.part(done)

    def rank_anew(self) -> None:
        one, other = self.tiers
        for tier, rank in ((one, 9), (other, one.rank), (one, other.rank)):
            tier.rank = rank
            tier.save()

    def wait(self) -> None:
        self.now += 2 * HOUR
        overrides.record(self.now)

    def somebody(self) -> Customer:
        return self.random.choice(list(Customer.objects.order_by("pk")))


def who_counts(number: str, now: datetime) -> Who:
    """As the documentation says: the highest tier, then who was changed last; one who was merged is the other one."""
    behind = {each.merged_into or each for each in Customer.objects.filter(handles__value=number)}
    by_rank = IdentityPolicy.current().shared == "highest_tier"

    def order(person: Customer) -> tuple[int, datetime]:
        tier = tier_of(person, now)
        return (tier.rank if tier and by_rank else 0, person.updated_at)

    best = max(behind, key=order, default=None)
    if best is None:
        return None
    tier = tier_of(best, now)
    return str(best.pk), tier.slug if tier else None


def tier_of(person: Customer, now: datetime) -> LoyaltyTier | None:
    given = [each for each in person.tier_overrides.all() if each.starts_at <= now < (each.ends_at or now + HOUR)]
    return max(given, key=lambda each: (each.starts_at, each.pk)).tier if given else person.tier


def heard(document: facts.Document | None, now: datetime) -> Who:
    return (document["customer"], tier_at(document, now)) if document else None


@pytest.mark.parametrize("seed", [4, pytest.param(10, marks=pytest.mark.portable)])
def test_couriers_are_told_whenever_somebody_else_counts(seed: int) -> None:
    family = Family(Random(seed))
    told: dict[str, facts.Document | None] = {}
    for _ in range(20):
        marked = Change.objects.filter(topic=changes.FACTS, seq=None)
        told |= facts.documents([each.key for each in marked], family.now)
        marked.delete()
        for number, key in zip(NUMBERS, KEYS, strict=True):
            assert heard(told.get(key), family.now) == who_counts(number, family.now)
        family.live_on()
