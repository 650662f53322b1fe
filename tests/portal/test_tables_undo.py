"""An import taken back: what it changed, what it added, and what somebody has changed since."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from contactcenter.accounts.models import User
from contactcenter.audit.followed import records_of
from contactcenter.audit.models import Event
from contactcenter.foundation.models import Change, Team
from contactcenter.privacy import erasing
from contactcenter.tables import exports, imports, people_back, tasks, undoing
from contactcenter.tables.models import ImportRow, TableImport
from customers.models import CrmConnection, Customer, ExternalIdentity, Handle, LoyaltyTier, TierChange
from customers.privacy import suppression
from customers.privacy.person import person_of
from queues.models import PhoneSystem, Queue
from routing.models import Number, ProviderAccount
from tests.portal.test_tables import CARLO, NUMBERS, ROSA, hand_in, latest, press, send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture(autouse=True)
def draft(db: None) -> None:
    """What numbers and customers point to."""
    system = PhoneSystem.objects.create(name="PBX", slug="pbx", hosts="pbx.example.net")
    Queue.objects.create(name="Everyone", slug="everyone", phone_system=system, voice_address="8001")
    ProviderAccount.objects.create(name="Twilio Italy", slug="twilio-it", dialect="native")
    LoyaltyTier.objects.create(name="Gold", slug="gold", rank=3)
    LoyaltyTier.objects.create(name="Silver", slug="silver", rank=2)


def imported(client: Client, table: str, text: str) -> TableImport:
    """A file that has been imported."""
    hand_in(client, table, text)
    send(client, confirm="1", leave_refused="on")
    assert latest().state == "done"
    return latest()


def ask_to_undo(client: Client, job: TableImport) -> Any:
    """The answer; the page on which the undo is confirmed is not opened."""
    return client.post(reverse("tables_undo", args=[job.pk]))


def undo(client: Client, job: TableImport) -> str:
    """The page on which an undo is confirmed."""
    return str(client.get(ask_to_undo(client, job)["Location"]).content.decode())


def counted() -> tuple[int, int, int, int]:
    job = latest()
    return job.changed, job.removed, job.unchanged, job.refused


def left_alone() -> dict[str, str]:
    return dict(latest().rows.filter(kind="refused").values_list("label", "reason"))


def rosa_in_silver() -> Customer:
    rosa = Customer.objects.create(name="Rosa", tier=LoyaltyTier.objects.get(slug="silver"), plan="basic")
    Handle.objects.create(customer=rosa, kind="phone", value=ROSA)
    return rosa


ERASED = "An address that this had before is of somebody who was erased."
WRONG = f"name,loyalty tier,phone number,e-mail address,plan\nRosa B,gold,{ROSA},rosa@example.com,\nCarlo,,{CARLO},,\n"


@pytest.mark.portable
def test_customers_are_as_they_were(supervisor_client: Client, supervisor: User) -> None:
    rosa = rosa_in_silver()
    job = imported(supervisor_client, "customers", WRONG)
    Change.objects.all().delete()
    page = undo(supervisor_client, job)
    assert counted() == (1, 1, 0, 0)
    assert "1 row is changed back" in page
    assert "1 row that the import added is deleted" in page
    assert Customer.objects.count() == 2, "a look alters nothing"
    assert "1 row was left" not in press(supervisor_client, confirm="1")
    again = Customer.objects.get()
    assert (again, again.name, again.tier, again.plan) == (
        rosa,
        "Rosa",
        LoyaltyTier.objects.get(slug="silver"),
        "basic",
    )
    assert list(Handle.objects.values_list("customer", "value")) == [(rosa.pk, ROSA)]
    told = set(Change.objects.filter(topic="facts").values_list("key", flat=True))
    assert told == {f"phone:{ROSA}", "email:rosa@example.com", f"phone:{CARLO}"}
    moved = TierChange.objects.order_by("pk").values_list("old_tier", "new_tier", "cause")
    assert list(moved) == [("silver", "gold", "import"), ("gold", "silver", "import")]
    assert not ImportRow.objects.exists(), "there is nothing left to go back to"
    events = Event.objects.filter(kind="tables.tableimport", user_id=supervisor.pk).order_by("pk")
    assert list(events.values_list("action", "object_id")) == [("imported", str(job.pk)), ("restored", str(job.pk))]
    assert LogEntry.objects.latest("pk").change_message == "Import undone: 1 changed back, 1 deleted, 0 left out."


@pytest.mark.portable
def test_what_a_sync_or_somebody_has_changed_since_stays_and_is_named(supervisor_client: Client) -> None:
    rosa = rosa_in_silver()
    job = imported(supervisor_client, "customers", WRONG)
    Customer.objects.filter(pk=rosa.pk).update(name="Rosa Bianchi")
    crm = CrmConnection.objects.create(name="CRM", slug="crm")
    ExternalIdentity.objects.create(connection=crm, external_id="7", customer=Customer.objects.get(name="Carlo"))
    page = undo(supervisor_client, job)
    assert counted() == (1, 0, 0, 1)
    assert "Changed since, and stays as it is: Name." in page
    assert left_alone() == {"Carlo": "Was changed since."}
    assert "1 row was left alone" in press(supervisor_client, confirm="1")
    rosa.refresh_from_db()
    assert (rosa.name, str(rosa.tier)) == ("Rosa Bianchi", "Silver")
    assert Customer.objects.filter(name="Carlo").exists()


def test_what_changes_between_the_look_and_the_click_stays(supervisor_client: Client) -> None:
    rosa = rosa_in_silver()
    ask_to_undo(supervisor_client, imported(supervisor_client, "customers", WRONG))
    rosa.refresh_from_db()
    rosa.tier = None
    rosa.save()
    Customer.objects.get(name="Carlo").save()
    send(supervisor_client, confirm="1")
    rosa.refresh_from_db()
    assert (rosa.name, rosa.tier) == ("Rosa", None)
    assert Customer.objects.count() == 2
    assert latest().gone == 1


@pytest.mark.portable
def test_numbers_are_as_they_were(supervisor_client: Client, supervisor: User) -> None:
    queue, account = Queue.objects.get(), ProviderAccount.objects.get()
    old = Number.objects.create(account=account, address="+390255501", label="Old", default_queue=queue)
    text = f"{NUMBERS}+3902555 10-12;Milan;twilio-it;everyone;;;\n+390255501;New;;;;2026-03-01;\n"
    job = imported(supervisor_client, "numbers", text)
    Number.objects.get(address="+390255512").delete()
    touched = Number.objects.get(address="+390255511")
    touched.silent_after_days = 3
    touched.save()
    ask_to_undo(supervisor_client, job)
    assert counted() == (1, 1, 1, 1)
    assert left_alone() == {"Milan (+390255511)": "Was changed since."}
    assert Number.objects.count() == 3, "a look alters nothing"
    send(supervisor_client, confirm="1")
    assert set(Number.objects.values_list("label", flat=True)) == {"Old", "Milan"}
    old.refresh_from_db()
    assert old.in_service_from is None
    gone = records_of(Number).filter(address="+390255510").latest("history_id")
    assert (gone.history_type, gone.history_user) == ("-", supervisor)
    assert records_of(Number).filter(id=old.pk).latest("history_id").label == "Old"


@pytest.mark.portable
def test_queues_that_lead_to_each_other_go_together_and_what_is_in_use_stays(supervisor_client: Client) -> None:
    head = 'name,short name,phone system,"extension, number or name",overflow to\n'
    rows = "VIP,vip,PBX,8100,gold\nGold,gold,PBX,8101,\nUsed,used,PBX,8102,\nEveryone,everyone,PBX,8001,vip\n"
    job = imported(supervisor_client, "queues", head + rows)
    used = Queue.objects.get(slug="used")
    Number.objects.create(
        account=ProviderAccount.objects.get(), address="+390255501", label="Hotline", default_queue=used
    )
    ask_to_undo(supervisor_client, job)
    assert counted() == (1, 2, 0, 1)
    assert left_alone() == {"Used (used)": "Is in use: numbers."}
    send(supervisor_client, confirm="1")
    assert {queue.slug: queue.overflow_to for queue in Queue.objects.all()} == {"everyone": None, "used": None}


def test_links_that_went_round_the_other_way_go_back(supervisor_client: Client) -> None:
    system = PhoneSystem.objects.get()
    first = Queue.objects.create(name="A", slug="a", phone_system=system, voice_address="1")
    last = Queue.objects.create(name="B", slug="b", phone_system=system, voice_address="2", overflow_to=first)
    hand_in(supervisor_client, "queues", "short name,overflow to\nb,\n", empties="on")
    send(supervisor_client, confirm="1")
    job = imported(supervisor_client, "queues", "short name,overflow to\na,b\n")
    ask_to_undo(supervisor_client, job)
    send(supervisor_client, confirm="1")
    ask_to_undo(supervisor_client, TableImport.objects.earliest("created_at"))
    send(supervisor_client, confirm="1")
    first.refresh_from_db()
    last.refresh_from_db()
    assert (first.overflow_to, last.overflow_to) == (None, first)


def test_two_people_undo_it_once(supervisor_client: Client, admin_client: Client) -> None:
    rosa_in_silver()
    job = imported(supervisor_client, "customers", WRONG)
    ask_to_undo(admin_client, job)
    others = latest()
    ask_to_undo(supervisor_client, job)
    send(supervisor_client, confirm="1")
    page = admin_client.post(reverse("tables_import", args=[others.pk]), {"confirm": "1"}).content.decode()
    assert "This import was undone already, by supervisor." in page
    assert "supervisor" in undo(admin_client, job), "the page of what was done"
    assert TableImport.objects.filter(undoes=job, state="done").count() == 1
    assert Customer.objects.count() == 1


def test_who_may_not_import_or_delete_does_not_undo(
    supervisor_client: Client, supervisor: User, auditor_client: Client, stranger_client: Client
) -> None:
    job = imported(supervisor_client, "customers", WRONG)
    page = reverse("tables_undo", args=[job.pk])
    assert auditor_client.post(page).status_code == 403
    assert stranger_client.post(page).status_code == 302
    assert supervisor_client.get(page).status_code == 405
    supervisor.user_permissions.remove(Permission.objects.get(codename="delete_customer"))
    ask_to_undo(supervisor_client, job)
    assert (counted(), set(left_alone().values())) == ((0, 0, 0, 2), {"You may not delete it."})
    assert Customer.objects.count() == 2


def test_a_member_of_a_team_undoes_his_own_and_nothing_that_has_left_it(
    supervisor_client: Client, supervisor: User
) -> None:
    team, other = Team.objects.create(name="Milan"), Team.objects.create(name="Rome")
    team.people.add(supervisor)
    Queue.objects.update(belongs_to=team)
    job = imported(supervisor_client, "numbers", f"{NUMBERS}+3902555 10-11;Milan;twilio-it;everyone;;;\n")
    Number.objects.filter(address="+390255511").update(belongs_to=other)
    ask_to_undo(supervisor_client, job)
    assert left_alone() == {"Milan (+390255511)": "Belongs to another team."}
    send(supervisor_client, confirm="1")
    assert Number.objects.get().belongs_to == other


@pytest.mark.portable
def test_a_cancelled_import_is_undone_in_steps_that_go_on(
    supervisor_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa = rosa_in_silver()
    for module in (imports, undoing):
        monkeypatch.setattr(module, "BATCH", 2)
    monkeypatch.setattr(imports, "SMALL", 2)
    people = "".join(f"Customer {n},gold,+39347123457{n}\n" for n in range(7))
    hand_in(supervisor_client, "customers", f"name,tier,phone number\nRosa B,gold,{ROSA}\n{people}")
    job = latest()
    while imports.step(job.pk, deadline=0.0):
        pass
    send(supervisor_client, confirm="1")
    for _batch in range(3):
        assert imports.step(job.pk, deadline=0.0)
    assert "Undo this import" in press(supervisor_client, cancel="1")
    assert Customer.objects.count() == 6
    ask_to_undo(supervisor_client, job)
    way_back = latest()
    while imports.step(way_back.pk, deadline=0.0):
        pass
    assert counted() == (1, 5, 0, 0)
    send(supervisor_client, confirm="1")
    assert imports.step(way_back.pk, deadline=0.0)
    assert 1 < Customer.objects.count() < 6
    assert "the rest can still be undone" in press(supervisor_client, cancel="1")
    ask_to_undo(supervisor_client, job)
    while imports.step(latest().pk, deadline=0.0):
        pass
    assert counted() == (0, 4, 2, 0), "what went back is as it was"
    send(supervisor_client, confirm="1")
    while imports.step(latest().pk, deadline=0.0):
        pass
    assert Customer.objects.get() == rosa
    assert latest().state == "done"


def test_nobody_who_was_erased_stands_in_what_is_kept_or_comes_back(supervisor_client: Client) -> None:
    rosa = rosa_in_silver()
    job = imported(supervisor_client, "customers", WRONG)
    hand_in(supervisor_client, "customers", f"name,phone number\nRosa C,{ROSA}\nCarla,{CARLO}\n")
    erasure = erasing.begin(person_of([rosa.pk]))
    erasing.work(erasure, float("inf"))
    kept = [f"{row.label} {row.key} {row.wanted} {row.before} {row.changes}" for row in ImportRow.objects.all()]
    assert len(kept) == 2
    assert not [each for each in kept if "Rosa" in each or ROSA in each or "rosa@" in each]
    ask_to_undo(supervisor_client, job)
    send(supervisor_client, confirm="1")
    assert not Customer.objects.exists()


def test_somebody_known_by_an_address_alone_is_erased_from_what_waits(supervisor_client: Client) -> None:
    hand_in(supervisor_client, "customers", f"name,phone number\nRosa,{ROSA}\nCarlo,{CARLO}\n")
    erasing.work(erasing.begin(person_of([], [("phone", ROSA)])), float("inf"))
    assert [row.label for row in latest().rows.all()] == ["Carlo"]


def test_whatever_hangs_on_a_customer_goes_with_him_or_keeps_him() -> None:
    hanging = {each.related_model for each in Customer._meta.related_objects}
    assert hanging == {*people_back.HANGING_ON, *(model for model, _name in people_back.KEEPING)}


def test_an_address_of_somebody_erased_does_not_go_back_to_another(supervisor_client: Client) -> None:
    shared = Customer.objects.create(name="Carla")
    Handle.objects.create(customer=shared, kind="email", value="home@example.com")
    job = imported(supervisor_client, "customers", f"id,e-mail address\n{shared.pk},carla@example.com\n")
    suppression.suppress([suppression.of_address("email", "home@example.com")])
    ask_to_undo(supervisor_client, job)
    assert (counted(), left_alone()) == ((0, 0, 0, 1), {"Carla": ERASED})


def test_the_way_back_goes_with_the_file(supervisor_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    job = imported(supervisor_client, "customers", WRONG)
    page = reverse("tables_import", args=[job.pk])
    assert "Undo this import" in supervisor_client.get(page).content.decode()
    TableImport.objects.filter(pk=job.pk).update(created_at=timezone.now() - exports.KEPT_FOR)
    tasks.forget_old()
    assert not ImportRow.objects.exists()
    assert "Undo this import" not in supervisor_client.get(page).content.decode()
    assert "can no longer be undone" in undo(supervisor_client, job)
    assert not TableImport.objects.exclude(pk=job.pk).exists()
