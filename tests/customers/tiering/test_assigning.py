"""Tiers for everybody whom a CRM knows: the staged rows of a run say them before anything is altered."""

from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from django.utils import timezone

from customers.crm.mapping import BadMapping
from customers.models import AttributeDefinition, Customer, DemotionCandidate, ExternalIdentity, StagedRecord
from customers.tiering import assign, curve, pareto, percentile
from customers.tiering.groups import groups
from customers.tiering.policies import cut, rules_of, value_column
from customers.tiering.population import stored
from customers.tiering.rules import NO_TIER, first_that_fits
from tests.customers.tiering.crowd import Crowd, moves
from tests.customers.tiering.test_definitions import TEN

pytestmark = [pytest.mark.django_db, pytest.mark.portable]


@pytest.fixture
def crowd() -> Crowd:
    return Crowd()


def ten(crowd: Crowd, tier: str = "") -> None:
    """The ten customers of docs/tiers.md, c0 the best."""
    for place, value in enumerate(TEN):
        crowd.add(f"c{place}", tier, lifetime_value=value)


def test_pareto_gives_the_tier_to_the_smallest_group(crowd: Crowd) -> None:
    ten(crowd)
    crowd.policy("pareto", {"gold": 80}, otherwise=crowd.tier["bronze"])
    run = crowd.run()
    assign(run)
    gold = {external_id for external_id, (_, tier) in moves(run).items() if tier == "gold"}
    assert gold == {"c0", "c1", "c2"}
    assert set(moves(run).values()) == {("change", "gold"), ("change", "bronze")}
    assert not Customer.objects.exclude(tier=None).exists()  # nothing is altered before it is judged


def test_shares_of_several_tiers_include_those_above(crowd: Crowd) -> None:
    ten(crowd)
    crowd.policy("percentile", {"platinum": 10, "gold": 20, "silver": 50})
    run = crowd.run()
    assign(run)
    named = [moves(run).get(f"c{place}", ("", ""))[1] for place in range(10)]
    assert named == ["platinum", "gold", "silver", "silver", "silver", "", "", "", "", ""]


def test_what_the_run_brings_counts_before_it_is_applied(crowd: Crowd) -> None:
    ten(crowd)
    crowd.policy("percentile", {"gold": 10})
    run = crowd.run()
    crowd.stage(run, "c9", "change", fields={"lifetime_value": 9000})
    crowd.stage(run, "new", "create", fields={"lifetime_value": 8000})
    crowd.stage(run, "c1", "change", fields={"lifetime_value": None})
    crowd.stage(run, "c0")
    assign(run)
    assert moves(run) == {
        "c9": ("change", "gold"),
        "new": ("create", ""),
        "c1": ("change", ""),
        "c0": ("unchanged", ""),
    }


def test_a_row_of_the_run_becomes_a_change_and_others_get_a_row(crowd: Crowd) -> None:
    crowd.add("up", "bronze", lifetime_value=1000)
    crowd.add("touched", "gold", lifetime_value=10)
    crowd.add("not read", "gold", lifetime_value=20)
    crowd.add("stays", "gold", lifetime_value=1000)
    policy = crowd.policy("rules")
    crowd.rule(policy, "lifetime_value", "at_least", 1000, "gold")
    run = crowd.run()
    crowd.stage(run, "up", "unchanged")
    crowd.stage(run, "touched", "touch")
    assign(run)
    assert moves(run) == {"up": ("change", "gold"), "touched": ("change", ""), "not read": ("change", "")}
    row = StagedRecord.objects.get(external_id="not read")
    assert (row.old_tier, row.customer.name, row.mapped, row.fingerprint) == (crowd.tier["gold"], "not read", {}, "")  # type: ignore[union-attr]


def test_called_again_it_comes_to_the_same(crowd: Crowd) -> None:
    ten(crowd, "gold")
    crowd.policy("pareto", {"gold": 80}, grace_days=3)
    run = crowd.run()
    crowd.stage(run, "c0")
    assign(run)
    before, since = moves(run), list(DemotionCandidate.objects.values_list("customer", "since"))
    assign(run)
    assert (moves(run), list(DemotionCandidate.objects.values_list("customer", "since"))) == (before, since)


def test_without_a_policy_the_word_of_the_crm_stands(crowd: Crowd) -> None:
    crowd.add("c0", "gold", lifetime_value=1)
    run = crowd.run()
    row = crowd.stage(run, "c0", "change")
    StagedRecord.objects.filter(pk=row.pk).update(new_tier=crowd.tier["silver"])
    assign(run)
    crowd.policy("direct", {"gold": 80})
    assign(run)
    assert moves(run) == {"c0": ("change", "silver")}


