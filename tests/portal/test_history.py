"""What people set up has a history: who, when, what was changed, with the values before and after in words."""

import re
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from contactcenter.accounts.models import User
from contactcenter.audit.followed import FOLLOWED, records_of, secret_fields
from contactcenter.audit.pages import STEPS_A_PAGE
from contactcenter.foundation.lost_updates import LostUpdates
from contactcenter.privacy import exporting, retention
from customers.models import Customer, Handle, LoyaltyTier
from customers.privacy.person import person_of
from queues.models import Calendar, OpeningHours, PhoneSystem, Queue
from routing.document import render
from routing.models import Branch, Flow, NotificationTarget, Number, ProviderAccount
from routing.restoring import reset_draft
from tests.portal.page_forms import fields_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow() -> Flow:
    system = PhoneSystem.objects.create(name="PBX", slug="pbx")
    vip = Queue.objects.create(name="VIP", slug="vip", phone_system=system, voice_address="8001")
    return Flow.objects.create(name="Priority customers", slug="priority", last_path=vip)


def page(thing: Any, view: str) -> str:
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_{view}", args=[thing.pk])


def history(client: Client, thing: Any) -> str:
    """The page as one line of words."""
    text = client.get(page(thing, "history")).content.decode()
    shown = text.partition('id="content-main"')[2].partition("<footer")[0]
    return re.sub(r"\s+", " ", strip_tags(shown.replace("<", " <")))


def change(client: Client, thing: Any, **typed: Any) -> None:
    form = fields_of(client.get(page(thing, "change")).content.decode()) | typed
    assert client.post(page(thing, "change"), form).status_code == 302


def test_everything_that_people_set_up_is_followed() -> None:
    followed = {model._meta.label for model in FOLLOWED}
    with_forms = {
        model._meta.label for model, its_page in admin.site._registry.items() if isinstance(its_page, LostUpdates)
    }
    assert with_forms - followed == set()
    assert len(with_forms) > 20


def test_no_history_holds_a_secret() -> None:
    held = [
        f"{model._meta.label}.{name}"
        for model in FOLLOWED
        for name in secret_fields(model)
        if name in {field.name for field in model.history.model._meta.get_fields()}
    ]
    assert held == []
    assert secret_fields(User) == ["password"]


def test_a_change_is_told_with_its_values_in_words(flow: Flow, supervisor: User, supervisor_client: Client) -> None:
    queue = Queue.objects.get()
    change(supervisor_client, queue, name="Very important", closed_without_agents=[])
    told = history(supervisor_client, queue)
    assert "supervisor Changed Field Before After" in told
    assert "Name VIP Very important" in told
    assert "Closed while nobody is logged in yes no" in told
    change(supervisor_client, flow, notify=[])
    assert records_of(Flow).count() == 1  # nothing was changed: nothing is recorded


def test_rows_are_told_with_the_page_they_stand_on(flow: Flow, supervisor_client: Client) -> None:
    LoyaltyTier.objects.create(name="Gold", slug="gold", rank=3)
    asks = [[{"variable": "customer.tier", "operator": "is", "value": "gold"}]]
    branch = Branch.objects.create(flow=flow, label="Best", slug="best", queue=flow.last_path, conditions=asks)
    branch.conditions = []
    branch.save()
    branch.delete()
    told = history(supervisor_client, flow)
    assert "Added Branch “Best”" in told
    assert "Changed Branch “Best” Field Before After Who takes it loyalty tier is Gold everybody" in told
    assert told.index("Deleted Branch “Best”") < told.index("Added Branch “Best”")


def test_what_is_gone_keeps_its_name(flow: Flow, supervisor_client: Client) -> None:
    queue = Queue.objects.get()
    other = PhoneSystem.objects.create(name="Old PBX", slug="old")
    queue.phone_system = other
    queue.save()
    queue.phone_system = PhoneSystem.objects.get(slug="pbx")
    queue.save()
    other.delete()
    assert "Phone system Old PBX, which is gone PBX" in history(supervisor_client, queue)


def test_of_a_secret_only_that_it_changed(supervisor_client: Client) -> None:
    target = NotificationTarget.objects.create(name="Pager", slug="pager", url="https://a.example.com", secret="before")
    target.secret = "after"
    target.save()
    told = history(supervisor_client, target)
    assert "Signing secret changed; what is secret is never shown" in told
    assert "after" not in str(list(records_of(NotificationTarget).values()))


def test_what_no_person_changed_is_not_put_down_to_one(supervisor_client: Client) -> None:
    customer = Customer.objects.create(name="Ada")  # as a sync does
    Customer.objects.filter(pk=customer.pk).update(plan="basic")
    assert not records_of(Customer).exists()
    change(supervisor_client, customer, name="Ada Lovelace")
    Customer.objects.filter(pk=customer.pk).update(plan="premium")
    change(supervisor_client, customer, language="it")
    told = history(supervisor_client, customer)
    assert told.count("Plan") == 1
    assert "Changed by a sync, an import or a program Changed Field Before After Plan basic premium" in told
    assert "Name Ada Ada Lovelace" in told


def test_a_sync_asks_nothing_of_the_history() -> None:
    with CaptureQueriesContext(connection) as asked:
        customer = Customer.objects.create(name="Ada")
        Handle.objects.create(customer=customer, kind="phone", value="+390212345678")
        customer.save()
        customer.delete()
    assert [query["sql"] for query in asked if "audit_" in query["sql"]] == []


