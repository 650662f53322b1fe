"""An override counts to the second on calls, and its start and end are written down, each once."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from customers.facts import document
from customers.models import Customer, Handle, TierChange, TierOverride
from customers.tiering import overrides
from customers.tiers import tier_at
from tests.customers.test_admin_people import change, form
from tests.customers.tiering.crowd import Crowd

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def crowd() -> Crowd:
    return Crowd()


@pytest.fixture
def someone(crowd: Crowd) -> Customer:
    """A bronze customer with a phone number."""
    someone = crowd.add("someone", "bronze", lifetime_value=700)
    Handle.objects.create(customer=someone, kind="phone", value="+390255501001")
    return someone


def override(crowd: Crowd, who: Customer, tier: str, start: datetime, end: datetime | None = None) -> TierOverride:
    return TierOverride.objects.create(customer=who, tier=crowd.tier[tier], reason="VIP", starts_at=start, ends_at=end)


def history() -> list[tuple[str, str, str, datetime]]:
    rows = TierChange.objects.order_by("changed_at", "pk")
    return [(row.cause, row.old_tier, row.new_tier, row.changed_at) for row in rows]


def test_the_decide_plane_follows_it_to_the_second(crowd: Crowd, someone: Customer) -> None:
    start = timezone.now().replace(microsecond=0) + HOUR
    override(crowd, someone, "platinum", start, start + HOUR)
    facts = document("phone:+390255501001")
    assert facts is not None
    moments = [start - SECOND, start, start + HOUR - SECOND, start + HOUR]
    assert [tier_at(facts, moment) for moment in moments] == ["bronze", "platinum", "platinum", "bronze"]


def test_start_and_end_are_recorded_when_they_were(crowd: Crowd, someone: Customer) -> None:
    start = timezone.now() - 3 * HOUR
    override(crowd, someone, "gold", start, start + HOUR)
    assert overrides.record(start - SECOND) == 0
    assert overrides.record(start) == 1
    assert overrides.record(start + HOUR) == 1
    assert overrides.record(timezone.now()) == 0
    assert history() == [
        ("override", "bronze", "gold", start),
        ("expiry", "gold", "bronze", start + HOUR),
    ]


def test_a_job_that_comes_late_records_both(crowd: Crowd, someone: Customer) -> None:
    start = timezone.now() - 3 * HOUR
    override(crowd, someone, "gold", start, start + HOUR)
    assert overrides.record(timezone.now()) == 2
    assert [row[:3] for row in history()] == [("override", "bronze", "gold"), ("expiry", "gold", "bronze")]


def test_an_override_over_an_override(crowd: Crowd, someone: Customer) -> None:
    start = timezone.now() - 5 * HOUR
    override(crowd, someone, "gold", start)
    override(crowd, someone, "platinum", start + HOUR, start + 2 * HOUR)
    overrides.record(timezone.now())
    assert [row[:3] for row in history()] == [
        ("override", "bronze", "gold"),
        ("override", "gold", "platinum"),
        ("expiry", "platinum", "gold"),
    ]


def test_one_that_makes_no_difference_leaves_no_change(crowd: Crowd, someone: Customer) -> None:
    override(crowd, someone, "bronze", timezone.now() - HOUR)
    assert overrides.record(timezone.now()) == 0
    assert history() == []


def test_taking_one_away_is_recorded(crowd: Crowd, someone: Customer) -> None:
    now = timezone.now()
    gone, future = override(crowd, someone, "gold", now - HOUR), override(crowd, someone, "gold", now + HOUR)
    for each in (gone, future):
        each.delete()
        overrides.removed(each, now)
    assert history() == [("override", "gold", "bronze", now)]


def test_an_objection_takes_tier_and_value_from_the_facts(crowd: Crowd, someone: Customer) -> None:
    override(crowd, someone, "gold", timezone.now() - HOUR)
    Customer.objects.filter(pk=someone.pk).update(
        objects_to_profiling=True, language="it", account_manager="anna-rossi", attributes={"points": 7}, plan="pro"
    )
    assert document("phone:+390255501001") == {
        "v": 1,
        "customer": str(someone.pk),
        "language": "it",
        "objects_to_profiling": True,
    }


def test_an_objection_is_recorded_and_so_is_its_end(someone: Customer) -> None:
    for objects in (True, False):
        someone.objects_to_profiling = objects
        overrides.objection_changed(someone)
    assert [row[:3] for row in history()] == [("objection", "bronze", ""), ("objection", "", "bronze")]


def test_an_override_of_one_who_objects_changes_nothing(crowd: Crowd, someone: Customer) -> None:
    Customer.objects.filter(pk=someone.pk).update(objects_to_profiling=True)
    override(crowd, someone, "gold", timezone.now() - HOUR)
    assert overrides.record(timezone.now()) == 0


def test_the_page_of_a_customer_records_his_objection(supervisor_client: Client, someone: Customer) -> None:
    supervisor_client.post(change(someone), form(tier=str(someone.tier_id), objects_to_profiling="on"))
    facts = document("phone:+390255501001")
    assert facts is not None
    assert facts["objects_to_profiling"] is True
    assert [row[:3] for row in history()] == [("objection", "bronze", "")]


def test_the_page_of_a_customer_records_an_override_taken_away(
    crowd: Crowd, supervisor_client: Client, someone: Customer
) -> None:
    given = override(crowd, someone, "gold", timezone.now() - HOUR)
    row = {"id": given.pk, "customer": someone.pk, "tier": given.tier_id, "reason": "VIP", "DELETE": "on"}
    row |= {"starts_at_0": "2026-01-01", "starts_at_1": "09:00"}
    data = form(tier=str(someone.tier_id)) | {"tier_overrides-TOTAL_FORMS": "1", "tier_overrides-INITIAL_FORMS": "1"}
    supervisor_client.post(change(someone), data | {f"tier_overrides-0-{name}": str(row[name]) for name in row})
    assert not TierOverride.objects.exists()
    assert [row[:3] for row in history()] == [("override", "gold", "bronze")]
