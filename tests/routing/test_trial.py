"""Try a call: the same evaluator, with anybody calling at any time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from customers.models import Customer, Handle, LoyaltyTier
from queues.models import Calendar, OpeningHours, PhoneSystem, Queue
from routing import trial
from routing.contacts import Contact
from routing.document import render
from routing.models import Branch, Flow, Number, ProviderAccount
from tests.replaying import replayed

pytestmark = pytest.mark.django_db
GOLD, HOTLINE = "+390255501001", "+390255500000"
ROME = ZoneInfo("Europe/Rome")
MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ROME)


@pytest.fixture
def number() -> Number:
    """A hotline: gold callers to a VIP queue with office hours, everyone else to the standard queue."""
    replayed("a hotline", _write)
    return Number.objects.get()


def _write() -> None:
    system = PhoneSystem.objects.create(name="PBX", slug="pbx", hosts="pbx.example.net")
    office = Calendar.objects.create(name="Office", slug="office")
    OpeningHours.objects.create(calendar=office, weekday=0, opens="09:00", closes="18:00")
    standard = Queue.objects.create(
        name="Standard", slug="standard", phone_system=system, voice_address="8003", is_emergency=True
    )
    vip = Queue.objects.create(
        name="VIP", slug="vip", phone_system=system, voice_address="8001", calendar=office, overflow_to=standard
    )
    flow = Flow.objects.create(name="Priority customers", slug="pc", last_path=standard)
    condition = {"variable": "customer.tier", "operator": "is_one_of", "value": ["gold", "platinum"]}
    Branch.objects.create(flow=flow, label="Gold", slug="gold", conditions=[[condition]], queue=vip)
    gold = LoyaltyTier.objects.create(name="Gold", slug="gold", rank=3)
    Handle.objects.create(customer=Customer.objects.create(name="Giulia Oro", tier=gold), value=GOLD)
    account = ProviderAccount.objects.create(name="SBC", slug="sbc", dialect="native")
    Number.objects.create(account=account, address=HOTLINE, label="Hotline", flow=flow, default_queue=standard)


@pytest.mark.parametrize(
    ("caller", "at", "sentence"),
    [
        pytest.param(GOLD, MONDAY_NOON, "Goes to VIP, because loyalty tier is Gold.", id="gold at noon"),
        pytest.param(
            GOLD,
            MONDAY_NOON.replace(hour=22),
            "Goes to Standard, because loyalty tier is Gold. VIP is closed then.",
            id="gold at night",
        ),
        pytest.param(
            trial.STRANGER_CALLS,
            MONDAY_NOON,
            "Goes to Standard, because no branch takes this contact.",
            id="a stranger",
        ),
        pytest.param(trial.HIDDEN, MONDAY_NOON, "Goes to Standard, because no branch takes this contact.", id="hidden"),
    ],
)
def test_one_sentence_says_where_and_why(number: Number, caller: str, at: datetime, sentence: str) -> None:
    assert trial.try_call(render(), 0, Contact("trial", "trial", HOTLINE, caller), at).sentence == sentence


def test_a_number_that_is_not_set_up_says_so(number: Number) -> None:
    tried = trial.try_call(render(), 0, Contact("trial", "trial", "+390299999999", GOLD), MONDAY_NOON)
    assert tried.sentence == "Goes to Standard, because this number is not set up."


def test_ready_made_callers_are_one_customer_a_tier_a_stranger_and_a_hidden_number(number: Number) -> None:
    assert [caller.label for caller in trial.ready_made()] == ["Gold: Giulia Oro", "A stranger", "A hidden number"]


def test_tonight_and_sunday_are_on_the_numbers_clock() -> None:
    now = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # Monday, half past midnight in Rome
    assert trial.moment(trial.TONIGHT, ROME, now) == datetime(2026, 11, 23, 22, 0, tzinfo=ROME)
    assert trial.moment(trial.SUNDAY, ROME, now) == datetime(2026, 11, 29, 11, 0, tzinfo=ROME)


def page(client: Client, number: Number, **asked: str) -> str:
    query = {"number": str(number.pk), "caller": "tier:gold", "when": "now", "by": "draft"} | asked
    response = client.get("/admin/routing/flow/try/", query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_shows_each_condition_with_the_value_it_saw(supervisor_client: Client, number: Number) -> None:
    shown = page(supervisor_client, number)
    assert "loyalty tier is one of Gold" in shown
    assert "(loyalty tier is Gold)" in shown


def test_the_live_release_cannot_be_tried_before_one_is_published(supervisor_client: Client, number: Number) -> None:
    assert "Nothing is published yet" in page(supervisor_client, number, by="live")


def test_another_number_must_be_typed(supervisor_client: Client, number: Number) -> None:
    assert "Type the number that calls." in page(supervisor_client, number, caller="other")
    assert "no branch takes this contact" in page(supervisor_client, number, caller="other", address="<script>")


def test_a_stranger_may_not_try(stranger_client: Client, number: Number) -> None:
    assert stranger_client.get("/admin/routing/flow/try/").status_code == 302