def test_sentences_in_the_admin_s_log_stay(flow: Flow, supervisor: User, supervisor_client: Client) -> None:
    LogEntry.objects.create(
        user=supervisor,
        content_type=ContentType.objects.get_for_model(Flow),
        object_id=str(flow.pk),
        object_repr="Priority customers",
        action_flag=CHANGE,
        change_message="Pointed at us.",
    )
    assert "supervisor Pointed at us." in history(supervisor_client, flow)


def test_whoever_may_not_see_numbers_sees_none_in_history(supervisor_client: Client, client: Client) -> None:
    customer = Customer.objects.create(name="Ada")
    form = fields_of(supervisor_client.get(page(customer, "change")).content.decode())
    row = {"handles-TOTAL_FORMS": "1", "handles-0-kind": "phone", "handles-0-value": "+39 02 12345678"}
    assert supervisor_client.post(page(customer, "change"), form | row).status_code == 302
    assert Handle.objects.get().value == "+390212345678"
    assert "+390212345678" in history(supervisor_client, customer)
    analyst = User.objects.create_user("analyst", is_staff=True)
    analyst.user_permissions.set(Permission.objects.filter(codename__in=["view_customer", "view_handle"]))
    client.force_login(analyst)
    assert "+39******78" in history(client, customer)
    assert "+390212345678" not in history(client, customer)


def test_history_is_for_whoever_may_see_the_thing(flow: Flow, stranger_client: Client, client: Client) -> None:
    assert stranger_client.get(page(flow, "history")).status_code == 302
    client.force_login(User.objects.create_user("newcomer", is_staff=True))
    assert client.get(page(flow, "history")).status_code == 403
    assert client.get(reverse("history", args=["no", "such", "1"])).status_code == 404


def test_a_long_history_has_pages(flow: Flow, supervisor_client: Client, django_assert_max_num_queries: Any) -> None:
    account = ProviderAccount.objects.create(name="Provider", slug="provider")
    number = Number.objects.create(
        account=account, address="+390299999999", default_queue=flow.last_path, time_zone="UTC"
    )
    people = User.objects.bulk_create(User(username=f"person-{index}") for index in range(STEPS_A_PAGE + 3))
    for index, person in enumerate(people):
        by: Any = number
        by._history_user = person
        number.label = f"Line {index}"
        number.save()
    with django_assert_max_num_queries(30):
        told = history(supervisor_client, number)
    assert f"Line {len(people) - 1}" in told
    assert "Label Line 0 Line 1" not in told
    second = supervisor_client.get(page(number, "history") + "?p=2").content.decode()
    assert "Line 1<" in second


def test_all_permissions_of_a_role_are_named_in_as_many_questions_as_two(admin_client: Client) -> None:
    allowed = Permission.objects.filter(content_type__app_label="routing").order_by("pk").values_list("pk", flat=True)
    asked = []
    for name, most in (("Night shift", 2), ("Weekend", 20)):
        admin_client.post(reverse("admin:auth_group_add"), {"name": name, "permissions": allowed[:most]})
        role = Group.objects.get(name=name)
        with CaptureQueriesContext(connection) as questions:
            page = admin_client.get(reverse("admin:auth_group_history", args=[role.pk])).content.decode()
        assert page.count("view") > most / 5
        asked.append(len(questions))
    assert asked[0] == asked[1]


def test_a_reset_draft_records_what_differs_in_the_end(flow: Flow, supervisor_client: Client) -> None:
    calendar = Calendar.objects.create(name="Weekdays", slug="weekdays", time_zone="UTC")
    OpeningHours.objects.create(calendar=calendar, weekday=0, opens="09:00", closes="18:00")
    document = render()
    queue = Queue.objects.get()
    queue.name, queue.calendar = "Very important", calendar
    queue.save()
    Queue.objects.create(name="New", slug="new", phone_system=queue.phone_system, voice_address="8002")
    records = {model: records_of(model).count() for model in FOLLOWED}
    reset_draft(document)
    added = {model: records_of(model).count() - before for model, before in records.items()}
    assert {model: count for model, count in added.items() if count} == {Queue: 2}
    assert "Name Very important VIP" in history(supervisor_client, queue)
    queue.name = "Priority"
    queue.save()
    assert records_of(Queue).filter(id=queue.pk).count() == 4


def test_erasing_a_person_takes_his_history_along(supervisor: User, supervisor_client: Client) -> None:
    customer = Customer.objects.create(name="Ada")
    form = fields_of(supervisor_client.get(page(customer, "change")).content.decode())
    row = {"handles-TOTAL_FORMS": "1", "handles-0-kind": "phone", "handles-0-value": "+39 02 12345678"}
    supervisor_client.post(page(customer, "change"), form | row | {"name": "Ada Lovelace"})
    tables = exporting.export(person_of([customer.pk]))["tables"]
    assert {each["name"] for each in tables["audit_historicalcustomer"]} == {"Ada", "Ada Lovelace"}
    assert tables["audit_historicalhandle"][0]["value"] == "+390212345678"
    supervisor_client.post(reverse("erase_person", args=[customer.pk]))
    assert not Customer.objects.exists()
    assert not records_of(Customer).exists()
    assert not records_of(Handle).exists()


def test_history_is_forgotten_by_age(flow: Flow, supervisor_client: Client) -> None:
    queue = Queue.objects.get()
    queue.name = "Very important"
    queue.save()
    records_of(Queue).filter(name="VIP").update(history_date=timezone.now() - timedelta(days=401))
    assert retention.forget(monotonic() + 60)
    assert [record.name for record in records_of(Queue).all()] == ["Very important"]
    assert "Nothing has been changed" in history(supervisor_client, queue)  # of the first, nobody knows what it changed
