"""Between two nights a customer whose value changes is measured by the bounds that the last night found."""

from collections.abc import Iterator
from typing import Any

import pytest

from customers import tiering
from customers.models import Customer, DemotionCandidate, SyncRun, TierBound, TierPolicy
from customers.push import applying
from tests.customers.push_standin import standard, tell, telling_crm, told
from tests.customers.tiering.crowd import Crowd, moves

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

VALUES = [4000, 2500, 1500, 800, 500, 300, 200, 100, 60, 40]
GOLD, SILVER, NONE = "gold", "silver", ""


@pytest.fixture
def crowd() -> Crowd:
    """The ten customers of docs/tiers.md: m0 to m9."""
    crowd = Crowd()
    crowd.add_many({"lifetime_value": value, "purchases": 10 - place} for place, value in enumerate(VALUES))
    return crowd


def night(crowd: Crowd, state: str = SyncRun.State.SUCCEEDED, **fields: Any) -> None:
    """A run that reads nobody anew, and ends like this."""
    run = crowd.run(**fields)
    tiering.assign(run)
    SyncRun.objects.filter(pk=run.pk).update(state=state)


def pushed(crowd: Crowd, external_id: str, operation: str = "change", **said: Any) -> tuple[str, str]:
    """What becomes of a customer of whom the CRM says this; of nobody else."""
    run = crowd.run()
    crowd.stage(run, external_id, operation, fields=said)
    tiering.assign_those_read(run)
    assert set(moves(run)) == {external_id}
    return moves(run)[external_id]


@pytest.mark.parametrize(
    ("source", "value", "tier"),
    [
        pytest.param("pareto", 1500, GOLD, id="80 % of the value: the bound is in"),
        pytest.param("pareto", 1499, SILVER, id="80 % of the value: just below"),
        pytest.param("percentile", 100, GOLD, id="80 % of the customers: the bound is in"),
        pytest.param("percentile", 99, SILVER, id="80 % of the customers: just below"),
        pytest.param("percentile", 0, NONE, id="who brings nothing is in no group"),
        pytest.param("percentile", None, NONE, id="who has no value any more is in none either"),
    ],
)
def test_a_changed_value_is_measured_at_once(crowd: Crowd, source: str, value: int | None, tier: str) -> None:
    crowd.policy(source, {GOLD: 80, SILVER: 100})
    night(crowd)
    assert pushed(crowd, "m9", lifetime_value=value) == ("change", tier)


def test_somebody_new_gets_his_tier_at_once(crowd: Crowd) -> None:
    crowd.policy("pareto", {GOLD: 80})
    night(crowd)
    assert pushed(crowd, "new", "create", lifetime_value=9000) == ("create", GOLD)


def test_one_whose_record_says_nothing_of_his_value_keeps_it(crowd: Crowd) -> None:
    crowd.policy("pareto", {GOLD: 80})
    night(crowd)
    Customer.objects.filter(name="m0").update(tier=crowd.tier[GOLD])
    assert pushed(crowd, "m0", "touch", plan="plus") == ("touch", GOLD)


def test_rules_count_at_once(crowd: Crowd) -> None:
    crowd.rule(crowd.policy("rules"), "purchases", "at_least", 50, GOLD)
    assert pushed(crowd, "m9", purchases=50) == ("change", GOLD)


def test_moving_down_waits_for_the_days_of_grace_and_forgets_nobody_else_s(crowd: Crowd) -> None:
    crowd.policy("pareto", {GOLD: 80}, grace_days=14)
    Customer.objects.filter(name__in=["m0", "m9"]).update(tier=crowd.tier[GOLD])
    night(crowd)
    assert [one.customer.name for one in DemotionCandidate.objects.all()] == ["m9"]
    assert pushed(crowd, "m0", lifetime_value=1) == ("change", GOLD)
    assert {one.customer.name for one in DemotionCandidate.objects.all()} == {"m0", "m9"}
    pushed(crowd, "m9", lifetime_value=9000)
    assert {one.customer.name for one in DemotionCandidate.objects.all()} == {"m0"}


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        pytest.param("held", {}, id="a run that is held"),
        pytest.param("declined", {}, id="a run that was declined"),
        pytest.param("succeeded", {"is_dry": True}, id="a preview"),
    ],
)
def test_what_was_not_applied_does_not_stand(crowd: Crowd, state: str, fields: dict[str, Any]) -> None:
    policy = crowd.policy("pareto", {GOLD: 80})
    night(crowd)
    policy.shares.update(percent=10)
    night(crowd, state, **fields)
    run = crowd.run()  # makes all earlier ones succeed
    SyncRun.objects.filter(pk=run.pk - 1).update(state=state)
    crowd.stage(run, "m9", "change", fields={"lifetime_value": 1500})
    tiering.assign_those_read(run)
    assert moves(run)["m9"] == ("change", GOLD)


def test_bounds_of_another_value_do_not_stand(crowd: Crowd) -> None:
    policy = crowd.policy("pareto", {GOLD: 80})
    night(crowd)
    TierPolicy.objects.filter(pk=policy.pk).update(value_field="purchases")
    assert pushed(crowd, "m9", purchases=9000, lifetime_value=9000) == ("change", NONE)


def test_a_bound_that_is_no_whole_number_is_kept_as_it_is(crowd: Crowd) -> None:
    crowd.policy("pareto", {GOLD: 80}, value_field="attribute:score")
    for place in range(3):
        Customer.objects.filter(name=f"m{place}").update(attributes={"score": 1.1 + place / 10})
    night(crowd)
    assert [bound.value for bound in TierBound.objects.all()] == [1.1]
    run = crowd.run()
    for external_id, score in (("m8", 1.1), ("m9", 1.0999999)):
        crowd.stage(run, external_id, "change", attributes={"score": score})
    tiering.assign_those_read(run)
    assert moves(run) == {"m8": ("change", GOLD), "m9": ("change", NONE)}


def test_only_the_bounds_that_stand_are_kept(crowd: Crowd) -> None:
    crowd.policy("pareto", {GOLD: 80, SILVER: 100})
    for _night in range(4):
        night(crowd)
    assert TierBound.objects.count() <= 2 * 2


@pytest.fixture
def telling() -> Iterator[Any]:
    with telling_crm() as running:
        yield running


def test_a_push_moves_him_at_once_and_the_crm_s_word_does_not_count(telling: Any) -> None:
    push = telling.connect()
    policy = TierPolicy.objects.create(connection=push.connection, source="rules", grace_days=0)
    gold, bronze = push.connection.tier_mappings.get(value="gold").tier, "bronze"
    policy.rules.create(field="lifetime_value", operator="at_least", operand="5000", tier=gold)
    for event, worth in (("e1", 10), ("e2", 6000)):
        telling.put("c1", bronze, "+390255501001", lifetime_value=worth)
        body = told("c1")
        tell(push, body, standard(body, event=event))
        applying.sweep(10)
        customer = Customer.objects.get()
        assert (customer.lifetime_value, customer.tier) == (worth, gold if worth == 6000 else None)