def test_who_is_gone_from_the_crm_is_neither_counted_nor_moved(crowd: Crowd) -> None:
    ten(crowd)
    ExternalIdentity.objects.filter(external_id="c0").update(missing_since=timezone.now())
    crowd.policy("percentile", {"gold": 12})
    run = crowd.run()
    crowd.stage(run, "c1", "delete")
    assign(run)
    assert moves(run) == {"c1": ("delete", ""), "c2": ("change", "gold")}


def test_another_crm_has_customers_of_its_own(crowd: Crowd) -> None:
    ten(crowd)
    Customer.objects.create(name="elsewhere", lifetime_value=10**9)
    crowd.policy("percentile", {"gold": 10})
    run = crowd.run()
    assign(run)
    assert moves(run) == {"c0": ("change", "gold")}


def test_nothing_to_move_writes_nothing(crowd: Crowd) -> None:
    crowd.add("c0", "gold", lifetime_value=1)
    crowd.policy("pareto", {"gold": 100})
    run = crowd.run()
    crowd.stage(run, "c0")
    assign(run)
    assert moves(run) == {"c0": ("unchanged", "gold")}


def test_who_objects_to_profiling_is_neither_ranked_nor_moved(crowd: Crowd) -> None:
    crowd.add("objects", "silver", lifetime_value=10**6, objects_to_profiling=True)
    crowd.add("next", lifetime_value=10)
    crowd.policy("percentile", {"gold": 50})
    run = crowd.run()
    crowd.stage(run, "objects", "unchanged")
    assign(run)
    assert moves(run) == {"objects": ("unchanged", "silver"), "next": ("change", "gold")}


# Hysteresis and grace


def test_who_is_in_stays_within_the_margin(crowd: Crowd) -> None:
    crowd.add("in", "gold", lifetime_value=950)
    crowd.add("out", "silver", lifetime_value=950)
    policy = crowd.policy("rules", margin_percent=5)
    crowd.rule(policy, "lifetime_value", "at_least", 1000, "gold")
    crowd.rule(policy, "lifetime_value", "at_least", 100, "silver")
    run = crowd.run()
    assign(run)
    assert moves(run) == {}


def test_who_is_below_moves_when_the_days_of_grace_are_over(crowd: Crowd) -> None:
    someone = crowd.add("falls", "gold", lifetime_value=10)
    crowd.rule(crowd.policy("rules", grace_days=14), "lifetime_value", "at_least", 1000, "gold")
    run = crowd.run()
    assign(run)
    assert moves(run) == {}
    candidate = DemotionCandidate.objects.get()
    assert (candidate.customer, candidate.tier) == (someone, None)
    assert timezone.now() - candidate.since < timedelta(minutes=1)

    below_for(timedelta(days=13, hours=23))
    run = crowd.run()
    assign(run)
    assert moves(run) == {}

    below_for(timedelta(days=14))
    run = crowd.run()
    assign(run)
    assert moves(run) == {"falls": ("change", "")}


def below_for(time: timedelta) -> None:
    DemotionCandidate.objects.update(since=timezone.now() - time)


def test_who_has_recovered_begins_anew(crowd: Crowd) -> None:
    someone = crowd.add("wavers", "gold", lifetime_value=10)
    crowd.rule(crowd.policy("rules", grace_days=14), "lifetime_value", "at_least", 1000, "gold")
    assign(crowd.run())
    below_for(timedelta(days=30))
    Customer.objects.filter(pk=someone.pk).update(lifetime_value=1000)
    assign(crowd.run())
    assert not DemotionCandidate.objects.exists()
    Customer.objects.filter(pk=someone.pk).update(lifetime_value=10)
    run = crowd.run()
    assign(run)
    assert moves(run) == {}


def test_moving_up_needs_no_grace(crowd: Crowd) -> None:
    crowd.add("rises", "silver", lifetime_value=1000)
    crowd.rule(crowd.policy("rules", grace_days=14), "lifetime_value", "at_least", 1000, "gold")
    run = crowd.run()
    assign(run)
    assert moves(run) == {"rises": ("change", "gold")}


