"""Exporting and erasing on the customer's page: who may, what is said before, and what is noted of it."""

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from contactcenter import tasks
from contactcenter.accounts.models import User
from customers.models import Customer, Erasure
from routing.models import Decision
from tests.privacy.conftest import MARIO
from tests.privacy.searching import tables_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whether a worker was woken."""
    calls: list[str] = []
    monkeypatch.setattr(tasks.go_on_erasing, "apply_async", lambda **_: calls.append("woken"))
    return calls


@pytest.mark.parametrize("name", ["erase_person", "export_person"])
@pytest.mark.parametrize("who", ["stranger_client", "auditor_client", "client"])
def test_nobody_without_the_permission_may(
    name: str, who: str, mario: Customer, request: pytest.FixtureRequest
) -> None:
    answer = request.getfixturevalue(who).post(reverse(name, args=[mario.pk]))
    assert answer.status_code in (302, 403)
    assert "login" in answer.get("Location", "login")
    assert Customer.objects.filter(pk=mario.pk).exists()
    assert MARIO.phone.encode() not in answer.content


def test_who_may_edit_customers_may_not_erase_them_for_that(mario: Customer, auditor: User) -> None:
    auditor.user_permissions.add(Permission.objects.get(codename="change_customer"))
    client = Client()
    client.force_login(auditor)
    page = client.get(reverse("admin:customers_customer_change", args=[mario.pk])).content.decode()
    assert reverse("erase_person", args=[mario.pk]) not in page
    assert client.get(reverse("erase_person", args=[mario.pk])).status_code == 403


def test_the_page_says_what_it_does_and_asking_alone_does_nothing(mario: Customer, supervisor_client: Client) -> None:
    page = supervisor_client.get(reverse("admin:customers_customer_change", args=[mario.pk])).content.decode()
    assert reverse("erase_person", args=[mario.pk]) in page
    asked = supervisor_client.get(reverse("erase_person", args=[mario.pk])).content.decode()
    assert "cannot be undone" in asked
    assert "3 addresses" in asked
    assert Customer.objects.filter(pk=mario.pk).exists()


def test_erased_from_the_page_a_worker_does_the_rest_and_the_log_names_no_one(
    mario: Customer,
    supervisor_client: Client,
    supervisor: User,
    woken: list[str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = supervisor_client.post(reverse("erase_person", args=[mario.pk]))
    assert answer.status_code == 302
    assert not Customer.objects.filter(pk=mario.pk).exists()
    assert woken == ["woken"]
    tasks.go_on_erasing()
    erasure = Erasure.objects.get()
    assert erasure.requested_by == supervisor
    assert erasure.finished_at is not None
    assert Decision.objects.filter(caller=erasure.pseudonym).count() == 4
    assert tables_with(MARIO) == set()
    entry = LogEntry.objects.get(user=supervisor)
    assert (entry.object_repr, entry.object_id) == (f"erasure {erasure.pk}", str(erasure.pk))
    shown = supervisor_client.get(reverse("admin:customers_erasure_change", args=[erasure.pk])).content.decode()
    assert "routing_decision: 4" in shown


def test_the_file_is_everything_and_that_it_was_given_is_noted(
    mario: Customer, supervisor_client: Client, supervisor: User
) -> None:
    answer = supervisor_client.post(reverse("export_person", args=[mario.pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="customer-{mario.pk}.json"'
    assert "no-store" in answer["Cache-Control"]
    assert json.loads(answer.content)["tables"]["customers_customer"][0]["name"] == MARIO.name
    entry = LogEntry.objects.get(user=supervisor)
    assert (entry.change_message, entry.object_repr) == ("exported", f"customer {mario.pk}")


def test_a_link_alone_exports_nothing(mario: Customer, supervisor_client: Client) -> None:
    assert supervisor_client.get(reverse("export_person", args=[mario.pk])).status_code == 405
