"""What a list costs does not grow with its table: as many questions for a dozen rows as for two, and no counting."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contactcenter.audit.models import Event
from customers.admin import people
from customers.models import Customer, CustomerMerge, LoyaltyTier, TierChange
from queues.models import PhoneSystem, Queue
from routing.models import ApiKey, ContactEvent, Decision, Flow, Notification, Number, ProviderAccount

pytestmark = pytest.mark.django_db

FEW, MANY = 2, 12


def queues(place: int) -> Queue:
    system, _made = PhoneSystem.objects.get_or_create(slug=f"pbx-{place % 5}", defaults={"name": f"PBX {place % 5}"})
    slug = f"q{place}"
    return Queue.objects.create(slug=slug, name=slug, phone_system=system, voice_address=f"80{place:03}")


def flows(place: int) -> Flow:
    return Flow.objects.create(slug=f"f{place}", name=f"F{place}", last_path=queues(place))


def accounts(place: int) -> ProviderAccount:
    return ProviderAccount.objects.create(slug=f"a{place}", name=f"A{place}", dialect="native")


def numbers(place: int) -> Number:
    flow = flows(place)
    address = f"+3902555{place:05}"
    return Number.objects.create(
        channel="voice",
        address=address,
        label=address,
        flow=flow,
        default_queue=flow.last_path,
        account=accounts(place),
    )


def keys(place: int) -> ApiKey:
    return ApiKey.objects.create(
        account=accounts(place), label=f"K{place}", prefix=f"cc_{place}", sha256=f"{place:064}"
    )


def customers(place: int) -> Customer:
    slug = f"tier-{place % 7}"
    tier, _made = LoyaltyTier.objects.get_or_create(slug=slug, defaults={"name": slug, "rank": place % 7})
    return Customer.objects.create(name=f"C{place}", tier=tier)


def tier_changes(place: int) -> TierChange:
    return TierChange.objects.create(customer=customers(place), old_tier="silver", new_tier="gold", cause="sync")


def merges(place: int) -> CustomerMerge:
    return CustomerMerge.objects.create(kept=customers(2 * place), absorbed=customers(2 * place + 1))


def decisions(place: int, at: datetime | None = None) -> Decision:
    when, queue = at or timezone.now(), f"q{place}"
    return Decision.objects.create(
        decision_id=f"{place:032}", call_id=f"call-{place}", queue=queue, decided_at=when, document={}
    )


def events(place: int) -> ContactEvent:
    return ContactEvent.objects.create(event_id=f"e{place}", kind="answered", happened_at=timezone.now())


def audit_events(place: int) -> Event:
    return Event.objects.create(action="changed", kind="routing.number", object_id=str(place), seal=f"{place:064}")


def notifications(place: int) -> Notification:
    return Notification.objects.create(key=f"{place}", decision_id=f"{place:032}", due_at=timezone.now(), target="a")


@pytest.mark.parametrize("make", [queues, flows, numbers, accounts, keys], ids=lambda make: make.__name__)
def test_a_list_of_what_is_set_up_asks_no_more_for_many_rows(make: Callable[[int], Any], admin_client: Client) -> None:
    few, many = costs_of(make, admin_client)
    assert len(many) <= len(few)


@pytest.mark.parametrize("make", [customers, tier_changes, merges, decisions, events], ids=lambda make: make.__name__)
def test_a_list_that_grows_by_itself_asks_no_more_and_counts_nothing(
    make: Callable[[int], Any], admin_client: Client
) -> None:
    few, many = costs_of(make, admin_client)
    assert len(many) <= len(few)
    assert [sql for sql in many if "COUNT(" in sql.upper() or "DISTINCT" in sql.upper()] == []


@pytest.mark.parametrize("make", [audit_events, decisions, notifications], ids=lambda make: make.__name__)
def test_a_list_of_one_day_is_ordered_by_the_moments_that_the_day_is_found_by(
    make: Callable[[int], Any], admin_client: Client
) -> None:
    row = make(0)
    page: Any = admin.site._registry[type(row)]
    asked_of_day = asked(admin_client, f"{list_of(row)}?day={timezone.localdate()}")
    assert [sql for sql in asked_of_day if f'"{page.day_field}" DESC' in sql] != []


def test_a_day_is_paged_older_and_newer_without_a_gap(admin_client: Client) -> None:
    noon = timezone.now().replace(hour=12)
    # Shipped late: keys and moments do not run the same way.
    made = [decisions(place, noon - timedelta(seconds=(place * 7) % 120 // 2)) for place in range(120)]
    url = f"{list_of(made[0])}?day={timezone.localdate(noon)}"
    first = page_of(admin_client, url)
    second = page_of(admin_client, f"{url}&p={first[-1].pk}")
    third = page_of(admin_client, f"{url}&p={second[-1].pk}")
    shown = [row.pk for row in (*first, *second, *third)]
    assert shown == list(Decision.objects.order_by("-decided_at", "-pk").values_list("pk", flat=True))
    assert page_of(admin_client, f"{url}&p=-{third[0].pk}") == second


def test_customers_are_looked_for_by_name_before_they_are_put_in_order(admin_client: Client) -> None:
    made = [customers(place) for place in range(3)]
    searched = asked(admin_client, f"{list_of(made[0])}?q=C")
    looked_up = next(sql for sql in searched if " @@ " in sql or "LIKE" in sql)
    assert "ORDER BY" not in looked_up
    assert page_of(admin_client, f"{list_of(made[0])}?q=C") == made[::-1]


def test_a_name_that_too_many_have_is_cut_and_said_to_be(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [customers(place) for place in range(3)]
    url, hint = f"{list_of(made[0])}?q=C", "Type more of the name."
    assert hint not in admin_client.get(url).content.decode()
    monkeypatch.setattr(people, "MOST_FOUND", 2)
    assert hint in admin_client.get(url).content.decode()
    assert len(page_of(admin_client, url)) == 2


def page_of(client: Client, url: str) -> list[Any]:
    found: list[Any] = client.get(url).context["cl"].result_list
    return found


def costs_of(make: Callable[[int], Any], client: Client) -> tuple[list[str], list[str]]:
    """The questions that the list of such things asks, while there are few of them and when there are many."""
    rows = [make(place) for place in range(FEW)]
    url = list_of(rows[0])
    few = asked(client, url)
    for place in range(FEW, MANY):
        make(place)
    return few, asked(client, url)


def list_of(row: Any) -> str:
    """The address of the list that shows it."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_changelist")


def asked(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in queries]
