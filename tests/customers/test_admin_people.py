"""The admin of customers: handles normalised, attributes as fields, overrides signed, found by an address."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contactcenter.accounts.models import User
from contactcenter.foundation.models import Change
from customers.models import AttributeDefinition, Customer, Handle, LoyaltyTier, TierChange, TierOverride

pytestmark = pytest.mark.django_db

ADD = "admin:customers_customer_add"


@pytest.fixture
def gold(db: None) -> LoyaltyTier:
    return LoyaltyTier.objects.create(name="Gold", slug="gold", rank=3)


@pytest.fixture
def maria(gold: LoyaltyTier) -> Customer:
    maria = Customer.objects.create(name="Maria Rossi", tier=gold)
    Handle.objects.create(customer=maria, kind="phone", value="+390212345678")
    Change.objects.all().delete()
    return maria


def form(handles: list[tuple[str, str]] = (), overrides: list[dict[str, str]] = (), **fields: str) -> dict[str, str]:  # type: ignore[assignment]
    data = {"name": "Maria Rossi", **fields}
    read_only: list[str] = []
    for prefix, rows in (
        ("handles", handles),
        ("tier_overrides", overrides),
        ("identities", read_only),
        ("tier_changes", read_only),
    ):
        data |= {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, (kind, value) in enumerate(handles):
        data |= {f"handles-{number}-kind": kind, f"handles-{number}-value": value}
    for number, row in enumerate(overrides):
        data |= {f"tier_overrides-{number}-{name}": value for name, value in row.items()}
    return data


def change(customer: Customer) -> str:
    return reverse("admin:customers_customer_change", args=[customer.pk])


def marked(topic: str = "facts") -> set[str]:
    return set(Change.objects.filter(topic=topic).values_list("key", flat=True))


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        pytest.param("phone", "+39 02 1234-567", "+39021234567", id="a phone number with blanks"),
        pytest.param("phone", "0039 02 1234567", "+39021234567", id="a phone number with two zeros"),
        pytest.param("phone", "\u200e+39021234567\u200f", "+39021234567", id="a phone number with direction marks"),
        pytest.param("email", "Maria@Example.COM", "maria@example.com", id="an e-mail address in capitals"),
        pytest.param("customer_no", " c 10-01 ", "C10-01", id="a customer number with blanks"),
    ],
)
def test_a_handle_is_stored_as_it_is_looked_up(supervisor_client: Client, kind: str, typed: str, stored: str) -> None:
    response = supervisor_client.post(reverse(ADD), form([(kind, typed)]))
    assert response.status_code == 302, response.content.decode()
    assert Handle.objects.get().value == stored
    assert marked() == {f"{kind}:{stored}"}


def test_a_handle_that_nobody_can_call_from_is_refused(supervisor_client: Client) -> None:
    typed = [("phone", "02 1234567"), ("phone", "call me"), ("email", "maria at example")]
    page = supervisor_client.post(reverse(ADD), form(typed)).content.decode()
    assert page.count("This is not") == len(typed)
    assert not Customer.objects.exists()


def test_the_same_number_twice_is_a_clear_error(supervisor_client: Client) -> None:
    response = supervisor_client.post(reverse(ADD), form([("phone", "+39021234567"), ("phone", "+39 02 1234567")]))
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()


def test_saving_a_customer_marks_all_his_handles(supervisor_client: Client, maria: Customer) -> None:
    Handle.objects.create(customer=maria, kind="email", value="maria@example.com")
    Change.objects.all().delete()
    maria.plan = "Business"
    maria.save()
    assert marked() == {"phone:+390212345678", "email:maria@example.com"}


def test_a_changed_handle_marks_its_old_value_too(maria: Customer) -> None:
    handle = Handle.objects.get()
    handle.value = "+390299999999"
    handle.save()
    assert marked() == {"phone:+390212345678", "phone:+390299999999"}


def test_a_deleted_customer_is_forgotten_under_each_handle(maria: Customer) -> None:
    maria.delete()
    assert marked() == {"phone:+390212345678"}


def test_an_override_says_who_set_it_and_is_marked(
    supervisor_client: Client, supervisor: User, maria: Customer, gold: LoyaltyTier
) -> None:
    row = {"tier": str(gold.pk), "reason": "complaint", "starts_at_0": "2026-01-01", "starts_at_1": "09:00"}
    supervisor_client.post(change(maria), form(overrides=[row], tier=str(gold.pk)))
    assert TierOverride.objects.get().created_by == supervisor
    assert marked() == {"phone:+390212345678"}


def test_an_override_keeps_who_set_it_when_another_saves(
    supervisor_client: Client, auditor: User, maria: Customer, gold: LoyaltyTier
) -> None:
    given = TierOverride.objects.create(
        customer=maria, tier=gold, reason="x", starts_at=timezone.now(), created_by=auditor
    )
    data = form(tier=str(gold.pk)) | {"tier_overrides-TOTAL_FORMS": "1", "tier_overrides-INITIAL_FORMS": "1"}
    row = {"id": str(given.pk), "customer": str(maria.pk), "tier": str(gold.pk), "reason": "better words"}
    row |= {"starts_at_0": "2026-01-01", "starts_at_1": "09:00"}
    supervisor_client.post(change(maria), data | {f"tier_overrides-0-{name}": value for name, value in row.items()})
    given.refresh_from_db()
    assert (given.reason, given.created_by) == ("better words", auditor)


def test_a_tier_changed_by_hand_leaves_evidence(supervisor_client: Client, maria: Customer) -> None:
    supervisor_client.post(change(maria), form(tier=""))
    moved = TierChange.objects.get()
    assert (moved.old_tier, moved.new_tier, moved.cause) == ("gold", "", "admin")


@pytest.fixture
def definitions(db: None) -> None:
    for key, kind in (
        ("contract", "text"),
        ("seats", "number"),
        ("pilot", "yes_no"),
        ("renewal", "date"),
        ("debt", "money"),
    ):
        AttributeDefinition.objects.create(key=key, label=key, type=kind)


def test_attributes_are_stored_with_their_types(supervisor_client: Client, maria: Customer, definitions: None) -> None:
    maria.attributes = {"of_old": "kept", "contract": "dropped"}
    maria.save()
    entered: dict[str, Any] = {
        "attribute_contract": "",
        "attribute_seats": "5",
        "attribute_pilot": "no",
        "attribute_renewal": "2027-01-31",
        "attribute_debt": "-120",
    }
    supervisor_client.post(change(maria), form(**entered))
    maria.refresh_from_db()
    stored = {"of_old": "kept", "seats": 5, "pilot": False, "renewal": "2027-01-31", "debt": -120}
    assert maria.attributes == stored
    page = supervisor_client.get(change(maria)).content.decode()
    assert 'value="2027-01-31"' in page
    assert '<option value="no" selected>' in page


def test_an_attribute_of_another_type_is_refused(supervisor_client: Client, maria: Customer, definitions: None) -> None:
    typed = {"attribute_seats": "many", "attribute_renewal": "31 Jan", "attribute_debt": "1.5", "attribute_pilot": "?"}
    response = supervisor_client.post(change(maria), form() | typed)
    assert set(response.context["adminform"].form.errors) == set(typed)
    maria.refresh_from_db()
    assert maria.attributes == {}


def test_an_auditor_reads_attributes_and_saves_nothing(
    auditor_client: Client, maria: Customer, definitions: None
) -> None:
    maria.attributes = {"contract": "fleet"}
    maria.save()
    assert "fleet" in auditor_client.get(change(maria)).content.decode()
    assert auditor_client.post(change(maria), form(name="Mine")).status_code == 403


def test_a_stranger_sees_no_customer(stranger_client: Client, maria: Customer) -> None:
    assert stranger_client.get(change(maria)).status_code == 302
    assert stranger_client.post(change(maria), form(name="Mine")).status_code == 302
    maria.refresh_from_db()
    assert maria.name == "Maria Rossi"


@pytest.mark.parametrize(
    ("term", "found"),
    [
        pytest.param("rossi", True, id="part of the name"),
        pytest.param("+39 02 12345678", True, id="the number as people write it"),
        pytest.param("+39 02 1234567", False, id="part of the number"),
        pytest.param("nobody", False, id="another name"),
    ],
)
def test_a_customer_is_found_by(supervisor_client: Client, maria: Customer, term: str, found: bool) -> None:
    page = supervisor_client.get(reverse("admin:customers_customer_changelist"), {"q": term}).content.decode()
    assert ("Maria Rossi" in page) is found


def test_a_tier_in_use_is_not_deleted_and_the_page_says_where(
    supervisor_client: Client, maria: Customer, gold: LoyaltyTier
) -> None:
    url = reverse("admin:customers_loyaltytier_delete", args=[gold.pk])
    page = supervisor_client.get(url).content.decode()
    assert "is in use and cannot be deleted" in page
    assert "Maria Rossi" in page
    supervisor_client.post(url, {"post": "yes"})
    assert LoyaltyTier.objects.filter(pk=gold.pk).exists()


def test_a_tier_that_nobody_has_is_deleted(supervisor_client: Client, gold: LoyaltyTier) -> None:
    supervisor_client.post(reverse("admin:customers_loyaltytier_delete", args=[gold.pk]), {"post": "yes"})
    assert not LoyaltyTier.objects.exists()


@pytest.mark.portable
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        pytest.param("ros", ["Rossi & Figli", "Anna Rossi"], id="a word that begins so, first or not"),
        pytest.param("anna ros", ["Anna Rossi"], id="both words"),
        pytest.param("O'Neil", ["O'Neil"], id="a name with an apostrophe"),
        pytest.param("عمر", ["عمر"], id="a name in Arabic"),
        pytest.param("!", [], id="nothing that could be a name"),
        pytest.param("ros' | anna:* & (", ["Anna Rossi"], id="signs that a search engine reads are no signs here"),
    ],
)
def test_customers_are_found_by_the_beginnings_of_their_names(
    typed: str, found: list[str], supervisor_client: Client
) -> None:
    for name in ("Anna Rossi", "Bruno Verdi", "O'Neil", "عمر", "Rossi & Figli"):
        Customer.objects.create(name=name)
    answer = supervisor_client.get(reverse("admin:customers_customer_changelist"), {"q": typed})
    assert [customer.name for customer in answer.context["cl"].result_list] == found
