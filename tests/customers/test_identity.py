"""Who is behind an address of several customers, and customers that are one."""

from typing import Any

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contactcenter.foundation import changes
from contactcenter.foundation.models import Change
from customers import facts, identity
from customers.models import Customer, CustomerMerge, Handle, IdentityPolicy, LoyaltyTier, TierOverride
from customers.sharing import Rules, choose

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

SHARED, OWN, THIRD = "+390255501001", "+390255501003", "+390255501005"
NOW = timezone.now()
RANKS: dict[str | None, int] = {"silver": 1, "gold": 2}


def person(number: int, tier: str = "") -> dict[str, Any]:
    return {"v": 1, "customer": str(number), **({"tier": tier} if tier else {})}


FAMILY = [person(1), person(2, "gold"), person(3, "gold"), person(4, "silver")]


@pytest.mark.parametrize(
    ("policy", "several", "primary", "found"),
    [
        pytest.param("highest_tier", FAMILY[:1], "", person(1), id="one alone is himself"),
        pytest.param("ambiguous", FAMILY[:1], "", person(1), id="one alone is himself under any policy"),
        pytest.param("highest_tier", FAMILY, "4", {**FAMILY[1], "shared": 4}, id="the highest tier, changed last"),
        pytest.param("most_recent", FAMILY, "4", {**FAMILY[0], "shared": 4}, id="changed last"),
        pytest.param("primary", FAMILY, "4", {**FAMILY[3], "shared": 4}, id="whose main address it is"),
        pytest.param("primary", FAMILY, "", None, id="nobody's main address"),
        pytest.param("ambiguous", FAMILY, "4", {"v": 1, "shared": 4}, id="nobody in particular"),
        pytest.param("highest_tier", [*FAMILY, person(5)], "", {**FAMILY[1], "shared": 5}, id="five are a family"),
        pytest.param("highest_tier", [*FAMILY, person(5), person(6)], "", None, id="six are a switchboard"),
        pytest.param("primary", [*FAMILY, person(5), person(6)], "4", None, id="a switchboard has no main customer"),
    ],
)
def test_who_counts(policy: str, several: list[dict[str, Any]], primary: str, found: dict[str, Any] | None) -> None:
    assert choose(several, primary, Rules(policy, 5, RANKS), NOW) == found


@pytest.fixture
def tiers() -> dict[str, LoyaltyTier]:
    return {slug: LoyaltyTier.objects.create(name=slug, slug=slug, rank=rank) for slug, rank in RANKS.items() if slug}


def customer(name: str, tier: LoyaltyTier | None, *numbers: str, **of_handle: Any) -> Customer:
    made = Customer.objects.create(name=name, tier=tier)
    for number in numbers:
        Handle.objects.create(customer=made, kind="phone", value=number, **of_handle)
    return made


def known(number: str) -> dict[str, Any] | None:
    return facts.document(f"phone:{number}")


def test_the_policy_in_the_portal_holds_and_reaches_the_decide_plane(tiers: dict[str, LoyaltyTier]) -> None:
    gold, silver = customer("Gold", tiers["gold"], SHARED, OWN), customer("Silver", tiers["silver"], SHARED)
    assert known(SHARED) == {"v": 1, "customer": str(gold.pk), "tier": "gold", "shared": 2}
    Change.objects.update(seq=1)
    IdentityPolicy.objects.create(shared="most_recent")
    waiting = Change.objects.filter(topic=changes.FACTS, seq=None).values_list("key", flat=True)
    assert list(waiting) == [f"phone:{SHARED}"], "only what is shared is told again"
    found = known(SHARED)
    assert found is not None
    assert found["customer"] == str(silver.pk)
    IdentityPolicy.objects.update(switchboard_above=1)
    assert known(SHARED) is None
    assert known(OWN) is not None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param({"name": "Golden"}, [], id="another name"),
        pytest.param({"rank": 9}, [], id="further above the others"),
        pytest.param({"rank": 0}, [f"phone:{SHARED}"], id="below another"),
    ],
)
def test_who_shares_an_address_is_told_again_when_one_tier_passes_another(
    tiers: dict[str, LoyaltyTier], change: dict[str, Any], told: list[str]
) -> None:
    customer("Gold", tiers["gold"], SHARED, OWN)
    customer("Silver", tiers["silver"], SHARED)
    Change.objects.update(seq=1)
    for field, value in change.items():
        setattr(tiers["gold"], field, value)
    tiers["gold"].save()
    assert list(Change.objects.filter(seq=None).values_list("key", flat=True)) == told


