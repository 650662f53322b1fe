"""Two people have one form open: the second who saves sees what the first changed, and loses nothing."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from contactcenter.accounts.models import User
from contactcenter.audit.followed import records_of
from queues.models import PhoneSystem, Queue
from routing.models import Branch, Flow, NotificationTarget
from tests.portal.page_forms import fields_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow() -> Flow:
    system = PhoneSystem.objects.create(name="PBX", slug="pbx")
    vip = Queue.objects.create(name="VIP", slug="vip", phone_system=system, voice_address="8001")
    flow = Flow.objects.create(name="Priority customers", slug="priority", last_path=vip)
    for place, label in enumerate(("Gold", "Silver"), 1):
        Branch.objects.create(flow=flow, position=place, label=label, slug=label.lower(), queue=vip)
    return flow


@pytest.fixture
def anna_client(admin_user: User) -> Client:
    """Another supervisor's browser."""
    admin_user.username = "anna"
    admin_user.save()
    client = Client()
    client.force_login(admin_user)
    return client


def page(thing: Any) -> str:
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])


def form_of(client: Client, thing: Any) -> dict[str, list[str]]:
    return fields_of(client.get(page(thing)).content.decode())


def save(client: Client, thing: Any, form: dict[str, list[str]], **typed: str) -> Any:
    return client.post(page(thing), {**form, **{name: [value] for name, value in typed.items()}})


def test_the_second_who_saves_sees_what_the_first_changed(
    flow: Flow, supervisor_client: Client, anna_client: Client
) -> None:
    queue = Queue.objects.get()
    hers, his = form_of(anna_client, queue), form_of(supervisor_client, queue)
    assert save(anna_client, queue, hers, name="Very important", max_waiting="7").status_code == 302
    answer = save(supervisor_client, queue, his, name="VIP callers")
    assert answer.status_code == 200
    lines = {line.label: line for line in answer.context["overtaken"]}
    assert lines["Name"].theirs == "Very important"
    assert lines["Name"].mine == "VIP callers"
    text = answer.content.decode()
    assert "Saved by anna" in text
    queue.refresh_from_db()
    assert (queue.name, queue.max_waiting) == ("Very important", 7)
    again = fields_of(text)
    assert again["name"] == ["VIP callers"]  # what he typed
    assert again["max_waiting"] == ["7"]  # what he had not touched
    assert save(supervisor_client, queue, again).status_code == 302
    queue.refresh_from_db()
    assert (queue.name, queue.max_waiting) == ("VIP callers", 7)


def test_rows_are_part_of_the_page(flow: Flow, supervisor_client: Client, anna_client: Client) -> None:
    his = form_of(supervisor_client, flow)
    Branch.objects.create(flow=flow, position=3, label="Bronze", slug="bronze", queue=flow.last_path)
    hers = {"branches-0-label": "Gold and platinum", "branches-1-DELETE": "on"}
    assert save(anna_client, flow, form_of(anna_client, flow), **hers).status_code == 302
    answer = save(supervisor_client, flow, his, **{"branches-0-label": "Gold!", "branches-1-label": "Silver!"})
    told = {(line.label, line.theirs, line.mine) for line in answer.context["overtaken"]}
    assert told == {
        ("Branch “Gold!”: Label", "Gold and platinum", "Gold!"),
        ("Branch “Bronze”", "added", "stays, whatever you save"),
        ("Branch", "deleted", "still in your form; saving adds it again"),
    }
    again = fields_of(answer.content.decode())
    assert save(supervisor_client, flow, again).status_code == 302
    assert sorted(flow.branches.values_list("label", flat=True)) == ["Bronze", "Gold!", "Silver!"]


def test_a_corrected_form_is_still_the_one_that_was_opened(
    flow: Flow, supervisor_client: Client, anna_client: Client
) -> None:
    queue = Queue.objects.get()
    hers, his = form_of(anna_client, queue), form_of(supervisor_client, queue)
    refused = save(supervisor_client, queue, his, name="")
    assert "overtaken" not in refused.context
    save(anna_client, queue, hers, max_waiting="7")
    answer = save(supervisor_client, queue, fields_of(refused.content.decode()), name="VIP callers")
    assert [line.label for line in answer.context["overtaken"]] == ["Maximum callers waiting"]


def test_whoever_saves_alone_is_never_asked(flow: Flow, supervisor_client: Client) -> None:
    for thing in (flow, flow.last_path, flow.last_path.phone_system):
        assert save(supervisor_client, thing, form_of(supervisor_client, thing)).status_code == 302
        assert save(supervisor_client, thing, form_of(supervisor_client, thing)).status_code == 302


def test_a_secret_is_compared_and_never_shown(supervisor_client: Client, anna_client: Client) -> None:
    target = NotificationTarget.objects.create(name="Pager", slug="pager", url="https://a.example.com", secret="before")
    his = form_of(supervisor_client, target)
    target.secret = "top-secret"
    target.save()
    answer = save(supervisor_client, target, his, name="Pagers")
    (line,) = answer.context["overtaken"]
    assert (line.label, line.theirs) == ("Signing secret", "(secret)")
    assert "top-secret" not in answer.content.decode()


def test_what_was_typed_into_something_deleted_waits(
    flow: Flow, supervisor_client: Client, anna_client: Client
) -> None:
    his = form_of(supervisor_client, flow)
    rows = list(flow.branches.values())
    anna_client.post(reverse("admin:routing_flow_delete", args=[flow.pk]), {"post": "yes"})
    answer = save(supervisor_client, flow, his, name="Night")
    assert "This was deleted meanwhile" in answer.content.decode()
    record = records_of(Flow).get(history_type="-")
    anna_client.post(reverse("undo", args=["routing", "flow", record.history_id, record.history_id]))
    assert save(supervisor_client, flow, fields_of(answer.content.decode())).status_code == 302
    assert Flow.objects.get().name == "Night"
    assert list(flow.branches.values()) == rows


def test_what_a_stranger_sends_is_not_saved(flow: Flow, supervisor_client: Client, client: Client) -> None:
    answer = save(client, flow, form_of(supervisor_client, flow), name="Night")
    text = answer.content.decode()
    assert "You were logged out" in text
    assert fields_of(text)["name"] == ["Night"]
    assert Flow.objects.get().name == "Priority customers"
    assert client.get(page(flow)).status_code == 302  # nothing was typed: the login as always


@pytest.mark.django_db(transaction=True)
def test_a_login_that_runs_out_costs_nothing_that_was_typed(flow: Flow, tab: Page, supervisor: User) -> None:
    tab.goto(page(flow))
    tab.fill("#id_name", "Typed for an hour")
    Session.objects.all().delete()
    tab.click("[name=_save]")
    with tab.expect_popup() as opened:
        tab.get_by_role("link", name="Log in").click()
    login = opened.value
    login.fill("input[type=text]", "supervisor")
    login.fill("input[type=password]", "correct horse")
    login.click("#content [type=submit]")
    login.wait_for_url("**/admin/")
    tab.get_by_role("button", name="Send it").click()
    expect(tab.locator("li.success")).to_be_visible()
    assert Flow.objects.get().name == "Typed for an hour"
