"""Whoever may not see callers' numbers in clear does not find them out: by no filter, in no other notation."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, Handle, LoyaltyTier, RejectedRow
from routing.masking import without
from routing.models import Decision, Flow, Number
from tests.portal.one_of_each import one

pytestmark = pytest.mark.django_db

CALLER, DIGITS, MASKED = "+393331234578", "31234578", "+39********78"


@pytest.fixture
def decision() -> Decision:
    known = {
        "call.from": CALLER,
        "call.context.ani": "00393331234578",
        "crm.mobile": "333" + DIGITS[1:],
        "n": 393331234578,
    }
    found: Decision = one(
        Decision, caller=CALLER, queue="vip", document={"variables": known, "answer": {"caller_id": CALLER}}
    )
    return found


HIDDEN = {
    "admin:routing_decision_changelist": (
        "caller__startswith=%2B39333",
        "caller=%2B393331234578",
        "document__icontains=3331234578",
        "id__in=1,2",
    ),
    "admin:routing_contactevent_changelist": ("document__icontains=3331234578", "call_id__contains=39"),
}


def test_an_address_cannot_ask_a_list_for_what_it_hides(analyst_client: Client) -> None:
    for page, queries in HIDDEN.items():
        for query in queries:
            answer = analyst_client.get(f"{reverse(page)}?{query}")
            assert answer.status_code == 400, query
            assert "This could not be read" in answer.content.decode()


def test_lists_are_asked_by_what_they_offer_and_by_what_a_row_belongs_to(
    decision: Decision, analyst_client: Client, admin_client: Client
) -> None:
    offered = reverse("admin:routing_decision_changelist") + "?queue=vip&reason=closed&day=2026-01-02"
    assert analyst_client.get(offered).status_code == 200
    row: RejectedRow = one(RejectedRow)
    of_run = reverse("admin:customers_rejectedrow_changelist") + f"?run__id__exact={row.run_id}&field=x"
    assert admin_client.get(of_run).status_code == 200


def test_a_decision_hides_its_caller_in_every_notation(decision: Decision, analyst_client: Client) -> None:
    for address in (
        reverse("admin:routing_decision_change", args=[decision.pk]),
        reverse("decision", args=[decision.decision_id]),
    ):
        answer = analyst_client.get(address)
        assert answer.status_code == 200
        assert DIGITS not in answer.content.decode()


FIGURES = {"orders": 3331234, "vip": True, "x": None}


@pytest.mark.parametrize(
    ("caller", "value", "shown"),
    [
        pytest.param(CALLER, "3331234578, 03331234578", f"{MASKED}, {MASKED}", id="without country code"),
        pytest.param(CALLER, ["00393331234578", 393331234578], ["0039******78", MASKED], id="as a machine says it"),
        pytest.param(CALLER, FIGURES, FIGURES, id="other figures stay"),
        pytest.param(
            "17841400001", {"call.from": "17841400001"}, {"call.from": "178******01"}, id="an id of a messenger"
        ),
        pytest.param("", "call 112", "call 112", id="a hidden caller"),
        pytest.param("112", "112 orders", "112 orders", id="an address too short to be looked for"),
    ],
)
def test_what_is_said_of_a_caller_without_him(caller: str, value: Any, shown: Any) -> None:
    assert without(caller, value) == shown


def test_a_call_is_tried_without_learning_whose_number_it_is(
    decision: Decision, analyst_client: Client, admin_client: Client
) -> None:
    tier = LoyaltyTier.objects.create(name="Gold", slug="gold", rank=1)
    customer = Customer.objects.create(name="Anna Verdi", tier=tier, updated_at=timezone.now())
    Handle.objects.create(customer=customer, kind="phone", value=CALLER)
    flow: Flow = one(Flow, name="Priority", slug="priority")
    number: Number = one(Number, flow=flow, address="+390255500000", channel="voice", time_zone="Europe/Rome")
    page = reverse("try_a_call")
    assert "Anna Verdi" in admin_client.get(page).content.decode()
    tried: dict[str, Any] = {"number": number.pk, "caller": "tier:gold", "when": "now", "by": "draft"}
    for query in ({}, {"decision": decision.pk}, tried):
        answer = analyst_client.get(page, query)
        assert answer.status_code == 200
        assert DIGITS not in answer.content.decode()
        assert "Anna Verdi" not in answer.content.decode()
    assert answer.context["result"]["known"]
