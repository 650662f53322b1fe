"""Whole syncs of CRMs in their own dialects: everything, changes only, who is gone, and faults on the way."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from time import monotonic
from typing import Any

import pytest

from customers import sync
from customers.models import (
    CrmBookmark,
    CrmConnection,
    Customer,
    ExternalIdentity,
    FieldMapping,
    Handle,
    LoyaltyTier,
    SyncRun,
    TierMapping,
)
from tests.customers.vendor_crm import Fault, VendorCrm, serve
from tests.customers.vendor_crm.people import START, TIERS

pytestmark = pytest.mark.django_db

PEOPLE = 110
PHONE = {"salesforce": "Phone", "hubspot": "properties.phone", "dataverse": "telephone1"}
TIER = {"salesforce": "Tier__c", "hubspot": "properties.loyalty_tier", "dataverse": "'gold'"}
PATH = {"dataverse": "/api/data/v9.2"}
LATE = START + timedelta(days=400)


@pytest.fixture
def crm() -> Iterator[VendorCrm]:
    with serve(PEOPLE) as running:
        yield running


def connection(crm: VendorCrm, kind: str, **fields: Any) -> CrmConnection:
    ids = {"salesforce": "Id", "dataverse": "contactid"}
    made = CrmConnection.objects.create(
        **{"name": kind, "slug": kind, "connector": kind, "url": crm.url + PATH.get(kind, ""), "page_size": 25},
        external_id_path=ids.get(kind, "id"),
        options={"fields": "Name, Phone, Tier__c"} if kind == "salesforce" else {},
        **fields,
    )
    for target, expression in (("handle:phone", PHONE[kind]), ("tier", TIER[kind])):
        FieldMapping.objects.create(connection=made, target=target, expression=expression)
    for rank, word in enumerate(TIERS):
        tier = LoyaltyTier.objects.create(name=word.title(), slug=word, rank=rank)
        TierMapping.objects.create(connection=made, value=word, tier=tier)
    return made


def run_of(made: CrmConnection) -> SyncRun:
    """A sync worked to its end; what puts it off does not make the test wait."""
    run = sync.start(CrmConnection.objects.get(pk=made.pk), "manual")
    for _step in range(60):
        sync.step(run.pk, monotonic() + 30)
        SyncRun.objects.filter(pk=run.pk, state="waiting").update(not_before=None)
        run.refresh_from_db()
        if run.state not in SyncRun.UNFINISHED:
            return run
    raise AssertionError(run.state)


@pytest.mark.parametrize("kind", PHONE)
def test_everybody_then_only_what_changed(crm: VendorCrm, kind: str) -> None:
    made = connection(crm, kind)
    first = run_of(made)
    assert (first.state, first.read, first.created) == ("succeeded", PEOPLE, PEOPLE), first.error
    assert {person.phone for person in crm.people} == set(Handle.objects.values_list("value", flat=True))
    for person in crm.people[50:80]:  # what was changed after the first run
        person.phone, person.modified = person.phone[:-1] + "0", first.upper_bound.replace(microsecond=0)
    second = run_of(made)
    assert (second.state, second.created) == ("succeeded", 0), second.error
    assert second.read <= 30
    assert {person.phone for person in crm.people} == set(Handle.objects.values_list("value", flat=True))


@pytest.mark.parametrize("kind", ["salesforce", "dataverse"])
def test_who_was_deleted_in_the_crm_loses_the_tier(crm: VendorCrm, kind: str) -> None:
    made = connection(crm, kind)
    first = run_of(made)
    gone = crm.people[7]
    gone.is_deleted, gone.modified = True, first.upper_bound.replace(microsecond=0)
    second = run_of(made)
    assert (second.state, second.deleted) == ("succeeded", 1), (second.error, second.guards)
    record_id = gone.salesforce_id if kind == "salesforce" else gone.uuid
    assert ExternalIdentity.objects.get(external_id=record_id).customer.tier is None
    assert Customer.objects.filter(tier=None).count() == 1


@pytest.mark.parametrize("kind", PHONE)
def test_faults_on_the_way_lose_and_double_nobody(crm: VendorCrm, kind: str) -> None:
    dice = Random(5)
    bad = [Fault(status=429, headers=(("Retry-After", "1"),)), Fault(status=500), Fault("truncate"), Fault("reset")]
    crm.faults = [dice.choice(bad) if dice.random() < 0.4 else None for _request in range(60)]
    run = run_of(connection(crm, kind))
    assert (run.state, run.read, run.created) == ("succeeded", PEOPLE, PEOPLE), run.error
    assert Customer.objects.count() == PEOPLE


def test_a_bookmark_of_a_run_that_failed_is_not_used(crm: VendorCrm) -> None:
    made = connection(crm, "dataverse")
    first = run_of(made)
    good = CrmBookmark.objects.get().value
    CrmBookmark.objects.create(connection=made, until=first.upper_bound + timedelta(hours=1), value="of a failed run")
    crm.journal.clear()
    run_of(made)
    asked = crm.journal[0]
    assert f"$deltatoken={asked.query['$deltatoken']}".replace("+", "%2B") in good
