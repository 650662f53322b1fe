"""The roles that come with the portal: what each may open, held against the table that people read."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client, RequestFactory
from django.utils import timezone

from contactcenter.accounts import roles
from contactcenter.accounts.models import User
from contactcenter.accounts.roles import ANALYST, ROLES
from contactcenter.menu import MENU
from routing.models import Decision
from tests.people import logged_in

pytestmark = pytest.mark.django_db

TABLE = Path(__file__).parents[2] / "docs" / "roles.md"
CALLER = "+393471234578"


@pytest.fixture(autouse=True)
def _roles() -> None:
    roles.establish()


def somebody(role: str) -> User:
    (person,) = User.objects.bulk_create([User(username=role.lower(), is_staff=True)])
    person.groups.add(Group.objects.get(name=role))
    return person


def test_every_permission_that_a_role_names_is_there() -> None:
    known = {
        f"{app}.{codename}" for app, codename in Permission.objects.values_list("content_type__app_label", "codename")
    }
    assert {name for wanted in ROLES.values() for name in wanted} - known == set()


def test_the_table_of_the_docs_says_what_each_role_may_open() -> None:
    said = {
        cells[0]: cells[1:]
        for row in TABLE.read_text(encoding="utf-8").partition("\n## Every page")[0].splitlines()
        if row.startswith("| ") and not row.startswith(("| Page", "| ---", "|---"))
        for cells in [[cell.strip() for cell in row.strip("| ").split("|")]]
    }
    found = matrix()
    rows = "\n".join(f"| {page} | {' | '.join(cells)} |" for page, cells in found.items())
    assert {page: cells for page, cells in said.items() if page in found} == found, f"docs/roles.md should say:\n{rows}"


def matrix() -> dict[str, list[str]]:
    """For each page of the menu, and each role: changes, sees, or –."""
    by_label = {model._meta.label: model for model in admin.site._registry}
    people = {role: somebody(role) for role in ROLES}
    pages = [by_label[label] for group in MENU for label in group.entries if label in by_label]
    return {
        str(model._meta.verbose_name_plural): [what_it_may(people[role], model) for role in ROLES] for model in pages
    }


def what_it_may(person: User, model: Any) -> str:
    """By the page's own rules; test_doors.py knocks at each."""
    request = RequestFactory().get("/")
    request.user = person
    page = admin.site.get_model_admin(model)
    if not page.has_view_permission(request):
        return "–"
    return "changes" if page.has_add_permission(request) or page.has_change_permission(request) else "sees"


def test_only_a_publisher_publishes() -> None:
    may = {role: logged_in(somebody(role)).post("/admin/routing/release/publish/").status_code != 403 for role in ROLES}
    assert [role for role, allowed in may.items() if allowed] == [roles.PUBLISHER]


def test_a_role_cannot_be_altered_in_the_portal_and_another_group_can(admin_client: Client) -> None:
    role, own = Group.objects.get(name=ANALYST), Group.objects.create(name="Night shift")
    assert "_save" not in admin_client.get(f"/admin/auth/group/{role.pk}/change/").content.decode()
    assert "_save" in admin_client.get(f"/admin/auth/group/{own.pk}/change/").content.decode()


def test_a_role_is_read_in_ones_own_language_and_a_group_of_ones_own_as_it_was_named(admin_client: Client) -> None:
    Group.objects.create(name="Night shift")
    person = User.objects.create_user("elena", is_staff=True)
    person.groups.set(Group.objects.filter(name__in=(roles.AUDITOR, "Night shift")))
    in_german = {"accept-language": "de"}
    role = Group.objects.get(name=roles.AUDITOR)
    for page in ("accounts/user/", f"accounts/user/{person.pk}/change/", "accounts/user/add/", "auth/group/"):
        seen = admin_client.get(f"/admin/{page}", headers=in_german).content.decode()
        assert ("Prüfer" in seen, "Auditor" in seen, "Night shift" in seen) == (True, False, True), page
    of_role = admin_client.get(f"/admin/auth/group/{role.pk}/change/", headers=in_german).content.decode()
    assert '<tr><th scope="row">Warteschlange</th><td>ansehen</td></tr>' in of_role
    assert "Can view" not in of_role


def test_nobody_but_a_superuser_makes_logins() -> None:
    for role in ROLES:
        assert logged_in(somebody(role)).get("/admin/accounts/user/add/").status_code == 403


def test_what_was_taken_from_a_role_comes_back(django_db_setup: None) -> None:
    Group.objects.get(name=ANALYST).permissions.clear()
    Group.objects.filter(name=roles.AUDITOR).delete()
    roles.establish()
    assert {group.name for group in Group.objects.all()} >= set(ROLES)
    assert Group.objects.get(name=ANALYST).permissions.count() == len(ROLES[ANALYST])


def test_an_analyst_sees_no_number_in_clear_anywhere() -> None:
    decision = Decision.objects.create(
        decision_id="a" * 32,
        account="a",
        call_id="call-1",
        channel="voice",
        number="+390212345678",
        caller=CALLER,
        release=1,
        queue="vip",
        reason="branch",
        decided_at=timezone.now(),
        document={"answer": {"caller_id": CALLER}, "variables": {"call.from": CALLER, "call.context.back": CALLER}},
    )
    page = f"/admin/routing/decision/{decision.pk}/change/"
    analyst, auditor = logged_in(somebody(ANALYST)), logged_in(somebody(roles.AUDITOR))
    seen = analyst.get(page).content.decode() + analyst.get("/admin/routing/decision/").content.decode()
    assert re.search(r"\+39\*+78", seen)
    assert CALLER not in seen
    assert CALLER in auditor.get(page).content.decode()


def test_a_migration_that_alters_nothing_leaves_the_roles_alone() -> None:
    Group.objects.get(name=ANALYST).permissions.clear()
    roles.after_migrating(apps.get_app_config("accounts"), using="default", plan=[])
    assert Group.objects.get(name=ANALYST).permissions.count() == 0
