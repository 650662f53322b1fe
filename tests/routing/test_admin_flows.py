"""Flows and numbers in the admin, as forms: what is stored, what is refused, who only reads."""

from typing import Any

import pytest
from django.test import Client

from customers.models import DataSource, DataSourceVariable, LoyaltyTier
from queues.models import Queue
from routing.models import Branch, FetchStep, Flow, Number, ProviderAccount
from routing.providers import DIALECTS

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

GOLD = [[{"variable": "customer.tier", "operator": "is", "value": "gold"}]]


@pytest.fixture
def queue() -> Queue:
    return Queue.objects.create(name="VIP", slug="vip", voice_kind="phone", voice_address="+390212345679")


@pytest.fixture
def flow(queue: Queue) -> Flow:
    LoyaltyTier.objects.create(name="Gold", slug="gold", rank=1)
    flow = Flow.objects.create(name="Priority customers", slug="priority", last_path=queue)
    Branch.objects.create(flow=flow, position=1, label="Gold", slug="gold", queue=queue, conditions=GOLD)
    return flow


def address(flow: Flow) -> str:
    return f"/admin/routing/flow/{flow.pk}/change/"


def posted(flow: Flow, conditions: str, **more: Any) -> dict[str, Any]:
    branch = flow.branches.get()
    return {
        "name": flow.name, "last_path": flow.last_path_id,
        "steps-TOTAL_FORMS": 0, "steps-INITIAL_FORMS": 0,
        "sample_calls-TOTAL_FORMS": 0, "sample_calls-INITIAL_FORMS": 0,
        "branches-TOTAL_FORMS": 1, "branches-INITIAL_FORMS": 1,
        "branches-0-id": branch.pk, "branches-0-flow": flow.pk, "branches-0-position": 1,
        "branches-0-label": branch.label, "branches-0-slug": branch.slug, "branches-0-target_kind": "queue",
        "branches-0-queue": branch.queue_id, "branches-0-conditions": conditions,
    } | more  # fmt: skip


def test_conditions_of_any_variable_of_the_flow_are_taken(flow: Flow, supervisor_client: Client) -> None:
    source = DataSource.objects.create(name="CRM", slug="crm", url="https://crm.example.com/")
    DataSourceVariable.objects.create(source=source, name="open_orders", expression="orders", type="number")
    FetchStep.objects.create(flow=flow, position=1, slug="shop", source=source)
    step = flow.steps.get()
    steps = {
        "steps-TOTAL_FORMS": 1, "steps-INITIAL_FORMS": 1, "steps-0-id": step.pk, "steps-0-flow": flow.pk,
        "steps-0-slug": "shop", "steps-0-source": source.pk, "steps-0-precedence": "fill", "steps-0-position": 1,
    }  # fmt: skip
    answer = supervisor_client.post(
        address(flow), posted(flow, "shop.open_orders at_least 2\nqueue.vip.waiting at_most 5", **steps)
    )
    assert answer.status_code == 302
    assert flow.branches.get().conditions == [
        [
            {"variable": "shop.open_orders", "operator": "at_least", "value": 2},
            {"variable": "queue.vip.waiting", "operator": "at_most", "value": 5},
        ]
    ]


def test_no_conditions_take_everybody(flow: Flow, supervisor_client: Client) -> None:
    assert supervisor_client.post(address(flow), posted(flow, "")).status_code == 302
    assert flow.branches.get().conditions == []


def test_a_mistake_stands_at_its_branch(flow: Flow, supervisor_client: Client) -> None:
    answer = supervisor_client.post(address(flow), posted(flow, "customer.tier at_least gold"))
    assert answer.status_code == 200
    assert "Group 1, row 1" in answer.content.decode()
    assert flow.branches.get().conditions == GOLD


def test_the_auditor_reads_conditions_in_words(flow: Flow, auditor_client: Client) -> None:
    text = auditor_client.get(address(flow)).content.decode()
    assert "loyalty tier is Gold" in text
    assert "conditions-text" not in text
    assert auditor_client.post(address(flow), posted(flow, "")).status_code == 403


def test_the_short_name_of_a_flow_stays(flow: Flow, supervisor_client: Client) -> None:
    supervisor_client.post(address(flow), posted(flow, "", slug="another"))
    flow.refresh_from_db()
    assert flow.slug == "priority"


@pytest.mark.parametrize("branches", [1, 30])
def test_the_page_costs_the_same_for_many_branches(
    branches: int, flow: Flow, supervisor_client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(1, branches):
        Branch.objects.create(
            flow=flow, position=number, label=f"B{number}", slug=f"b{number}", queue=flow.last_path, conditions=GOLD
        )
    with django_assert_max_num_queries(50 + 2 * branches):
        assert supervisor_client.get(address(flow)).status_code == 200


@pytest.mark.parametrize(
    ("channel", "typed", "stored"),
    [
        pytest.param("voice", "+39 02 1234 5678", "+390212345678", id="spaces are taken out"),
        pytest.param("voice", "00390212345678", "+390212345678", id="00 means +"),
        pytest.param("sms", "48000", "48000", id="a short code stays"),
        pytest.param("messenger", "1029384756", "1029384756", id="a page's id stays"),
        pytest.param("voice", "02 1234 5678", None, id="without a country code it is refused"),
        pytest.param("whatsapp", "our hotline", None, id="words are refused"),
    ],
)
def test_a_number_is_stored_as_providers_name_it(
    channel: str, typed: str, stored: str | None, flow: Flow, queue: Queue, supervisor_client: Client
) -> None:
    account = ProviderAccount.objects.create(name="Twilio", slug="twilio", dialect=next(iter(DIALECTS)))
    answer = supervisor_client.post(
        "/admin/routing/number/add/",
        {
            "channel": channel, "address": typed, "label": "Hotline", "account": account.pk, "flow": flow.pk,
            "default_queue": queue.pk, "time_zone": "Europe/Rome",
        },
    )  # fmt: skip
    assert list(Number.objects.values_list("address", flat=True)) == ([stored] if stored else [])
    if not stored:
        assert "country code" in answer.content.decode()
