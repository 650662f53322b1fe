"""A decision's page in words: where the contact went and why, what was missing, what came of it, what can be done."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contactcenter.accounts.models import User
from customers.models import Customer, Handle
from queues.models import Queue
from routing import publishing
from routing.models import Branch, ContactEvent, Decision, Flow
from tests.routing.test_why import CALLER, decided, page
from tests.routing.test_why import release as release  # the fixture

pytestmark = pytest.mark.django_db


SILVER = {"customer.tier": "silver"}
MOST_QUERIES = 45


def changed(decision: Decision, answer: dict[str, Any], **fields: Any) -> Decision:
    decision.document["answer"] |= answer
    for name, value in fields.items():
        setattr(decision, name, value)
    decision.save()
    return decision


def test_it_begins_with_names_as_they_were_in_that_release(admin_client: Client, release: int) -> None:
    decision = decided(release, **SILVER)
    Queue.objects.filter(slug="priority").update(name="Renamed queue")
    queue, flow = Queue.objects.get(slug="priority"), Flow.objects.get()
    text = page(admin_client, decision)
    assert f'Went to <strong><a href="/admin/queues/queue/{queue.pk}/change/">Priority</a></strong>.' in text
    assert (
        f'Branch “<a href="/admin/routing/flow/{flow.pk}/change/#branches-group">Silver</a>” took the contact.' in text
    )
    assert f'<dt>Flow</dt><dd><a href="/admin/routing/flow/{flow.pk}/change/">Priority customers</a></dd>' in text
    assert "<dt>Loyalty tier</dt><dd>Silver</dd>" in text


def test_short_names_stand_in_when_the_release_is_gone(admin_client: Client, release: int) -> None:
    text = page(admin_client, changed(decided(release, **SILVER), {}, release=99))
    assert "priority</a></strong>." in text
    assert "silver</a>” took the contact." in text


@pytest.mark.parametrize(
    ("answer", "fields", "said"),
    [
        pytest.param({}, {"reason": "closed", "queue": "standard"}, ["Priority</a></strong> was closed."], id="closed"),
        pytest.param({}, {"reason": "full", "queue": "standard"}, ["Priority</a></strong> was full."], id="full"),
        pytest.param({"action": "announce"}, {}, ["heard the announcement of <strong>"], id="an announcement"),
        pytest.param({"action": "voicemail"}, {}, ["asked to leave a message for <strong>"], id="a mailbox"),
        pytest.param({"manager": "away"}, {}, ["account manager was away."], id="an account manager who is away"),
        pytest.param(
            {}, {"branch": "last_path", "reason": "last_path"}, ["it went the way of everyone else"], id="everyone else"
        ),
        pytest.param(
            {"switch": "send_outside"},
            {"branch": "", "flow": "", "reason": "switched"},
            ["sent to an outside number", "A switch sent everybody elsewhere"],
            id="a switch to an outside number",
        ),
        pytest.param(
            {"action": "reject"}, {"branch": "", "queue": "", "reason": "blocked"}, ["turned away."], id="turned away"
        ),
        pytest.param(
            {}, {"branch": "", "queue": "", "reason": "no_release"}, ["emergency target"], id="nothing published"
        ),
        pytest.param(
            {"action": "of tomorrow"}, {"branch": "", "reason": "of_tomorrow"}, ["Went to <strong>"], id="unheard of"
        ),
    ],
)
def test_each_way_is_said_in_words(
    admin_client: Client, release: int, answer: dict[str, Any], fields: dict[str, Any], said: list[str]
) -> None:
    text = page(admin_client, changed(decided(release, **SILVER), answer, **fields))
    assert [each for each in said if each not in text] == []


def event(kind: str, after_s: int, **fields: Any) -> None:
    at = timezone.now() + timedelta(seconds=after_s)
    ContactEvent.objects.create(event_id=f"{kind}{after_s}", kind=kind, happened_at=at, **fields)


def test_what_came_of_it_is_told_and_not_what_came_of_another_attempt(admin_client: Client, release: int) -> None:
    decision = decided(release, **SILVER)
    again = decision.decided_at + timedelta(minutes=5)
    Decision.objects.create(
        decision_id="b" * 32, account="a", call_id="call-1", attempt=1, channel="voice", number="+390212345678",
        queue="standard", reason="last_path", decided_at=again, document={},
    )  # fmt: skip
    event("entered", 1, call_id="call-1", queue="priority")
    event("agent_answered", 13, decision_id=decision.decision_id, queue="priority", document={"seconds": 12})
    event("abandoned", 400, call_id="call-1", queue="standard", document={"seconds": 90})
    text = page(admin_client, decision)
    assert "An agent answered after 12 s." in text
    assert "came into the queue" in text
    assert "hung up" not in text
    assert "Other decisions of the same call:" in text


def test_nothing_told_is_said_too(admin_client: Client, release: int) -> None:
    assert "Nobody has told yet how it ended." in page(admin_client, decided(release, **SILVER))


def test_branches_that_looked_at_what_was_missing_are_named(admin_client: Client, release: int) -> None:
    decision = changed(decided(release, **SILVER), {}, degraded=["facts:error"])
    text = page(admin_client, decision)
    assert "could not tell whether they fit, and passed the contact on: Many orders." in text
    assert "passed the contact on" not in page(admin_client, changed(decision, {}, degraded=["crm:timeout"]))


def test_the_same_call_can_be_tried_again_without_a_number_in_the_address(admin_client: Client, release: int) -> None:
    decision = decided(release, **SILVER)
    assert f'href="/admin/routing/flow/try/?decision={decision.pk}"' in page(admin_client, decision)


def test_who_may_not_see_callers_sees_no_number_and_no_person(analyst_client: Client, release: int) -> None:
    customer = Customer.objects.create(name="Ada Bianchi")
    Handle.objects.create(customer=customer, value=CALLER)
    decision = changed(decided(release, **SILVER, **{"call.from": CALLER}), {"caller_id": CALLER})
    event("leg", 3, decision_id=decision.decision_id, document={"outcome": "busy"})
    text = page(analyst_client, decision)
    assert "+39********78" in text
    assert "the line was busy" in text
    assert [each for each in (CALLER, CALLER[1:], "Ada Bianchi", "blockedcaller") if each in text] == []


def test_the_page_costs_no_more_for_many_branches(admin_client: Client, release: int, supervisor: User) -> None:
    flow, queue = Flow.objects.get(), Queue.objects.get(slug="priority")
    for place in range(30):
        rich = [[{"variable": "customer.plan", "operator": "is", "value": f"p{place}"}]]
        slug = f"b{place}"
        Branch.objects.create(flow=flow, position=0, slug=slug, label=slug, queue=queue, conditions=rich)
    newer = publishing.publish("many", by=supervisor).number
    costs = []
    for decision in (decided(release, **SILVER), changed(decided_again(newer), {})):
        with CaptureQueriesContext(connection) as queries:
            page(admin_client, decision)
        costs.append(len(queries))
    assert costs[1] <= costs[0] <= MOST_QUERIES


def decided_again(release: int) -> Decision:
    found = Decision.objects.get()
    found.pk, found.decision_id, found.release = None, "c" * 32, release
    found.save(force_insert=True)
    return found
