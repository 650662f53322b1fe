"""A deletion is undone by whoever made it: the thing, its rows, what led to it, under the same key and name."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contactcenter.accounts.models import User
from contactcenter.audit.followed import records_of
from customers.models import Customer, Handle
from queues.models import Calendar, OpeningHours, PhoneSystem, Queue
from routing.models import ApiKey, Branch, Flow, NotificationTarget, ProviderAccount
from tests.portal.page_forms import fields_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def vip() -> Queue:
    system = PhoneSystem.objects.create(name="PBX", slug="pbx")
    return Queue.objects.create(name="VIP", slug="vip", phone_system=system, voice_address="8001")


@pytest.fixture
def flow(vip: Queue) -> Flow:
    flow = Flow.objects.create(name="Priority customers", slug="priority", last_path=vip)
    for place, label in enumerate(("Gold", "Silver"), 1):
        Branch.objects.create(flow=flow, position=place, label=label, slug=label.lower(), queue=vip)
    return flow


def delete(client: Client, thing: Any) -> str:
    """Delete it on its page; where “Undo” leads."""
    address = f"admin:{thing._meta.app_label}_{thing._meta.model_name}_delete"
    return link_in(client.post(reverse(address, args=[thing.pk]), {"post": "yes"}))


def link_in(answer: Any) -> str:
    """Of what is said on the page that follows."""
    said = "".join(str(message) for message in get_messages(answer.wsgi_request))
    found = re.search(r'class="undo" href="([^"]+)"', said)
    return found[1] if found else ""


def test_a_flow_comes_back_with_its_branches(flow: Flow, supervisor_client: Client) -> None:
    before = list(Branch.objects.order_by("pk").values())
    undo = delete(supervisor_client, flow)
    assert f'class="undo" href="{undo}"' in supervisor_client.get("/admin/routing/flow/").content.decode()
    assert not Flow.objects.exists()
    text = supervisor_client.get(undo).content.decode()
    assert "Priority customers" in text
    assert "Silver" in text
    assert not Flow.objects.exists()  # looking restores nothing
    assert supervisor_client.post(undo, follow=True).redirect_chain
    assert Flow.objects.get().pk == flow.pk
    assert list(Branch.objects.order_by("pk").values()) == before


def test_several_that_were_deleted_at_once_come_back(supervisor_client: Client) -> None:
    for name in ("weekdays", "nights"):
        OpeningHours.objects.create(
            calendar=Calendar.objects.create(name=name, slug=name), weekday=0, opens="09:00", closes="18:00"
        )
    chosen = {"action": "delete_selected", "_selected_action": list(Calendar.objects.values_list("pk", flat=True))}
    answer = supervisor_client.post(reverse("admin:queues_calendar_changelist"), {**chosen, "post": "yes"})
    assert not Calendar.objects.exists()
    supervisor_client.post(link_in(answer))
    assert sorted(Calendar.objects.values_list("name", "hours__weekday")) == [("nights", 0), ("weekdays", 0)]


def test_a_customer_comes_back_with_his_addresses(supervisor_client: Client) -> None:
    customer = Customer.objects.create(name="Ada")
    Handle.objects.create(customer=customer, kind="phone", value="+390212345678")
    supervisor_client.post(delete(supervisor_client, customer))
    assert Handle.objects.get().customer == customer


def test_nothing_is_restored_where_something_new_has_the_name(vip: Queue, supervisor_client: Client) -> None:
    undo = delete(supervisor_client, vip)
    new = Queue.objects.create(name="New", slug="vip", phone_system=vip.phone_system, voice_address="8002")
    text = supervisor_client.post(undo).content.decode()
    assert "It cannot be restored as it was" in text
    assert "Queue with this Short name already exists" in text
    assert list(Queue.objects.all()) == [new]


def test_nothing_is_restored_where_what_it_stands_on_is_gone(vip: Queue, supervisor_client: Client) -> None:
    undo = delete(supervisor_client, vip)
    PhoneSystem.objects.all().delete()
    assert "its phone system is gone" in supervisor_client.post(undo).content.decode()
    assert not Queue.objects.exists()


def test_only_whoever_deleted_it_and_only_for_some_hours(
    vip: Queue, supervisor_client: Client, admin_client: Client, auditor_client: Client
) -> None:
    undo = delete(supervisor_client, vip)
    assert auditor_client.post(undo).status_code == 403
    assert "There is nothing to undo" in admin_client.post(undo, follow=True).content.decode()
    records_of(Queue).update(history_date=timezone.now() - timedelta(hours=5))
    assert "There is nothing to undo" in supervisor_client.post(undo, follow=True).content.decode()
    assert not Queue.objects.exists()


def test_it_is_said_that_secrets_do_not_come_back(supervisor_client: Client) -> None:
    target = NotificationTarget.objects.create(
        name="Pager", slug="pager", url="https://pager.example.com", secret="s3cret"
    )
    undo = delete(supervisor_client, target)
    assert "type them again: Signing secret" in supervisor_client.get(undo).content.decode()
    supervisor_client.post(undo)
    assert NotificationTarget.objects.get().secret == ""


def test_a_key_does_not_come_back(supervisor: User, supervisor_client: Client) -> None:
    account = ProviderAccount.objects.create(name="Provider", slug="provider")
    key = ApiKey.objects.create(account=account, label="first", prefix="abcdefgh", sha256="0" * 64)
    assert delete(supervisor_client, key) == ""
    record = records_of(ApiKey).get(history_type="-")
    address = reverse("undo", args=["routing", "apikey", record.history_id, record.history_id])
    assert "There is nothing to undo" in supervisor_client.post(address, follow=True).content.decode()


def untick(client: Client, flow: Flow) -> Any:
    """Delete both branches of a flow on its page, by their ticks."""
    url = reverse("admin:routing_flow_change", args=[flow.pk])
    sent = fields_of(client.get(url).content.decode())
    ticks = {"branches-0-DELETE": "on", "branches-1-DELETE": "on"}
    return client.post(url, sent | ticks | {"_continue": "1"})


def test_rows_that_were_deleted_by_a_tick_come_back(flow: Flow, supervisor_client: Client) -> None:
    before = list(Branch.objects.order_by("pk").values())
    answer = untick(supervisor_client, flow)
    assert not Branch.objects.exists()
    assert "Put 2 deleted rows back" in supervisor_client.get(answer["Location"]).content.decode()
    undo = html.unescape(link_in(answer))
    text = supervisor_client.get(undo).content.decode()
    assert "Gold" in text
    assert "Silver" in text
    assert not Branch.objects.exists()
    page = supervisor_client.post(undo, follow=True)
    assert page.request["PATH_INFO"] == reverse("admin:routing_flow_change", args=[flow.pk])
    assert list(Branch.objects.order_by("pk").values()) == before


def test_rows_come_back_only_to_the_page_they_stood_on_and_by_whoever_took_them_away(
    flow: Flow, supervisor_client: Client, admin_client: Client, auditor_client: Client
) -> None:
    other = Flow.objects.create(name="Other", slug="other", last_path=flow.last_path)
    undo = html.unescape(link_in(untick(supervisor_client, flow)))
    assert auditor_client.post(undo).status_code == 403
    elsewhere = undo.replace(f"/flow/{flow.pk}/", f"/flow/{other.pk}/")
    for client, address in ((admin_client, undo), (supervisor_client, elsewhere)):
        assert "There is nothing to undo" in client.post(address, follow=True).content.decode()
    assert not Branch.objects.exists()


def test_a_page_saved_without_a_deleted_row_offers_nothing(flow: Flow, supervisor_client: Client) -> None:
    url = reverse("admin:routing_flow_change", args=[flow.pk])
    sent = fields_of(supervisor_client.get(url).content.decode())
    answer = supervisor_client.post(url, sent | {"_continue": "1"})
    assert (answer.status_code, link_in(answer)) == (302, "")


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param("", id="nothing"),
        pytest.param("routing.branch:1-99999999999999999999", id="a record beyond all bounds"),
        pytest.param("accounts.user:1-9", id="no rows of such a page"),
        pytest.param("routing.branch:x-y", id="no records"),
    ],
)
def test_a_forged_address_undoes_nothing(flow: Flow, supervisor_client: Client, rows: str) -> None:
    page = reverse("undo_rows", args=["routing", "flow", flow.pk])
    answer = supervisor_client.get(page, {"rows": rows}, follow=True)
    assert "There is nothing to undo" in answer.content.decode()
