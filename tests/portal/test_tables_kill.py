"""A real Celery worker is killed in the middle of an import, and of its undo; the next one goes on where that was."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from contactcenter.accounts.models import User
from contactcenter.tables import tasks
from contactcenter.tables.models import TableImport
from customers.models import Customer, Handle, LoyaltyTier, TierChange
from tests.customers.sync_processes import kill, wait_until, worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

PEOPLE = 3000
PATIENCE_S = 120.0


def is_at(state: str, done: int = 0) -> bool:
    return TableImport.objects.filter(state=state, done__gte=done).exists()


def handed_in(client: Client, path: Path) -> str:
    """The page of an import of this file, which is being looked at."""
    with path.open("rb") as file:
        client.post(reverse("tables_hand_in", args=["customers"]), {"file": file, "region": "IT"})
    page = reverse("tables_import", args=[TableImport.objects.get().pk])
    client.post(page, {"column-0": "name", "column-1": "handle:customer_no", "column-2": "tier", "look": "1"})
    return page


@pytest.mark.celery
def test_a_killed_import_goes_on_and_no_line_counts_twice(
    supervisor: User, process_env: dict[str, str], tmp_path: Path, settings: Settings
) -> None:
    settings.VAR_DIR = tmp_path
    env = {**process_env, "BROKER_DIR": str(settings.BROKER_DIR)}  # what the pages send reaches the workers
    gold = LoyaltyTier.objects.create(name="Gold", slug="gold", rank=1)
    known = Customer.objects.create(name="Known")
    Handle.objects.create(customer=known, kind="customer_no", value="K1")
    client = Client()
    client.force_login(supervisor)
    lines = "".join(f"Customer {n},C{n},gold\n" for n in range(PEOPLE))
    path = tmp_path / "people.csv"
    path.write_text(f"name,customer number,tier\n{lines}Known,K1,gold\n")
    page = handed_in(client, path)

    with worker(env) as first:
        wait_until(lambda: is_at("reading", 1000) or is_at("ready"), PATIENCE_S)
        kill(first)
    job = TableImport.objects.get()
    assert (job.state, 0 < job.done < PEOPLE, job.lease != "") == ("reading", True, True), "killed while it held it"
    tasks.look_after.delay(0.0)
    with worker(env) as second:
        wait_until(lambda: is_at("ready"), PATIENCE_S)
        job.refresh_from_db()
        assert (job.new, job.changed, job.refused, job.done) == (PEOPLE, 1, 0, PEOPLE + 1)
        assert Customer.objects.count() == 1, "a look alters nothing"
        client.post(page, {"confirm": "1"})
        wait_until(lambda: is_at("applying", 1000) or is_at("done"), PATIENCE_S)
        kill(second)
    assert 0 < Customer.objects.filter(tier=gold).count() < PEOPLE, "killed in mid-import"
    tasks.look_after.delay(0.0)
    with worker(env):
        wait_until(lambda: is_at("done"), PATIENCE_S)
    assert (Customer.objects.filter(tier=gold).count(), Handle.objects.count()) == (PEOPLE + 1, PEOPLE + 1)
    assert TierChange.objects.get().customer == known

    client.post(reverse("tables_undo", args=[job.pk]))
    way_back = TableImport.objects.get(undoes=job)
    with worker(env) as third:
        wait_until(lambda: TableImport.objects.filter(pk=way_back.pk, state="ready").exists(), PATIENCE_S)
        client.post(reverse("tables_import", args=[way_back.pk]), {"confirm": "1"})
        wait_until(lambda: is_at("applying", 1000) or Customer.objects.count() == 1, PATIENCE_S)
        kill(third)
    assert 1 < Customer.objects.count() < PEOPLE, "killed in mid-undo"
    tasks.look_after.delay(0.0)
    with worker(env):
        wait_until(lambda: TableImport.objects.filter(pk=way_back.pk, state="done").exists(), PATIENCE_S)
    way_back.refresh_from_db()
    assert (way_back.changed, way_back.removed, way_back.gone) == (1, PEOPLE, 0)
    assert (Customer.objects.get(), Handle.objects.get().value) == (known, "K1")
    assert list(TierChange.objects.values_list("new_tier", flat=True).order_by("pk")) == ["gold", ""]
