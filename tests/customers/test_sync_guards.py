"""A run that would alter too much is held: nothing is altered until a person has decided."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers import judging, reading, runs, sync
from customers.models import (
    AttributeDefinition,
    Customer,
    ExternalIdentity,
    FieldMapping,
    Handle,
    LoyaltyTier,
    Safeguards,
    StagedRecord,
    SyncRun,
    TierChange,
)
from tests.customers.crm_standin import Fault, Standin, connect, page, run_to_end, standin, work

pytestmark = pytest.mark.django_db

CUSTOMERS = 200
Records = list[dict[str, Any]]


def records(count: int = CUSTOMERS, **changes: Any) -> Records:
    """Customers of a list that a test writes itself: all gold."""
    return [
        {"id": f"A-{n:04d}", "name": f"Customer {n}", "plan": "plus", "loyalty": {"status": "gold"}}
        | {"phones": [{"number": f"+39025550{n:04d}"}]}
        | changes
        for n in range(count)
    ]


def altered(number: int, **changes: Any) -> Records:
    """The same customers, the first `number` of them with other values."""
    return [record | changes if place < number else record for place, record in enumerate(records())]


@pytest.fixture
def crm() -> Iterator[Standin]:
    with standin() as running:
        running.faults = [page(records())]
        yield running


def everything() -> list[Any]:
    """What a sync may alter, as it stands."""
    people = Customer.objects.order_by("pk").values_list("pk", "name", "tier", "plan", "updated_at")
    known = ExternalIdentity.objects.order_by("pk").values_list("pk", "fingerprint", "missing_since")
    return [*people, *known, *Handle.objects.order_by("pk").values_list("pk", "value"), TierChange.objects.count()]


def tripped(run: SyncRun) -> list[str]:
    """The names of the safeguards that hold the run."""
    return [one["name"] for one in run.guards or []]


def planned(run: SyncRun, kind: str) -> int:
    """How many of that kind the run would do."""
    return int((run.planned or {})[kind])


def without_plan() -> Records:
    return [{name: value for name, value in record.items() if name != "plan"} for record in records()]


TOO_MUCH = {
    "tier_lost": altered(60, loyalty={}),
    "tier_changed": altered(80, loyalty={"status": "silver"}),
    "deleted": records(175),
    "rejected": altered(20, phones=[{"number": "x"}]),
    "read": records(150),
    "nothing": [],
    "emptied": without_plan(),
}
"""Of 200 customers, by the guard that holds it. Nothing is altered: the next case finds them as they were."""


def test_a_guard_that_trips_holds_the_run_and_nothing_is_altered(crm: Standin) -> None:
    connection = connect(crm.url)
    assert run_to_end(connection).state == "succeeded"
    before = everything()
    connection.refresh_from_db()
    reached = connection.synced_until
    for guard, next_page in TOO_MUCH.items():
        crm.faults = [page(next_page)]
        run = run_to_end(connection)
        assert (run.state, guard in tripped(run)) == ("held", True), run.guards
        assert everything() == before, guard
        connection.refresh_from_db()
        assert connection.synced_until == reached, guard


@pytest.mark.parametrize(
    "next_page",
    [
        pytest.param(lambda: altered(9, loyalty={}), id="a few lose their tier"),
        pytest.param(lambda: altered(19, phones=[{"number": "x"}]), id="a few cannot be used"),
        pytest.param(lambda: records(197), id="a few are gone"),
        pytest.param(lambda: altered(60, loyalty={"status": "silver"}), id="60 of 200 change tier, the limit itself"),
        pytest.param(lambda: altered(40, plan=""), id="a field is empty for 20 of 100, the limit itself"),
    ],
)
def test_a_run_below_every_limit_is_applied(crm: Standin, next_page: Callable[[], Records]) -> None:
    connection = connect(crm.url)
    run_to_end(connection)
    crm.faults = [page(next_page())]
    run = run_to_end(connection)
    assert (run.state in SyncRun.GOOD, run.guards) == (True, [])


RARE = {"account_manager": "mario", "lifetime_value": 900_000, "key_account": "yes", "vip_mail": "a@example.net"}


def test_a_field_that_few_customers_have_is_missed_as_well(crm: Standin) -> None:
    connection = connect(crm.url)
    AttributeDefinition.objects.create(key="key_account", label="Key account", type="text")
    for new, expression in {"attribute:key_account": "key_account", "handle:email": "vip_mail"}.items():
        FieldMapping.objects.create(connection=connection, target=new, expression=expression)
    crm.faults = [page(altered(30, **RARE))]
    assert run_to_end(connection).state == "succeeded"
    for target in ("account_manager", "lifetime_value", "attribute:key_account", "handle:email"):
        mapping = FieldMapping.objects.filter(target=target)
        expression = mapping.get().expression
        mapping.update(expression="renamed")
        crm.faults = [page(altered(30, **RARE))]
        guards = run_to_end(connection).guards or []
        assert [(one["field"], one["count"], one["of"]) for one in guards] == [(target, 30, 30)], "of 200 customers"
        mapping.update(expression=expression)


def test_a_connection_may_have_limits_of_its_own(crm: Standin) -> None:
    connection = connect(crm.url)
    Safeguards.objects.create(connection=connection, tier_changed_percent=5)
    run_to_end(connection)
    crm.faults = [page(altered(20, loyalty={"status": "silver"}))]
    assert tripped(run_to_end(connection)) == ["tier_changed"]


@pytest.fixture
def held(crm: Standin) -> SyncRun:
    connection = connect(crm.url)
    run_to_end(connection)
    crm.faults = [page(altered(80, loyalty={"status": "silver"}, plan="basic"))]
    return run_to_end(connection)


def test_approving_applies_exactly_what_was_shown(held: SyncRun, supervisor_client: Client) -> None:
    shown = set(
        StagedRecord.objects.filter(judging.MOVES, run=held).values_list("customer", "old_tier__slug", "new_tier__slug")
    )
    assert len(shown) == 80
    supervisor_client.post(decision(held, "approve"), {"reason": "The programme was closed, as announced."})
    assert work(held).state == "succeeded"
    moved = set(TierChange.objects.filter(run=held).values_list("customer", "old_tier", "new_tier"))
    assert moved == shown
    held.refresh_from_db()
    assert (held.changed, held.tier_changes) == (80, 80)
    assert Customer.objects.filter(tier__slug="silver", plan="basic").count() == 80
    assert (held.decided_by is not None, held.decision_reason) == (True, "The programme was closed, as announced.")


def decision(run: SyncRun, word: str) -> str:
    return reverse(f"admin:customers_syncrun_{word}", args=[run.pk])


def test_declining_alters_nothing_the_next_run_looks_again_and_it_is_decided_once(
    held: SyncRun, supervisor_client: Client
) -> None:
    before = everything()
    supervisor_client.post(decision(held, "decline"), {"reason": "A mistake in the CRM"})
    held.refresh_from_db()
    assert (held.state, sync.step(held.pk, 1e12), everything()) == ("declined", None, before)
    with pytest.raises(runs.NotPossible):
        runs.approve(held, by=None, reason="yes")


def test_nobody_decides_without_a_reason_or_without_the_permission(
    held: SyncRun, supervisor_client: Client, auditor_client: Client, stranger_client: Client
) -> None:
    said = supervisor_client.post(decision(held, "approve"), {"reason": "  "}, follow=True).content.decode()
    assert "Write a reason" in said
    for word in ("approve", "decline"):
        assert stranger_client.post(decision(held, word), {"reason": "because"}).status_code == 302
        assert auditor_client.post(decision(held, word), {"reason": "because"}).status_code == 403
    held.refresh_from_db()
    assert held.state == "held"


def test_a_held_run_expires_when_the_next_one_starts(crm: Standin, held: SyncRun) -> None:
    crm.faults = [page(records())]
    run = run_to_end(held.connection)
    held.refresh_from_db()
    assert (held.state, run.state) == ("expired", "succeeded")
    assert not StagedRecord.objects.filter(run=held).exists()
    with pytest.raises(runs.NotPossible):
        runs.approve(held, by=None, reason="too late")


def test_a_dry_run_says_what_it_would_do_and_alters_nothing(crm: Standin) -> None:
    connection = connect(crm.url)
    run_to_end(connection)
    before = everything()
    crm.faults = [page(altered(30, loyalty={"status": "platinum"}))]
    run = sync.start(connection, SyncRun.Trigger.MANUAL, is_dry=True)
    assert work(run).state == "previewed"
    assert (planned(run, "tier_changed"), everything()) == (30, before)
    crm.faults = [page(altered(30, loyalty={"status": "platinum"}))]
    assert run_to_end(connection).tier_changes == 30, "a preview does not stand in the way"


def test_who_is_gone_is_noted_first_and_loses_the_tier_the_second_time_but_is_never_deleted(crm: Standin) -> None:
    connection = connect(crm.url)
    run_to_end(connection)
    gold = LoyaltyTier.objects.get(slug="gold")
    for tier, deleted in ((gold, 2), (None, 2), (None, 0)):
        crm.faults = [page(records(198))]
        run = run_to_end(connection)
        assert (run.state, run.deleted, run.read) == ("succeeded", deleted, 198)
        gone = Customer.objects.get(identities__external_id="A-0199")
        assert (gone.tier, Customer.objects.count()) == (tier, CUSTOMERS)
    crm.faults = [page(records())]
    assert run_to_end(connection).changed == 2
    gone.refresh_from_db()
    assert (gone.tier, ExternalIdentity.objects.filter(missing_since__isnull=False).exists()) == (gold, False)


def test_who_is_gone_keeps_the_tier_where_the_policy_says_so(crm: Standin) -> None:
    connection = connect(crm.url)
    Safeguards.objects.create(connection=connection, when_gone="keep")
    for count in (CUSTOMERS, 198, 198):
        crm.faults = [page(records(count))]
        run_to_end(connection)
    assert not Customer.objects.filter(tier__isnull=True).exists()


def test_who_is_gone_from_one_crm_but_known_from_another_keeps_the_tier(crm: Standin) -> None:
    connection = connect(crm.url)
    run_to_end(connection)
    other = type(connection).objects.create(name="Other", slug="other", url=crm.url)
    gone = Customer.objects.get(identities__external_id="A-0199")
    ExternalIdentity.objects.create(connection=other, external_id="7", customer=gone)
    for _ in range(2):
        crm.faults = [page(records(199))]
        run_to_end(connection)
    gone.refresh_from_db()
    assert gone.tier is not None


def test_a_read_that_was_not_complete_takes_nobody_for_gone(crm: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connect(crm.url)
    run_to_end(connection)
    original = reading.fetch
    monkeypatch.setattr(reading, "fetch", lambda run: _incomplete(original(run)))
    crm.faults = [page(records(198))]
    run = run_to_end(connection)
    assert (run.state, planned(run, "delete")) == ("succeeded", 0)


def _incomplete(fetched: Any) -> Any:
    return type(fetched)(fetched.records, fetched.next_cursor, fetched.expected, complete=False)


def test_a_read_that_broke_off_takes_nobody_for_gone(crm: Standin) -> None:
    connection = connect(crm.url)
    run_to_end(connection)
    crm.faults = [page(records(100), "more"), Fault(404)]
    assert run_to_end(connection).state == "failed"
    assert not ExternalIdentity.objects.filter(missing_since__isnull=False).exists()


def test_a_mapping_that_finds_nothing_any_more_is_named(crm: Standin) -> None:
    connection = connect(crm.url)
    run_to_end(connection)
    FieldMapping.objects.filter(target="plan").update(expression="renamed")
    crm.faults = [page(records())]
    run = run_to_end(connection)
    assert (run.state, [one["field"] for one in run.guards or []]) == ("held", ["plan"])