def test_a_dry_run_notes_nobody(crowd: Crowd) -> None:
    crowd.add("falls", "gold", lifetime_value=10)
    crowd.rule(crowd.policy("rules", grace_days=14), "lifetime_value", "at_least", 1000, "gold")
    run = crowd.run(is_dry=True)
    assign(run)
    assert (moves(run), DemotionCandidate.objects.count()) == ({}, 0)


def test_without_grace_nobody_waits(crowd: Crowd) -> None:
    crowd.add("falls", "gold", lifetime_value=10)
    policy = crowd.policy("rules", grace_days=14)
    crowd.rule(policy, "lifetime_value", "at_least", 1000, "gold")
    assign(crowd.run())
    policy.grace_days = 0
    policy.save()
    run = crowd.run()
    assign(run)
    assert moves(run) == {"falls": ("change", "")}
    assert not DemotionCandidate.objects.exists()


def test_a_rule_that_cannot_be_read_any_more_ends_the_run_with_words(crowd: Crowd) -> None:
    crowd.rule(crowd.policy("rules"), "attribute:points", "at_least", "many", "gold")
    AttributeDefinition.objects.create(key="points", label="points", type="number")
    with pytest.raises(BadMapping, match="this tier rule cannot be read any more"):
        assign(crowd.run())


# The same as the definitions


@pytest.mark.parametrize("field", ["lifetime_value", "purchases", "attribute:points"])
@pytest.mark.parametrize(
    ("source", "definition"),
    [("percentile", percentile.bound_of), ("pareto", pareto.bound_of)],
    ids=["percentile", "pareto"],
)
def test_the_database_finds_what_the_definition_says(crowd: Crowd, source: str, definition: object, field: str) -> None:
    chance, key = Random(field), field.removeprefix("attribute:")
    held = [chance.choice([None, 0, chance.randint(1, 30), chance.randint(1, 5000)]) for _ in range(120)]
    crowd.add_many({} if value is None else _having(field, key, value) for value in held)
    policy = crowd.policy(source, value_field=field)
    percents = (1, Decimal("7.25"), 20, 50, 80, Decimal("99.99"), 100)
    population = stored(crowd.connection.pk, [value_column(policy)])
    found = curve.read(population, [cut(policy, percent) for percent in percents]).groups
    assert [group and group.bound for group in found] == [definition(groups(held), percent) for percent in percents]  # type: ignore[operator]
    for group in found:
        assert group is not None
        inside = [value for value in held if value is not None and value >= group.bound]
        assert (group.customers, group.worth) == (len(inside), sum(inside))


def _having(field: str, key: str, value: int) -> dict[str, object]:
    return {key: value} if field == key else {"attributes": {key: value}}


def test_the_database_applies_rules_as_the_definition_says(crowd: Crowd) -> None:
    for key, kind in [("vip", "yes_no"), ("segment", "text"), ("score", "number")]:
        AttributeDefinition.objects.create(key=key, label=key, type=kind)
    policy = crowd.policy("rules", margin_percent=10)
    for field, operator, operand, tier in [
        ("attribute:vip", "is", "yes", "platinum"),
        ("attribute:score", "at_least", 2.5, "gold"),
        ("category", "is", "retail", "silver"),
        ("purchases", "at_most", 3, "bronze"),
        ("attribute:segment", "is", "7", "silver"),
    ]:
        crowd.rule(policy, field, operator, operand, tier)
    people: list[dict[str, object]] = []
    chance, known, rank_of = Random(5), {}, {slug: tier.rank for slug, tier in crowd.tier.items()}
    for place in range(150):
        attributes = {
            "vip": chance.choice([True, False, None]),
            "segment": chance.choice(["7", "8", "yes"]),
            "score": chance.choice([2.2, 2.25, 2.5, 3, "3", None]),
        }
        fields = {"category": chance.choice(["", "retail", "Retail"]), "purchases": chance.choice([None, 0, 3, 4])}
        tier = chance.choice(["", *crowd.tier])
        people.append({"tier": crowd.tier.get(tier), "attributes": attributes, **fields})
        known[f"m{place}"] = (tier, {**fields, **{f"attribute:{key}": value for key, value in attributes.items()}})
    crowd.add_many(people)
    run = crowd.run()
    assign(run)
    rules, expected = rules_of(policy), {}
    for external_id, (tier, values) in known.items():
        found = first_that_fits(rules, values, rank_of.get(tier, NO_TIER), policy.margin_percent)
        slug = next((slug for slug, rank in rank_of.items() if found and rank == found.rank), "")
        if slug != tier:
            expected[external_id] = ("change", slug)
    assert moves(run) == expected
    assert len(expected) > 30
