"""What a list costs does not grow with its table: as many questions for a hundred rows as for two, and no counting."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, CustomerMerge, LoyaltyTier, TierChange
from queues.models import PhoneSystem, Queue
from routing.models import ApiKey, ContactEvent, Decision, Flow, Number, ProviderAccount

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

FEW, MANY = 2, 60


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


def decisions(place: int) -> Decision:
    return Decision.objects.create(
        decision_id=f"{place:032}", call_id=f"call-{place}", queue=f"q{place}", decided_at=timezone.now(), document={}
    )


def events(place: int) -> ContactEvent:
    return ContactEvent.objects.create(event_id=f"e{place}", kind="answered", happened_at=timezone.now())


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
    assert [sql for sql in many if "COUNT(" in sql.upper()] == []


def costs_of(make: Callable[[int], Any], client: Client) -> tuple[list[str], list[str]]:
    """The questions that the list of such things asks, while there are few of them and when there are many."""
    rows = [make(place) for place in range(FEW)]
    meta = rows[0]._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    few = asked(client, url)
    for place in range(FEW, MANY):
        make(place)
    return few, asked(client, url)


def asked(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in queries]
