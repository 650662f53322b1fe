"""Tier policies in the admin: the curve, what a form refuses, and computing tiers by hand."""

from collections.abc import Sequence
from decimal import Decimal
from time import monotonic
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers import runs, sync
from customers.models import Customer, LoyaltyTier, SyncRun, TierChange, TierPolicy, TierRule
from customers.tiering.fields import COLUMNS
from tests.customers.tiering.crowd import Crowd, moves
from tests.customers.tiering.test_definitions import TEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def crowd() -> Crowd:
    """The ten customers of docs/tiers.md."""
    crowd = Crowd()
    for place, value in enumerate(TEN):
        crowd.add(f"c{place}", lifetime_value=value * 100)
    return crowd


def page(policy: TierPolicy, view: str = "change") -> str:
    return reverse(f"admin:customers_tierpolicy_{view}", args=[policy.pk])


def form(
    policy: TierPolicy, shares: Sequence[tuple[LoyaltyTier, object]], rules: list[dict[str, Any]]
) -> dict[str, Any]:
    """The form of `policy` with these rows, all of them new."""
    sent = {
        "connection": policy.connection_id,
        "source": policy.source,
        "value_field": "lifetime_value",
        "margin_percent": 5,
        "grace_days": 14,
        "shares-TOTAL_FORMS": len(shares),
        "shares-INITIAL_FORMS": 0,
        "rules-TOTAL_FORMS": len(rules),
        "rules-INITIAL_FORMS": 0,
    }
    for place, (tier, percent) in enumerate(shares):
        sent |= {f"shares-{place}-tier": tier.pk, f"shares-{place}-percent": percent}
    for place, rule in enumerate(rules):
        sent |= {f"rules-{place}-{name}": value for name, value in {"position": 10, **rule}.items()}
    return sent


