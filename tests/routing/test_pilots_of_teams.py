"""Pilots of somebody whom teams limit: he tries what he may publish, everything else stays as it is live."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contactcenter.accounts.models import User
from contactcenter.foundation.models import Team
from queues.models import Queue
from routing import pilots, publishing
from routing.document import canonical, render
from routing.models import Branch, Flow, Pilot, SampleCall
from tests.replaying import replayed
from tests.routing.draft import good_release

pytestmark = pytest.mark.django_db

MINE = "+393331234567"
START = "/admin/routing/pilot/start/"
GOLD = [[{"variable": "customer.tier", "operator": "is", "value": "gold"}]]
LIMITS = "Only what your team may publish is tried."


@pytest.fixture(autouse=True)
def milan_and_rome() -> None:
    """Live: a flow of each. In the draft: both branches are called otherwise, and so is a queue that is nobody's."""
    replayed("Milan and Rome", _write)


def _write() -> None:
    good_release()
    milan, rome = (Team.objects.create(name=name) for name in ("Milan", "Rome"))
    ours = Flow.objects.get()
    Flow.objects.filter(pk=ours.pk).update(belongs_to=milan)
    theirs = Flow.objects.create(name="Rome", slug="rome", last_path=ours.last_path, belongs_to=rome)
    Branch.objects.create(flow=theirs, slug="roman", label="Roman", queue=ours.last_path, conditions=GOLD)
    publishing.publish("Both are live.", None)
    Branch.objects.filter(slug="silver").update(label="Silver, newly")
    Branch.objects.filter(slug="roman").update(label="Roman, newly")
    Queue.objects.filter(slug="vip").update(name="Very important")


@pytest.fixture
def member(supervisor: User) -> User:
    """The supervisor, limited to Milan."""
    supervisor.teams.add(Team.objects.get(name="Milan"))
    return supervisor


@pytest.fixture
def browser_of_member(member: User) -> Client:
    client = Client()
    client.force_login(member)
    return client


def start(by: User | None) -> dict[str, Any]:
    """The document of a pilot."""
    document: dict[str, Any] = json.loads(pilots.start([MINE], timezone.now() + timedelta(hours=2), by).document)
    return document


def names(document: dict[str, Any]) -> tuple[str, str, str]:
    """How the two branches and the queue are called in it."""
    silver, *_ = [each for each in document["flows"]["priority-customers"]["branches"] if each["slug"] == "silver"]
    return silver["label"], document["flows"]["rome"]["branches"][0]["label"], document["queues"]["vip"]["name"]


def test_a_member_tries_his_teams_changes_and_all_else_as_it_is_live(member: User) -> None:
    assert names(start(member)) == ("Silver, newly", "Roman", "VIP")


def test_who_is_of_no_team_tries_the_whole_draft(supervisor: User) -> None:
    assert names(start(supervisor)) == ("Silver, newly", "Roman, newly", "Very important")
    assert Pilot.objects.get().document == canonical(render())


def test_a_pilot_that_a_member_renews_is_what_he_may_publish(member: User) -> None:
    start(None)
    second = pilots.renew(Pilot.objects.get(), member)
    assert names(json.loads(second.document)) == ("Silver, newly", "Roman", "VIP")


def a_broken_branch() -> None:
    Branch.objects.filter(slug="roman").update(conditions=[[{"variable": "?"}]])


def a_sample_call_that_fails_until_theirs_is_live() -> None:
    flow = Flow.objects.get(slug="rome")
    SampleCall.objects.create(flow=flow, name="Soon", expected=Queue.objects.get(slug="vip"))


@pytest.mark.parametrize("not_ready", [a_broken_branch, a_sample_call_that_fails_until_theirs_is_live])
def test_what_another_team_is_not_ready_with_keeps_nobody_from_trying(
    not_ready: Callable[[], None], member: User
) -> None:
    not_ready()
    with pytest.raises(publishing.NotPublishable):
        start(None)
    assert names(start(member))[0] == "Silver, newly"


def test_the_page_tells_of_what_is_tried_and_of_nothing_else(browser_of_member: Client) -> None:
    text = browser_of_member.get(START).content.decode()
    assert LIMITS in text
    assert "Silver, newly" in text
    assert "Roman, newly" not in text
    assert "Very important" not in text


def test_the_page_says_when_nothing_of_his_is_to_be_tried(browser_of_member: Client) -> None:
    Branch.objects.filter(slug="silver").update(label="Silver")
    assert "None of it differs from what is live" in browser_of_member.get(START).content.decode()


def test_the_page_of_who_is_of_no_team_knows_no_limits(supervisor_client: Client) -> None:
    text = supervisor_client.get(START).content.decode()
    assert "Roman, newly" in text
    assert LIMITS not in text


def test_what_needs_another_teams_change_is_refused_and_says_what_is_missing(browser_of_member: Client) -> None:
    new = Queue.objects.create(name="New in Rome", slug="new", belongs_to=Team.objects.get(name="Rome"))
    Branch.objects.filter(slug="silver").update(queue=new)
    for answer in (
        browser_of_member.get(START),
        browser_of_member.post(START, {"callers": MINE, "lasts": "2"}),
    ):
        text = answer.content.decode()
        assert "also needs: Queue “New in Rome”" in text
        assert "ask others to publish it first" in text
    assert not Pilot.objects.exists()
