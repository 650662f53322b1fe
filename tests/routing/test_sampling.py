"""Sample calls: they end where their flow sends them, and keep a draft from being published when they do not."""

from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from customers.models import Customer, Handle, LoyaltyTier
from queues.models import Queue, Switch
from routing import publishing, sampling
from routing.document import render
from routing.models import Branch, Flow, SampleCall
from tests.routing.draft import good_draft

pytestmark = pytest.mark.django_db

SUNDAY_NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NIGHT = [
    [
        {
            "variable": "time.window",
            "operator": "within_window",
            "value": {"days": [0], "from": "20:00", "until": "23:59"},
        }
    ]
]
RICH = [[{"variable": "customer.lifetime_value", "operator": "at_least", "value": 250000}]]
CONTRACT = [[{"variable": "customer.contract", "operator": "is", "value": "fleet"}]]


@pytest.fixture(autouse=True)
def flow() -> Flow:
    good_draft()
    return Flow.objects.get()


def sample(expected: str, tier: str = "", **fields: Any) -> SampleCall:
    return SampleCall.objects.create(
        flow=Flow.objects.get(),
        name=f"to {expected}",
        tier=LoyaltyTier.objects.filter(slug=tier).first(),
        expected=Queue.objects.get(slug=expected),
        **fields,
    )


def first_branch(conditions: Any, leads_to: str) -> None:
    queue = Queue.objects.get(slug=leads_to)
    Branch.objects.create(
        flow=Flow.objects.get(), position=0, slug="first", label="First", queue=queue, conditions=conditions
    )


def went_to() -> list[str]:
    return [outcome.queue for outcome in sampling.outcomes(render(), SUNDAY_NOON)]


def test_a_gold_caller_and_a_stranger_take_their_branches() -> None:
    sample("vip", "gold")
    sample("standard")
    assert went_to() == ["vip", "standard"]
    assert all(outcome.passed for outcome in sampling.outcomes(render()))


def test_the_day_and_the_time_count() -> None:
    first_branch(NIGHT, "standard")
    sample("standard", "gold", weekday=0, time=time(22))
    sample("vip", "gold", weekday=0, time=time(9))
    sample("vip", "gold", weekday=1, time=time(22))
    assert went_to() == ["standard", "vip", "vip"]


@pytest.mark.parametrize(
    ("conditions", "known"),
    [(RICH, "lifetime_value = 300000"), (CONTRACT, "contract = fleet")],
    ids=["a fact", "an attribute"],
)
def test_what_else_is_known_counts(conditions: Any, known: str) -> None:
    first_branch(conditions, "priority")
    sample("priority", known=known, time=time(11), weekday=0)
    sample("standard", known="")
    assert went_to() == ["priority", "standard"]


def test_a_special_day_is_passed_over(flow: Flow) -> None:
    """The office is open on Mondays; the next one is a holiday."""
    document = render()
    document["calendars"]["office"]["exceptions"] = [
        {"label": "Holiday", "first_day": "2026-11-23", "last_day": "2026-11-23"}
    ]
    sample("priority", "silver", weekday=0)
    assert [outcome.queue for outcome in sampling.outcomes(document, SUNDAY_NOON)] == ["priority"]


def test_neither_a_switch_nor_a_real_customer_changes_a_sample_call() -> None:
    Switch.objects.create(kind="close", subject="vip", reason="Fire drill")
    gold = LoyaltyTier.objects.get(slug="gold")
    Handle.objects.create(customer=Customer.objects.create(name="Ada", tier=gold), value=sampling.CALLER)
    sample("vip", "gold")
    sample("standard")
    assert went_to() == ["vip", "standard"]


def test_a_draft_whose_sample_call_ends_elsewhere_is_not_published() -> None:
    sample("vip", "silver", weekday=0)
    with pytest.raises(publishing.NotPublishable) as refused:
        publishing.publish("no", by=None)
    assert [problem.message for problem in refused.value.problems] == [
        "Sample call “to vip” must reach VIP, but it would reach Priority."
    ]
    assert publishing.live() is None
    Branch.objects.filter(slug="silver").update(queue=Queue.objects.get(slug="vip"))
    assert publishing.publish("yes", by=None).number == 1


def test_a_flow_without_a_number_reaches_no_queue(flow: Flow) -> None:
    flow.numbers.update(flow=None)
    sample("vip", "gold")
    assert went_to() == [""]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"known": "lifetime_value"}, "write a name, = and a value", id="no value"),
        pytest.param({"known": "shoe_size = 44"}, "write a name, = and a value", id="a name that nobody knows"),
        pytest.param({"known": "tier = gold"}, "write a name, = and a value", id="the tier has a field of its own"),
        pytest.param({"known": "purchases = many"}, "cannot be read as a number", id="a word for a number"),
    ],
)
def test_what_cannot_be_known_is_refused_with_the_line(fields: dict[str, Any], message: str) -> None:
    made = sample("vip", **fields)
    with pytest.raises(ValidationError, match=message):
        made.full_clean()


def test_the_publish_page_tells_how_each_ended(admin_client: Client) -> None:
    sample("vip", "gold")
    sample("vip", "silver", weekday=0)
    text = " ".join(admin_client.get("/admin/routing/release/publish/").content.decode().split())
    assert "<bdi>to vip</bdi>: reaches VIP" in text
    assert "<strong>does not reach VIP</strong>" in text
    assert "must reach VIP, but it would reach Priority" in text
