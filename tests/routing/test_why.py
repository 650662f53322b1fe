"""Why a caller landed where he did: each condition with what it saw, by how much it missed, and the way lit up."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import Customer, Handle
from routing import publishing
from routing.models import Branch, Decision, Flow, Release
from tests.replaying import replayed
from tests.routing.draft import good_draft

pytestmark = pytest.mark.django_db

CALLER = "+393471234578"
RICH = [[{"variable": "customer.purchases", "operator": "at_least", "value": 10}]]


@pytest.fixture
def release() -> int:
    """GOOD, and a first branch for those who bought at least ten times."""
    replayed("many orders", _publish)
    return Release.objects.get().number


def _publish() -> None:
    good_draft()
    flow = Flow.objects.get()
    queue = flow.branches.get(slug="gold-or-platinum").queue
    Branch.objects.create(flow=flow, position=0, slug="many", label="Many orders", queue=queue, conditions=RICH)
    publishing.publish("first", by=None)


def decided(release: int, **variables: Any) -> Decision:
    return Decision.objects.create(
        decision_id="a" * 32,
        account="a",
        call_id="call-1",
        channel="voice",
        number="+390212345678",
        caller=CALLER,
        release=release,
        flow="priority-customers",
        branch="silver",
        queue="priority",
        tier="silver",
        reason="branch",
        decided_at=timezone.now(),
        document={"answer": {"queue": "priority"}, "variables": variables},
    )


def page(client: Client, decision: Decision) -> str:
    text = client.get(f"/admin/routing/decision/{decision.pk}/change/").content.decode()
    return " ".join(text.split())


def test_each_branch_says_what_it_saw_and_by_how_much_it_missed(admin_client: Client, release: int) -> None:
    text = page(admin_client, decided(release, **{"customer.tier": "silver", "customer.purchases": 7}))
    assert 'purchases is at least 10 <span class="trial-seen">(purchases is 7, 3 too few)</span>' in text
    assert "(loyalty tier is Silver)" in text
    assert text.count("takes this contact") >= 1
    assert 'class="sheet sheet-wide has-lit"' in text


def test_it_is_explained_by_the_release_of_that_day(admin_client: Client, release: int) -> None:
    decision = decided(release, **{"customer.tier": "silver"})
    Branch.objects.filter(slug="silver").update(label="Renamed since")
    publishing.publish("second", by=None)
    text = page(admin_client, decision)
    assert "Renamed since" not in text
    assert "purchases is not known" in text


def test_the_callers_tier_can_be_mended_from_here(admin_client: Client, release: int) -> None:
    customer = Customer.objects.create(name="Ada Bianchi")
    Handle.objects.create(customer=customer, value=CALLER)
    text = page(admin_client, decided(release, **{"customer.tier": "silver"}))
    mend = f'<a href="/admin/customers/customer/{customer.pk}/change/#tier_overrides-group">'
    assert f"{mend}Give Ada Bianchi a tier until a day, with a reason</a>" in text


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"release": 99}, id="a release that is gone"),
        pytest.param({"flow": "gone"}, id="a flow that was not walked"),
        pytest.param({"release": None}, id="no release at all"),
        pytest.param({"document": {"answer": {}}}, id="no variables left"),
    ],
)
def test_what_cannot_be_explained_is_shown_without(admin_client: Client, release: int, change: dict[str, Any]) -> None:
    decision = decided(release, **{"customer.tier": "silver"})
    Decision.objects.filter(pk=decision.pk).update(**change)
    text = page(admin_client, decision)
    assert "Why here?" not in text
    assert "call-1" in text
