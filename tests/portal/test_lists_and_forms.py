"""What a supervisor meets first: lists that say what they are for, and forms that ask for no more than they need."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from queues.models import Calendar, PhoneSystem, Queue
from routing import publishing
from routing.models import Branch, Flow, Number, ProviderAccount
from tests.portal.page_forms import fields_of

pytestmark = pytest.mark.django_db

QUEUES = "admin:queues_queue_changelist"


def plain(page: Any) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


@pytest.fixture
def vip() -> Queue:
    pbx = PhoneSystem.objects.create(name="PBX", slug="pbx", hosts="pbx.example.net")
    return Queue.objects.create(name="VIP", slug="vip", phone_system=pbx, voice_address="8001", is_emergency=True)


@pytest.fixture
def flow(vip: Queue) -> Flow:
    flow = Flow.objects.create(name="Priority customers", slug="priority", last_path=vip)
    Branch.objects.create(flow=flow, position=1, label="Gold", slug="gold", queue=vip)
    return flow


def test_an_empty_list_says_what_it_is_for_and_how_to_begin(supervisor_client: Client) -> None:
    page = supervisor_client.get(reverse(QUEUES))
    assert "There is nothing here yet. A queue is where callers wait" in plain(page)
    assert f'href="{reverse("admin:queues_queue_add")}">Add the first one' in page.content.decode()
    assert "A queue is where callers wait" in plain(supervisor_client.get(reverse("admin:queues_queue_add")))


def test_whoever_may_not_add_is_not_asked_to(auditor_client: Client) -> None:
    assert "Add the first one" not in plain(auditor_client.get(reverse(QUEUES)))


def test_a_search_that_finds_nothing_is_no_empty_list(supervisor_client: Client, vip: Queue) -> None:
    page = plain(supervisor_client.get(reverse(QUEUES), {"q": "nobody"}))
    assert "Nothing fits what you searched or filtered for." in page
    assert "There is nothing here yet" not in page


def test_a_list_is_headed_by_its_name(supervisor_client: Client, vip: Queue) -> None:
    assert "<h1>Queues</h1>" in supervisor_client.get(reverse(QUEUES)).content.decode()


def test_the_list_of_queues_says_what_uses_each(supervisor_client: Client, vip: Queue, flow: Flow) -> None:
    account = ProviderAccount.objects.create(name="Telco", slug="telco", dialect="native")
    for last in range(2):
        Number.objects.create(account=account, address=f"+390212345{last}", label="Line", default_queue=vip)
    Queue.objects.create(name="Free", slug="free")
    page = supervisor_client.get(reverse(QUEUES)).content.decode()
    used = re.findall(r'class="field-used_by">(.*?)</td>', page)
    free, in_use = (set(re.findall(r"<div>(.*?)</div>", each)) for each in used)
    assert (free, in_use) == (set(), {"Branches: 1", "Flows: 1", "Numbers: 2"})


def test_the_list_of_flows_says_whether_callers_meet_them_as_they_stand(
    supervisor_client: Client, vip: Queue, flow: Flow
) -> None:
    publishing.publish("The first one.", None)
    Flow.objects.create(name="New", slug="new", last_path=vip)
    changed = Flow.objects.create(name="Changed", slug="changed", last_path=vip)
    publishing.publish("With another.", None)
    Flow.objects.create(name="Newest", slug="newest", last_path=vip)
    Branch.objects.create(flow=changed, position=1, label="Silver", slug="silver", queue=vip)
    page = supervisor_client.get(reverse("admin:routing_flow_changelist")).content.decode()
    said = re.findall(r'class="field-published">(.*?)</td>', page)
    assert said == ["an earlier version", "as it stands here", "not yet", "as it stands here"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        pytest.param("Office hours", "office-hours", id="of its words"),
        pytest.param("Ufficio è chiuso", "ufficio-e-chiuso", id="without accents"),
        pytest.param("Taken", "taken-2", id="another one where it is taken"),
        pytest.param("ساعات العمل", "calendar", id="of its kind where it has no letters from a to z"),
    ],
)
def test_a_short_name_that_nobody_typed_is_made(supervisor_client: Client, name: str, short: str) -> None:
    Calendar.objects.create(name="Taken before", slug="taken")
    add = reverse("admin:queues_calendar_add")
    sent = fields_of(supervisor_client.get(add).content.decode()) | {"name": name, "slug": ""}
    assert supervisor_client.post(add, sent).status_code == 302
    assert Calendar.objects.get(name=name).slug == short


def test_the_short_name_of_a_branch_stays_whatever_is_sent(supervisor_client: Client, flow: Flow) -> None:
    url = reverse("admin:routing_flow_change", args=[flow.pk])
    sent = fields_of(supervisor_client.get(url).content.decode())
    assert (
        supervisor_client.post(url, sent | {"branches-0-label": "Best", "branches-0-slug": "best"}).status_code == 302
    )
    branch = Branch.objects.get()
    assert (branch.label, branch.slug) == ("Best", "gold")
