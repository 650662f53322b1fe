"""Exports: what the list shows, for whom it is meant, and back again unchanged."""

import io
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from contactcenter.accounts.models import User
from contactcenter.tables import files, tasks
from contactcenter.tables.models import TableExport
from customers.models import AttributeDefinition, Customer, Handle, LoyaltyTier
from queues.models import Queue
from routing.models import Flow, Number, ProviderAccount
from tests.portal.test_tables import CARLO, ROSA, _folder, counted, draft, handed_in, latest

__all__ = ["_folder", "draft"]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_what_is_exported_comes_back_unchanged(supervisor_client: Client, fmt: str) -> None:
    gold = LoyaltyTier.objects.get(slug="gold")
    rosa = Customer.objects.create(name="=1+1", tier=gold, purchases=3, account_manager="anna", attributes={"a": "x"})
    AttributeDefinition.objects.create(key="a", label="A thing", type="text")
    for value in (ROSA, CARLO):
        Handle.objects.create(customer=rosa, kind="phone", value=value)
    answer = supervisor_client.post(reverse("tables_export", args=["customers"]), {"format": fmt})
    content = b"".join(answer)
    if fmt == "csv":
        assert '"\'=1+1"' in content.decode("utf-8-sig")
    else:
        cells = [cell for row in load_workbook(io.BytesIO(content)).active.iter_rows() for cell in row]  # type: ignore[union-attr]
        assert next(cell.data_type for cell in cells if cell.value == "=1+1") == "s", "text, not a formula"
    handed_in(supervisor_client, "customers", content, f"customers.{fmt}")
    assert (latest().state, counted()) == ("ready", (0, 0, 1, 0))


@pytest.mark.parametrize("table", ["numbers", "queues"])
def test_things_of_the_draft_come_back_unchanged_in_any_language(supervisor_client: Client, table: str) -> None:
    queue, account = Queue.objects.get(), ProviderAccount.objects.get()
    Number.objects.create(
        account=account,
        address="+390255501",
        label="Hotline",
        default_queue=queue,
        flow=Flow.objects.get(),
        in_service_from=date(2026, 3, 1),
    )
    answer = supervisor_client.post(
        reverse("tables_export", args=[table]), {"format": "csv"}, headers={"accept-language": "it"}
    )
    handed_in(supervisor_client, table, b"".join(answer))
    assert (latest().state, counted()) == ("ready", (0, 0, 1, 0))


def test_only_what_is_filtered_is_exported(supervisor_client: Client) -> None:
    for name in ("Rosa", "Carlo"):
        Customer.objects.create(name=name)
    sent = {"format": "csv", "query": "q=Ros"}
    text = b"".join(supervisor_client.post(reverse("tables_export", args=["customers"]), sent)).decode()
    assert "Rosa" in text
    assert "Carlo" not in text


def test_who_may_not_see_callers_gets_masked_addresses_and_may_not_import(client: Client) -> None:
    person = User.objects.create_user("analyst", is_staff=True)
    names = ("view_customer", "add_customer", "change_customer")
    person.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(person)
    Handle.objects.create(customer=Customer.objects.create(name="Rosa"), kind="phone", value=ROSA)
    text = b"".join(client.post(reverse("tables_export", args=["customers"]), {"format": "csv"})).decode()
    assert ROSA not in text
    assert "'+39********67" in text
    assert client.get(reverse("tables_hand_in", args=["customers"])).status_code == 403
    assert client.get(reverse("tables_export", args=["numbers"])).status_code == 403


def test_long_lists_are_written_by_a_worker_for_their_owner_alone(
    supervisor_client: Client, auditor_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contactcenter.tables.exports.AT_ONCE", 1)
    Customer.objects.bulk_create(Customer(name=f"Customer {n}") for n in range(3))
    supervisor_client.post(reverse("tables_export", args=["customers"]), {"format": "csv"})
    job = TableExport.objects.get()
    assert job.state == "writing"
    tasks.export_step(str(job.pk))
    fetch = reverse("tables_export_file", args=[job.pk])
    assert b"".join(supervisor_client.get(fetch)).count(b',"Customer ') == 4
    assert auditor_client.get(fetch).status_code == 404
    assert files.place(job.pk).stat().st_mode & 0o777 == 0o600
    TableExport.objects.update(created_at=timezone.now() - timedelta(days=2))
    tasks.forget_old()
    assert not list(files.folder().iterdir())
    assert supervisor_client.get(fetch).status_code == 404
