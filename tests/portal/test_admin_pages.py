"""Every page of the portal opens for the supervisor, for nobody else, and at a bounded cost."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory
from django.urls import reverse

from contactcenter.accounts.models import User
from contactcenter.menu import MENU, PAGES
from queues.models import PhoneSystem, Queue, Switch
from routing.models import Flow

pytestmark = pytest.mark.django_db

OUR_APPS = ("accounts", "customers", "queues", "routing")
OURS = sorted(
    (model for model in admin.site._registry if model._meta.app_label in OUR_APPS), key=lambda model: model._meta.label
)
WITH_FORMS = [model for model in OURS if model._meta.label != "routing.ReportInterval"]
"""Reports are pages of figures: there is nothing to add."""

REACHED_FROM_OTHERS = {"customers.StagedRecord", "routing.MonthlyMail", "routing.ReportSettings"}
"""From a sync run, and from the reports."""

MOST_QUERIES = 30
MOST_QUERIES_AT_HOME = 50
"""Fifteen of them read the draft, to say how it differs from what is live; no part asks more where there is more."""


def page(model: Any, view: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}")


def in_words(model: Any) -> str:
    return str(model._meta.label)


@pytest.fixture
def request_of_supervisor(supervisor: User) -> Any:
    request = RequestFactory().get("/")
    request.user = supervisor
    return request


@pytest.mark.portable
@pytest.mark.parametrize("model", OURS, ids=in_words)
def test_the_supervisor_sees_every_list(
    model: Any, supervisor_client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(MOST_QUERIES):
        assert supervisor_client.get(page(model, "changelist")).status_code == 200


@pytest.mark.portable
@pytest.mark.parametrize("model", WITH_FORMS, ids=in_words)
def test_the_supervisor_opens_every_form(
    model: Any,
    supervisor_client: Client,
    request_of_supervisor: Any,
    without_menu: None,
    django_assert_max_num_queries: Any,
) -> None:
    may_add = admin.site._registry[model].has_add_permission(request_of_supervisor)
    with django_assert_max_num_queries(MOST_QUERIES + 20):
        answer = supervisor_client.get(page(model, "add"))
    assert answer.status_code == (200 if may_add else 403)


def test_the_stranger_is_sent_to_the_login(stranger_client: Client) -> None:
    for address in (page(model, view) for model in WITH_FORMS for view in ("changelist", "add")):
        answer = stranger_client.get(address)
        assert answer.status_code == 302, address
        assert answer["Location"].startswith(reverse("admin:login")), address


def test_the_auditor_reads_and_cannot_add(auditor_client: Client, without_menu: None) -> None:
    for model in WITH_FORMS:
        assert auditor_client.get(page(model, "changelist")).status_code == 200, model
        assert auditor_client.get(page(model, "add")).status_code == 403, model


@pytest.mark.parametrize("model", WITH_FORMS, ids=in_words)
def test_every_field_has_a_help_text(model: Any, request_of_supervisor: Any) -> None:
    page_of_model = admin.site._registry[model]
    if not page_of_model.has_change_permission(request_of_supervisor):  # evidence: nothing is typed there
        assert not page_of_model.has_add_permission(request_of_supervisor)
        return
    forms: list[Any] = [(page_of_model.get_form(request_of_supervisor), ())]
    for formset, _ in page_of_model.get_formsets_with_inlines(request_of_supervisor):
        forms.append((formset.form, (formset.fk.name, "position")))  # neither of them is shown in a row
    silent = [
        f"{form.__name__}.{name}"
        for form, unseen in forms
        for name, field in form.base_fields.items()
        if not field.help_text and name not in unseen
    ]
    assert silent == []


@pytest.mark.portable
def test_home_costs_little(supervisor_client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(MOST_QUERIES_AT_HOME):
        answer = supervisor_client.get(reverse("admin:index"))
    assert answer.status_code == 200


def test_home_says_what_to_do_first(supervisor_client: Client) -> None:
    text = supervisor_client.get(reverse("admin:index")).content.decode()
    assert "Do this first" in text
    assert page(Flow, "add") in text
    Queue.objects.create(name="VIP", slug="vip")
    assert page(Queue, "add") not in text_of_steps(supervisor_client)


def text_of_steps(client: Client) -> str:
    page = client.get(reverse("admin:index")).content.decode().partition('id="content-main"')[2]
    return page.partition('class="standing"')[0]


@pytest.mark.portable
def test_home_shows_switches_in_force_and_no_others(supervisor_client: Client) -> None:
    Switch.objects.create(kind="close_queue", subject="vip", reason="Fire drill")
    ended = Switch.objects.create(kind="close_queue", subject="silver", reason="Long ago")
    Switch.objects.filter(pk=ended.pk).update(ended_at=ended.created_at)
    text = supervisor_client.get(reverse("admin:index")).content.decode()
    assert "Fire drill" in text
    assert "Long ago" not in text


def test_home_keeps_from_a_person_what_he_may_not_see(client: Client) -> None:
    client.force_login(User.objects.create_user("newcomer", is_staff=True))
    Switch.objects.create(kind="close_queue", subject="vip", reason="Fire drill")
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 200
    assert "Fire drill" not in answer.content.decode()


def test_the_menu_is_grouped_and_hides_what_is_technical(admin_client: Client) -> None:
    groups = admin_client.get(reverse("admin:index")).context["app_list"]
    assert [group["app_label"] for group in groups] == [group.slug for group in MENU]
    entries = [entry for group in groups for entry in group["models"]]
    assert {entry["admin_url"] for entry in entries if "model" not in entry} == {reverse(each) for each in PAGES}
    shown = {entry["model"]._meta.label for entry in entries if "model" in entry}
    assert not {label for label in shown if label.startswith("django_celery_beat.")}
    assert {model._meta.label for model in OURS} - shown == REACHED_FROM_OTHERS


@pytest.mark.parametrize(
    ("address", "entry", "opened"),
    [
        pytest.param("/admin/", "Home", [], id="Home is Home and nothing else"),
        pytest.param("/admin/routing/flow/", "Flows", [], id="a list of every day opens no group"),
        pytest.param("/admin/routing/flow/add/", "Flows", [], id="a form belongs to its list"),
        pytest.param("/admin/routing/release/", "Releases", ["routing"], id="a list of a group opens its group"),
        pytest.param("/admin/routing/release/publish/", "Publish", [], id="the longest address wins"),
        pytest.param("/admin/queues/what-if/", "What if", ["routing"], id="a page of no model is an entry as well"),
        pytest.param("/admin/audit/event/", "Audit events", ["records"], id="evidence stands under records"),
    ],
)
def test_the_menu_says_where_one_is(address: str, entry: str, opened: list[str], admin_user: User) -> None:
    request = RequestFactory().get(address)
    request.user = admin_user
    groups = admin.site.each_context(request)["available_apps"]
    marked = [str(each["name"]) for group in groups for each in group["models"] if each["is_current"]]
    assert marked == [entry]
    assert [group["app_label"] for group in groups if group["is_open"] and not group["is_everyday"]] == opened


@pytest.mark.parametrize(
    "address", ["/admin/", "/admin/routing/flow/", "/admin/queues/what-if/", "/admin/second-factor/"]
)
def test_a_button_opens_the_menu_where_there_is_no_room_for_it(address: str, supervisor_client: Client) -> None:
    text = supervisor_client.get(address).content.decode()
    assert text.count('id="menu"') == 1
    assert 'popovertarget="menu">' in text.partition('id="menu"')[0], "its button stands before it, in the header"


def test_one_app_has_a_page_of_its_own(admin_client: Client) -> None:
    answer = admin_client.get(reverse("admin:app_list", args=["routing"]))
    assert answer.status_code == 200
    assert {m["model"]._meta.app_label for g in answer.context["app_list"] for m in g["models"]} == {"routing"}


@pytest.mark.portable
def test_what_is_in_use_says_where(supervisor_client: Client) -> None:
    system = PhoneSystem.objects.create(name="PBX", slug="pbx")
    queue = Queue.objects.create(name="VIP", slug="vip", phone_system=system, voice_address="8001")
    Flow.objects.create(name="Priority customers", slug="priority", last_path=queue)
    text = supervisor_client.post(
        reverse("admin:queues_queue_delete", args=[queue.pk]), {"post": "yes"}
    ).content.decode()
    assert "Priority customers" in text
    assert Queue.objects.filter(pk=queue.pk).exists()


def test_only_a_superuser_makes_a_superuser(supervisor: User, supervisor_client: Client, admin_user: User) -> None:
    own_page = reverse("admin:accounts_user_change", args=[supervisor.pk])
    supervisor_client.post(
        own_page, {"username": "supervisor", "is_staff": "on", "is_active": "on", "is_superuser": "on"}
    )
    supervisor.refresh_from_db()
    assert not supervisor.is_superuser
    reset = reverse("admin:auth_user_password_change", args=[admin_user.pk])
    assert supervisor_client.get(reset).status_code == 403


def test_groups_are_made_in_the_portal(admin_client: Client) -> None:
    assert admin_client.post(page(Group, "add"), {"name": "Supervisors"}).status_code == 302


def test_pages_mirror_for_arabic(supervisor_client: Client) -> None:
    answer = supervisor_client.get(reverse("admin:index"), headers={"accept-language": "ar"})
    assert '<html lang="ar" dir="rtl">' in answer.content.decode()


def test_no_page_carries_a_script_that_the_policy_refuses(supervisor_client: Client) -> None:
    answer = supervisor_client.get(page(Flow, "add"))
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "<script>" not in answer.content.decode()