def test_a_main_address_is_one_customers(tiers: dict[str, LoyaltyTier]) -> None:
    IdentityPolicy.objects.create(shared="primary")
    customer("Gold", tiers["gold"], SHARED)
    assert known(SHARED) == {**(known(SHARED) or {}), "tier": "gold"}, "alone it is his in any case"
    silver = customer("Silver", tiers["silver"], SHARED, is_primary=True)
    found = known(SHARED)
    assert found is not None
    assert (found["customer"], found["shared"]) == (str(silver.pk), 2)


def test_merged_is_one_and_parted_is_two_again(tiers: dict[str, LoyaltyTier]) -> None:
    kept = customer("Kept", tiers["silver"], OWN, SHARED)
    gone = customer("Gone", tiers["gold"], SHARED, THIRD)
    TierOverride.objects.create(customer=kept, tier=tiers["gold"], reason="-", starts_at=NOW)
    Change.objects.all().delete()
    done = identity.merge(kept, gone, "admin", "one person")
    assert done is not None
    assert Change.objects.count() == 3
    each = [known(number) for number in (OWN, SHARED, THIRD)]
    assert each[0] == each[1] == each[2], "the same, with his override, and nobody shares"
    assert each[0] is not None
    assert (each[0]["customer"], each[0]["tier"], len(each[0]["spans"])) == (str(kept.pk), "silver", 1)
    assert identity.merge(kept, gone, "admin", "again") is None
    gone.refresh_from_db()
    identity.part(done)
    found = known(THIRD)
    assert found is not None
    assert (found["customer"], found["tier"]) == (str(gone.pk), "gold")
    with pytest.raises(identity.CannotMerge):
        identity.part(done)


def test_a_chain_of_merges_leads_to_the_last_and_back(tiers: dict[str, LoyaltyTier]) -> None:
    first, second, third = customer("a", None, SHARED), customer("b", None, OWN), customer("c", None, THIRD)
    identity.merge(second, first, "admin", "")
    second.refresh_from_db()
    done = identity.merge(third, second, "crm", "")
    assert done is not None

    def who() -> list[str]:
        return [(known(number) or {})["customer"] for number in (SHARED, OWN, THIRD)]

    assert who() == [str(third.pk)] * 3
    first.refresh_from_db()
    with pytest.raises(identity.CannotMerge):
        identity.merge(first, third, "admin", "a circle")
    identity.part(done)
    assert who() == [str(second.pk), str(second.pk), str(third.pk)]


def test_what_changes_of_the_one_who_counts_reaches_the_others_addresses(tiers: dict[str, LoyaltyTier]) -> None:
    kept, gone = customer("Kept", tiers["silver"], OWN), customer("Gone", None, SHARED)
    identity.merge(kept, gone, "admin", "")
    Change.objects.all().delete()
    kept.refresh_from_db()
    kept.plan = "premium"
    kept.save()
    assert set(Change.objects.values_list("key", flat=True)) == {f"phone:{OWN}", f"phone:{SHARED}"}


def merge_in_the_admin(client: Client, *customers: Customer, **said: Any) -> Any:
    url = reverse("admin:customers_customer_changelist")
    chosen = {"action": "merge", ACTION_CHECKBOX_NAME: [str(each.pk) for each in customers]}
    return client.post(url, chosen | said, follow=True)


def test_a_supervisor_merges_two_and_parts_them(supervisor_client: Client, tiers: dict[str, LoyaltyTier]) -> None:
    one, two = customer("Anna", tiers["gold"], OWN), customer("Ann", None, SHARED)
    page = merge_in_the_admin(supervisor_client, one, two).content.decode()
    assert "Who counts" in page
    assert merge_in_the_admin(supervisor_client, one).context["messages"]
    merge_in_the_admin(supervisor_client, one, two, kept=str(one.pk), reason="the same e-mail")
    done = CustomerMerge.objects.get()
    assert (done.kept, done.reason, done.merged_by.username) == (one, "the same e-mail", "supervisor")  # type: ignore[union-attr]
    shown = supervisor_client.get(reverse("admin:customers_customer_change", args=[two.pk])).content.decode()
    assert "merged into" in shown.lower()
    url = reverse("admin:customers_customermerge_changelist")
    supervisor_client.post(url, {"action": "part", ACTION_CHECKBOX_NAME: [str(done.pk)]})
    two.refresh_from_db()
    assert two.merged_into is None


def test_an_auditor_merges_nobody(auditor_client: Client, tiers: dict[str, LoyaltyTier]) -> None:
    one, two = customer("Anna", tiers["gold"], OWN), customer("Ann", None, SHARED)
    merge_in_the_admin(auditor_client, one, two, kept=str(one.pk), reason="-")
    assert not CustomerMerge.objects.exists()
