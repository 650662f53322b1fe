"""Flows and numbers in the admin, as forms: what is stored, what is refused, who only reads."""

from typing import Any

import pytest
from django.forms import modelform_factory
from django.test import Client
from django.utils import timezone

from customers.models import DataSource, DataSourceVariable, LoyaltyTier
from queues.models import Queue
from routing.admin.numbers import NumberForm
from routing.models import Branch, Decision, FetchStep, Flow, Number, ProviderAccount, SampleCall
from routing.providers import DIALECTS

pytestmark = pytest.mark.django_db

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


@pytest.mark.portable
def test_what_came_along_with_contacts_can_be_chosen_and_stays_so(flow: Flow, supervisor_client: Client) -> None:
    now = timezone.now()
    seen = {"call.context.digits": "2", "call.context.age": 40, "customer.plan": "premium"}
    Decision.objects.create(
        decision_id="a" * 32, decided_at=now, call_id="c1", channel="voice", document={"variables": seen}
    )
    Decision.objects.create(decision_id="b" * 32, decided_at=now, call_id="c2", channel="voice", document={})
    offered = {each["name"]: each for each in page_data_of(supervisor_client, flow)["entries"]}
    assert (offered["call.context.digits"]["type"], offered["call.context.digits"]["label"]) == ("text", "digits")
    assert offered["call.context.age"]["type"] == "number"

    sent = "call.context.digits is 2\ncall.context.age at_least 18\ncall.context.never_seen is x"
    assert supervisor_client.post(address(flow), posted(flow, sent)).status_code == 302
    Decision.objects.all().delete()
    asked = {each["name"]: each["type"] for each in page_data_of(supervisor_client, flow)["entries"]}
    assert asked["call.context.age"] == "number"
    assert asked["call.context.never_seen"] == "text"
    rows = flow.branches.get().conditions[0]
    assert [row["value"] for row in rows] == ["2", 18, "x"]


def page_data_of(client: Client, flow: Flow) -> dict[str, Any]:
    data: dict[str, Any] = client.get(address(flow)).context["page_data"]
    return data


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
def test_a_number_is_stored_as_providers_name_it(channel: str, typed: str, stored: str | None) -> None:
    form = modelform_factory(Number, NumberForm, fields=("channel", "address"))({"channel": channel, "address": typed})
    assert form.is_valid() is bool(stored)
    assert form.cleaned_data.get("address") == stored
    assert stored or "country code" in str(form.errors["address"])


@pytest.mark.parametrize("typed", ["+39 02 1234 5678", "our hotline"])
def test_a_number_is_typed_into_a_form(typed: str, flow: Flow, queue: Queue, supervisor_client: Client) -> None:
    account = ProviderAccount.objects.create(name="Twilio", slug="twilio", dialect=next(iter(DIALECTS)))
    answer = supervisor_client.post(
        "/admin/routing/number/add/",
        {
            "channel": "voice", "address": typed, "label": "Hotline", "account": account.pk, "flow": flow.pk,
            "default_queue": queue.pk, "time_zone": "Europe/Rome",
        },
    )  # fmt: skip
    is_one = typed.startswith("+")
    assert list(Number.objects.values_list("address", flat=True)) == (["+390212345678"] if is_one else [])
    assert is_one or "country code" in answer.content.decode()


VOICE, SMS = ("voice", "+390255500011"), ("sms", "+390255500011")


@pytest.fixture
def numbers(flow: Flow) -> dict[tuple[str, str], Number]:
    """One address for calls and for text messages, and a number of another flow."""
    other = Flow.objects.create(name="Other", slug="other", last_path=flow.last_path)
    account = ProviderAccount.objects.create(name="Twilio", slug="twilio", dialect="native")
    led = {SMS: flow, VOICE: flow, ("voice", "+390255500099"): other}
    own = {"label": "Hotline", "account": account, "default_queue": flow.last_path}
    return {
        (channel, called): Number.objects.create(channel=channel, address=called, flow=into, **own)
        for (channel, called), into in led.items()
    }


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        pytest.param("+390255500011", VOICE, id="an address is a number for calls"),
        pytest.param(" +39 02 555 00011", VOICE, id="spaces are taken out"),
        pytest.param("SMS: +390255500011", SMS, id="the channel may stand before it"),
        pytest.param("  ", None, id="nothing is the first number of the flow"),
        pytest.param("+390255500099", "refused", id="a number of another flow is refused"),
        pytest.param("7", "refused", id="a key is no number"),
    ],
)
def test_the_number_of_a_sample_call_is_typed(
    typed: str, stored: Any, flow: Flow, numbers: dict[Any, Number], supervisor_client: Client
) -> None:
    row = {"TOTAL_FORMS": 1, "0-flow": flow.pk, "0-name": "Night", "0-expected": flow.last_path_id, "0-number": typed}
    sent = posted(flow, "", **{f"sample_calls-{name}": value for name, value in row.items()})
    answer = supervisor_client.post(address(flow), sent)
    if stored == "refused":
        assert "This number does not lead into this flow." in answer.content.decode()
        assert not SampleCall.objects.exists()
    else:
        assert SampleCall.objects.get().number == (numbers[stored] if stored else None)


def test_sample_calls_show_their_numbers_as_they_are_typed_and_never_every_number(
    flow: Flow, numbers: dict[Any, Number], supervisor_client: Client
) -> None:
    SampleCall.objects.create(flow=flow, name="By text", expected=flow.last_path, number=numbers[SMS])
    page = supervisor_client.get(address(flow)).content.decode()
    assert 'name="sample_calls-0-number" value="SMS: +390255500011"' in page
    assert '<option value="+390255500011">Hotline</option>' in page
    assert "+390255500099" not in page
    account, queue = numbers[SMS].account, flow.last_path
    Number.objects.bulk_create(
        Number(channel="voice", address=f"+3906{n:08}", label="L", flow=flow, account=account, default_queue=queue)
        for n in range(120)
    )
    assert supervisor_client.get(address(flow)).content.decode().count(">L</option>") < 60
