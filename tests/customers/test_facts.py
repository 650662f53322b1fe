"""What the decide plane is told of a handle."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contactcenter.foundation.models import Change
from customers.facts import document, documents, mark_customers
from customers.models import Customer, Handle, LoyaltyTier, TierOverride
from tests.customers.crm_standin import tiers

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

KEY = "phone:+390255501001"


@pytest.fixture
def tier() -> dict[str, LoyaltyTier]:
    return tiers()


def customer(*numbers: str, **fields: object) -> Customer:
    someone = Customer.objects.create(**fields)
    for number in numbers or (KEY.partition(":")[2],):
        Handle.objects.create(customer=someone, kind="phone", value=number)
    return someone


def test_a_customer_with_everything(tier: dict[str, LoyaltyTier]) -> None:
    someone = customer(
        name="Giulia Oro",
        tier=tier["gold"],
        purchases=0,
        order_volume=250_000,
        lifetime_value=700_000,
        plan="business",
        account_level="level 2",
        category="retail",
        account_manager="anna-rossi",
        language="it",
        attributes={"contract": "premium"},
    )
    assert document(KEY) == {
        "v": 1,
        "customer": str(someone.pk),
        "tier": "gold",
        "purchases": 0,
        "order_volume": 250_000,
        "lifetime_value": 700_000,
        "plan": "business",
        "account_level": "level 2",
        "category": "retail",
        "account_manager": "anna-rossi",
        "language": "it",
        "attributes": {"contract": "premium"},
    }


def test_what_is_unknown_is_left_out() -> None:
    assert document(KEY) is None
    someone = customer(name="Somebody")
    assert document(KEY) == {"v": 1, "customer": str(someone.pk)}


@pytest.mark.parametrize("key", ["", "phone", "phone:", "pigeon:1", "phone:+390255501001:x", "phone:\u0660'\"%s"])
def test_a_key_of_nobody_is_a_tombstone(key: str) -> None:
    customer()
    assert document(key) is None


def test_overrides_in_force_and_to_come_travel_with_their_dates(tier: dict[str, LoyaltyTier]) -> None:
    someone, now = customer(tier=tier["bronze"]), timezone.now()
    hour = timedelta(hours=1)
    for slug, starts_at, ends_at in [
        ("silver", now - 3 * hour, now - hour),
        ("gold", now - hour, None),
        ("platinum", now + hour, now + 2 * hour),
    ]:
        TierOverride.objects.create(customer=someone, tier=tier[slug], starts_at=starts_at, ends_at=ends_at)
    found = document(KEY)
    assert found is not None
    assert found["spans"] == [
        {"tier": "platinum", "from": (now + hour).isoformat(), "until": (now + 2 * hour).isoformat()},
        {"tier": "gold", "from": (now - hour).isoformat()},
    ]


def test_of_several_customers_on_one_number_the_highest_tier_counts(tier: dict[str, LoyaltyTier]) -> None:
    customer(tier=tier["silver"])
    best = customer(tier=tier["gold"])
    customer()
    found = document(KEY)
    assert found is not None
    assert (found["customer"], found["shared"]) == (str(best.pk), 3)


def test_an_override_counts_for_whose_number_it_is(tier: dict[str, LoyaltyTier]) -> None:
    raised = customer(tier=tier["bronze"])
    customer(tier=tier["gold"])
    TierOverride.objects.create(customer=raised, tier=tier["platinum"], starts_at=timezone.now())
    found = document(KEY)
    assert found is not None
    assert found["customer"] == str(raised.pk)


def test_of_equal_tiers_the_customer_changed_last_counts(tier: dict[str, LoyaltyTier]) -> None:
    first, second = customer(tier=tier["gold"]), customer(tier=tier["gold"])
    assert document(KEY) == {"v": 1, "customer": str(second.pk), "tier": "gold", "shared": 2}
    first.save()
    assert document(KEY) == {"v": 1, "customer": str(first.pk), "tier": "gold", "shared": 2}


def test_many_handles_cost_few_queries(
    tier: dict[str, LoyaltyTier], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people = Customer.objects.bulk_create([Customer(tier=tier["gold"]) for _ in range(600)])
    Handle.objects.bulk_create(
        [Handle(customer=one, kind="phone", value=f"+39025550{1000 + place}") for place, one in enumerate(people)]
    )
    Handle.objects.create(customer=people[0], kind="messenger", value="1")
    keys = [f"phone:+39025550{1000 + place}" for place in range(700)] + ["messenger:1"]
    with django_assert_max_num_queries(4):
        found = documents(keys)
    assert list(found) == keys
    assert sum(one is not None for one in found.values()) == 601


def test_marking_a_customer_marks_each_of_his_handles(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    marked = customer("+390255501001", "+390255501002")
    customer("+390255501003")
    Change.objects.all().delete()
    with django_assert_max_num_queries(2):
        mark_customers([marked.pk])
    assert set(Change.objects.values_list("topic", "key")) == {
        ("facts", "phone:+390255501001"),
        ("facts", "phone:+390255501002"),
    }