def drawn(client: Client, url: str, sent: dict[str, Any]) -> str:
    answer = client.post(url, sent, headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_draws_the_curve_with_its_cut_offs(crowd: Crowd, supervisor_client: Client) -> None:
    policy = crowd.policy("pareto", {"platinum": 40, "gold": 80}, otherwise=crowd.tier["bronze"])
    text = supervisor_client.get(page(policy)).content.decode()
    assert "The best 30 % of the customers (3 of 10) bring 80 % of the value." in text
    assert text.count('<circle class="mark"') == 2
    assert "<title" in text.partition("<svg")[2].partition("<polyline")[0]
    cells = text.partition("<caption>Who would be")[2].partition("</table>")[0]
    assert '<th scope="row">Gold</th><td>80 %</td><td>1,500.00</td><td>2</td><td>30 %</td><td>80 %</td>' in cells
    assert '<th scope="row">Bronze</th><td></td><td></td><td>7</td>' in cells


def test_the_curve_follows_the_form_without_saving(crowd: Crowd, supervisor_client: Client) -> None:
    policy = crowd.policy("pareto", {"gold": 80})
    sent = form(policy, [(crowd.tier["gold"], 81)], [])
    text = drawn(supervisor_client, page(policy, "curve"), sent | {"source": "percentile"})
    assert "<td>81 %</td><td>60.00</td><td>9</td>" in text
    assert "<html" not in text
    policy.refresh_from_db()
    assert (policy.source, policy.shares.get().percent) == ("pareto", Decimal(80))


def test_a_new_policy_can_be_drawn_before_it_is_saved(crowd: Crowd, supervisor_client: Client) -> None:
    policy = TierPolicy(connection=crowd.connection, source="pareto")
    new = reverse("admin:customers_tierpolicy_curve_new")
    sent = form(policy, [(crowd.tier["gold"], 40)], [])
    assert "<td>40 %</td><td>4,000.00</td><td>1</td>" in drawn(supervisor_client, new, sent)
    assert "Choose the CRM connection first." in drawn(supervisor_client, new, sent | {"connection": ""})
    assert not TierPolicy.objects.exists()


def test_without_values_there_is_no_curve(crowd: Crowd, supervisor_client: Client) -> None:
    Customer.objects.update(lifetime_value=None)
    text = supervisor_client.get(page(crowd.policy("pareto", {"gold": 80}))).content.decode()
    assert "No customer of this CRM has this value yet" in text


def test_a_picture_of_many_customers_has_few_points(crowd: Crowd, supervisor_client: Client) -> None:
    crowd.add_many({"lifetime_value": place + 1} for place in range(10, 450))
    text = supervisor_client.get(page(crowd.policy("pareto"))).content.decode()
    line = text.partition('class="curve" points="')[2].partition('"')[0].split()
    assert 100 < len(line) <= 201
    assert (line[0], line[-1]) == ("44.0,222.0", "384.0,12.0")


IMPOSSIBLE = {
    ("lifetime_value", "at_least", "lots"): "Write the amount in cents",
    ("purchases", "at_least", "many"): "Write a number",
    ("category", "at_least", "retail"): "choose “is”",
    ("name; DROP TABLE", "is", "x"): "not one of the available choices",
}


def test_a_rule_that_cannot_be_is_refused(crowd: Crowd, supervisor_client: Client) -> None:
    policy, gold = crowd.policy("rules"), crowd.tier["gold"].pk
    rules = [dict(zip(("field", "operator", "operand"), each, strict=True)) | {"tier": gold} for each in IMPOSSIBLE]
    answer = supervisor_client.post(page(policy), form(policy, [], rules))
    assert answer.status_code == 200
    [errors] = [
        each.formset.errors for each in answer.context["inline_admin_formsets"] if each.formset.prefix == "rules"
    ]
    for refusal, said in zip(IMPOSSIBLE.values(), errors, strict=True):
        assert refusal in str(said)
        assert refusal in answer.content.decode()
    assert not TierRule.objects.exists()


def test_a_higher_tier_has_the_smaller_share(crowd: Crowd, supervisor_client: Client) -> None:
    policy = crowd.policy("pareto")
    rows = [(crowd.tier["gold"], 30), (crowd.tier["silver"], 30)]
    answer = supervisor_client.post(page(policy), form(policy, rows, []))
    assert "Gold stands above Silver, so its share must be smaller" in answer.content.decode()
    assert supervisor_client.post(page(policy), form(policy, [*rows[:1], (rows[1][0], 31)], [])).status_code == 302
    assert policy.shares.count() == 2


def test_only_who_may_change_policies_draws_and_only_who_may_sync_computes(
    crowd: Crowd, stranger_client: Client, auditor_client: Client
) -> None:
    policy = crowd.policy("pareto", {"gold": 80})
    assert auditor_client.get(page(policy)).status_code == 200
    for view in ("curve", "compute"):
        assert auditor_client.post(page(policy, view)).status_code == 403
        assert stranger_client.post(page(policy, view)).status_code == 302
    assert not SyncRun.objects.exists()


# Compute tiers now


def worked(run: SyncRun) -> SyncRun:
    while sync.step(run.pk, monotonic() + 60) is not None:
        pass
    run.refresh_from_db()
    return run


def synced_once(crowd: Crowd) -> None:
    run = crowd.run(mapping_digest="as it was")
    SyncRun.objects.filter(pk=run.pk).update(state=SyncRun.State.SUCCEEDED, finished_at=timezone.now())


def test_tiers_are_computed_without_reading_the_crm(crowd: Crowd, supervisor_client: Client) -> None:
    synced_once(crowd)
    before = crowd.connection.synced_until
    answer = supervisor_client.post(page(crowd.policy("pareto", {"gold": 80}), "compute"))
    run = SyncRun.objects.latest("pk")
    assert answer["Location"] == reverse("admin:customers_syncrun_change", args=[run.pk])
    assert worked(run).state == SyncRun.State.SUCCEEDED
    gold = set(Customer.objects.filter(tier__slug="gold").values_list("name", flat=True))
    assert gold == {"c0", "c1", "c2"}
    assert set(TierChange.objects.values_list("old_tier", "new_tier", "cause", "run")) == {("", "gold", "rule", run.pk)}
    crowd.connection.refresh_from_db()
    assert (crowd.connection.synced_until, run.mapping_digest) == (before, "as it was")


def test_a_preview_alters_nothing(crowd: Crowd, supervisor_client: Client) -> None:
    synced_once(crowd)
    supervisor_client.post(page(crowd.policy("pareto", {"gold": 80}), "compute"), {"preview": "1"})
    run = worked(SyncRun.objects.latest("pk"))
    assert run.state == SyncRun.State.PREVIEWED
    assert set(moves(run).values()) == {("change", "gold")}
    assert not Customer.objects.exclude(tier=None).exists()


def test_a_computation_that_moves_too_many_is_held(crowd: Crowd, supervisor_client: Client) -> None:
    synced_once(crowd)
    crowd.add_many({"tier": crowd.tier["gold"], "lifetime_value": 1} for _ in range(100))
    supervisor_client.post(page(crowd.policy("pareto", {"gold": 50}), "compute"))
    run = worked(SyncRun.objects.latest("pk"))
    assert run.state == SyncRun.State.HELD
    runs.approve(run, run.started_by_id or 0, "We know.")
    assert worked(run).state == SyncRun.State.SUCCEEDED
    assert Customer.objects.filter(tier__slug="gold").count() == 2


@pytest.mark.parametrize("lacking", ["a sync", "a policy"])
def test_there_may_be_nothing_to_compute(crowd: Crowd, supervisor_client: Client, lacking: str) -> None:
    if lacking == "a policy":
        synced_once(crowd)
    policy = crowd.policy("direct" if lacking == "a policy" else "pareto", {"gold": 80})
    answer = supervisor_client.post(page(policy, "compute"), follow=True)
    assert "There is nothing to compute" in answer.content.decode()


def test_one_run_at_a_time(crowd: Crowd, supervisor_client: Client) -> None:
    synced_once(crowd)
    policy = crowd.policy("pareto", {"gold": 80})
    supervisor_client.post(page(policy, "compute"))
    answer = supervisor_client.post(page(policy, "compute"), follow=True)
    assert "A sync of this CRM is running already." in answer.content.decode()


def test_every_field_of_the_policies_is_a_field_of_customers() -> None:
    assert set(COLUMNS) <= {field.name for field in Customer._meta.get_fields()}
