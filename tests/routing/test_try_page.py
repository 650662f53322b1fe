"""“Try a call”: opens with a sensible choice, knows blocked callers and pilots, shows no number, keeps sample calls."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contactcenter.accounts.models import User
from customers.models import Customer
from queues.models import Queue, Switch
from routing import pilots, publishing
from routing.admin.trial_form import MOST_NUMBERS
from routing.models import BlockedCaller, Branch, Decision, Flow, Number, SampleCall
from tests.routing.test_trial import GOLD, HOTLINE
from tests.routing.test_trial import number as number  # the fixture

pytestmark = pytest.mark.django_db

TRY = "/admin/routing/flow/try/"


def asked(number: Number, **changes: str) -> dict[str, str]:
    return {"number": str(number.pk), "caller": "tier:gold", "when": "now", "by": "draft"} | changes


def page(client: Client, **query: Any) -> str:
    response = client.get(TRY, query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({}, id="from the menu"),
        pytest.param({"flow": "1"}, id="from a flow"),
        pytest.param({"number": "1"}, id="from a number"),
        pytest.param({"number": "x" * 30, "flow": "9" * 400, "decision": "-1"}, id="by an odd address"),
        pytest.param({"decision": "999"}, id="from a decision that is gone"),
    ],
)
def test_it_opens_with_a_number_chosen_and_no_error(supervisor_client: Client, number: Number, query: Any) -> None:
    text = page(supervisor_client, **query)
    assert "errorlist" not in text
    assert f'value="{number.pk}" selected' in text


def test_it_opens_with_the_first_number_of_the_flow_one_comes_from(supervisor_client: Client, number: Number) -> None:
    flow = Flow.objects.create(name="Other", slug="other", last_path=number.default_queue)
    other = Number.objects.create(
        account=number.account, address="+390255500009", label="Aaa", flow=flow, default_queue=flow.last_path
    )
    for each in (number, other):
        assert f'value="{each.pk}" selected' in page(supervisor_client, flow=each.flow_id)


def test_of_thousands_of_numbers_it_offers_a_few_and_the_chosen_one(supervisor_client: Client, number: Number) -> None:
    made = Number.objects.bulk_create(
        Number(account=number.account, address=f"+39066{n:06}", label=f"Z{n:04}", default_queue=number.default_queue)
        for n in range(MOST_NUMBERS + 20)
    )
    last = Number.objects.get(address=made[-1].address)
    text = page(supervisor_client, **asked(last))
    assert f'value="{last.pk}" selected' in text
    assert text.count("<option") < MOST_NUMBERS + 20
    assert "What would happen" in text


@pytest.fixture
def decision(number: Number) -> Decision:
    return Decision.objects.create(
        decision_id="a" * 32, account="a", call_id="c", channel="voice", number=HOTLINE, caller=GOLD, flow="pc",
        reason="branch", decided_at=timezone.now(), document={},
    )  # fmt: skip


def test_a_decision_is_tried_again_at_once(supervisor_client: Client, decision: Decision) -> None:
    text = page(supervisor_client, decision=decision.pk)
    assert "because loyalty tier is Gold" in text
    assert f"The caller of this decision: {GOLD}" in text


def test_who_may_not_see_callers_tries_without_seeing_one(analyst_client: Client, decision: Decision) -> None:
    text = page(analyst_client, decision=decision.pk)
    assert "because loyalty tier is Gold" in text
    assert [each for each in (GOLD, GOLD[1:], "Giulia Oro") if each in text] == []


@pytest.mark.parametrize(
    ("treatment", "said"),
    [
        pytest.param("reject", "This caller is blocked: the call is turned away before the flow.", id="turned away"),
        pytest.param(
            "queue", "This caller is blocked: the call goes to Standard before the flow.", id="sent elsewhere"
        ),
        pytest.param("let_through", "", id="never to be blocked"),
    ],
)
def test_a_blocked_caller_is_told_of_and_the_flow_all_the_same(
    supervisor_client: Client, number: Number, treatment: str, said: str
) -> None:
    queue = Queue.objects.get(slug="standard")
    BlockedCaller.objects.create(number=GOLD[:8], is_prefix=True, treatment=treatment, queue=queue, reason="Abuse")
    text = page(supervisor_client, **asked(number))
    assert "because loyalty tier is Gold" in text
    assert said in text
    assert ("This caller is blocked" in text) is bool(said)


def test_who_is_not_blocked_is_not_called_so(supervisor_client: Client, number: Number) -> None:
    BlockedCaller.objects.create(number=GOLD[:8], is_prefix=True, reason="Abuse")
    assert "This caller is blocked" not in page(supervisor_client, **asked(number, caller="stranger"))


def test_a_pilot_caller_is_decided_by_the_draft_of_his_pilot(
    supervisor_client: Client, number: Number, supervisor: User
) -> None:
    Branch.objects.update(conditions=[[{"variable": "customer.tier", "operator": "is_one_of", "value": ["gold"]}]])
    publishing.publish("first", by=None)
    Branch.objects.update(label="Of the pilot")
    pilot = pilots.start([GOLD], timezone.now() + timedelta(hours=1), supervisor)
    text = page(supervisor_client, **asked(number, by="live"))
    assert f"This caller is in pilot {pilot.pk}" in text
    assert "Of the pilot" in text
    assert "Of the pilot" not in page(supervisor_client, **asked(number, by="live", caller="stranger"))


NIGHT = {"when": "other", "moment": "2026-11-23T22:00"}


def test_any_hour_can_be_tried_on_the_clock_of_the_number(supervisor_client: Client, number: Number) -> None:
    assert "VIP is closed then." in page(supervisor_client, **asked(number, **NIGHT))
    open_then = page(supervisor_client, **asked(number, when="other", moment="2026-11-23T09:30"))
    assert "Goes to VIP, because loyalty tier is Gold." in open_then
    assert "Choose the day and the time." in page(supervisor_client, **asked(number, when="other"))


def test_a_tried_call_is_kept_once_and_names_no_person(supervisor_client: Client, number: Number) -> None:
    call = asked(number, **NIGHT)
    assert "Keep as a sample call" in page(supervisor_client, **call)
    answer = supervisor_client.post(TRY, call)
    assert answer.status_code == 302
    kept = SampleCall.objects.get()
    assert (kept.flow, kept.number, kept.expected.slug) == (number.flow, number, "standard")
    assert (kept.tier and kept.tier.slug, kept.weekday, f"{kept.time:%H:%M}", kept.known) == ("gold", 0, "22:00", "")
    assert "It is a sample call of this flow already" in page(supervisor_client, **call)
    assert supervisor_client.post(TRY, call).status_code == 403


def test_what_branches_looked_at_is_kept_too(supervisor_client: Client, number: Number) -> None:
    rich = {"variable": "customer.purchases", "operator": "at_least", "value": 10}
    Branch.objects.update(conditions=[[rich]])

    Customer.objects.update(purchases=12)
    supervisor_client.post(TRY, asked(number, **NIGHT))
    assert SampleCall.objects.get().known == "purchases = 12"


def test_a_call_that_a_switch_decided_is_not_kept(supervisor_client: Client, number: Number) -> None:
    Switch.objects.create(kind="close_queue", subject="vip", reason="Fire drill")
    call = asked(number, when="other", moment="2026-11-23T09:30")
    assert "VIP is switched off." in page(supervisor_client, **call)
    assert "that one would reach VIP." in page(supervisor_client, **call)
    assert supervisor_client.post(TRY, call).status_code == 403


def test_who_may_not_change_the_flow_keeps_nothing(analyst_client: Client, number: Number) -> None:
    assert "Keep as a sample call" not in page(analyst_client, **asked(number, **NIGHT))
    assert analyst_client.post(TRY, asked(number, **NIGHT)).status_code == 403
    assert not SampleCall.objects.exists()
