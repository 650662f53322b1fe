"""Whoever was erased does not come back: not by a sync, not by a backup, not by a host that was away."""

import shutil
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest
from django.core.management import call_command
from django.utils import timezone

from contactcenter import backup, postgres_tools
from contactcenter.foundation import changes
from contactcenter.privacy import erasing, reapplying, retention
from customers.models import CrmConnection, Customer, Erasure, Suppression
from customers.privacy import suppression
from customers.privacy.person import person_of
from routing.courier import carry_once
from routing.models import ContactEvent, Decision, Notification
from routing.privacy import on_host
from tests.e2e.test_backup import own_database, wreck
from tests.privacy.conftest import BIANCA, MARIO, plant
from tests.privacy.searching import files_with, secrets_with, tables_with

pytestmark = pytest.mark.django_db
__all__ = ["own_database"]


def erase(customer: Customer) -> Erasure:
    erasure = erasing.begin(person_of([customer.pk]))
    assert erasing.work(erasure, monotonic() + 60)
    return erasure


def as_in_a_backup(folder: Path) -> Customer:
    """Everything of Mario is there again, and nothing says that he was erased."""
    for model in (Suppression, Erasure, Decision, ContactEvent, Notification):
        model.objects.all().delete()
    for file in folder.glob("spool*"):
        file.unlink()
    return plant(MARIO, folder)


def carry(folder: Path) -> None:
    while carry_once(folder, "here").carried:
        pass


@pytest.mark.parametrize(
    ("record", "address", "is_kept_out"),
    [
        pytest.param(MARIO.record, ("phone", "+393330000001"), True, id="the same id, whatever the address"),
        pytest.param("crm-1", ("phone", MARIO.phone), True, id="the same number under a new id"),
        pytest.param("crm-1", ("email", MARIO.email), True, id="the same e-mail address under a new id"),
        pytest.param("crm-1", ("email", MARIO.phone), False, id="the same text as another kind"),
        pytest.param(BIANCA.record, ("phone", BIANCA.phone), False, id="somebody else"),
    ],
)
def test_a_sync_keeps_out(mario: Customer, record: str, address: tuple[str, str], is_kept_out: bool) -> None:
    crm = CrmConnection.objects.get()
    assert suppression.suppressed(crm.pk, {record: [address]}) == set()
    erase(mario)
    assert suppression.suppressed(crm.pk, {record: [address]}) == ({record} if is_kept_out else set())


def test_an_address_of_somebody_else_too_is_not_kept_out(mario: Customer) -> None:
    other = Customer.objects.exclude(pk=mario.pk).get()
    other.handles.create(kind="phone", value=MARIO.phone)
    erase(mario)
    crm = CrmConnection.objects.get()
    assert suppression.suppressed(crm.pk, {"crm-1": [("phone", MARIO.phone)]}) == set()
    assert suppression.suppressed(crm.pk, {"crm-1": [("email", MARIO.email)]}) == {"crm-1"}


def test_the_hashes_say_nothing_without_the_key(mario: Customer, settings: object) -> None:
    erase(mario)
    settings.PRIVACY_KEY = "another key"  # type: ignore[attr-defined]
    assert suppression.suppressed(CrmConnection.objects.get().pk, {MARIO.record: [("phone", MARIO.phone)]}) == set()


def test_who_wants_to_be_known_again_may_come_back(mario: Customer) -> None:
    erase(mario)
    call_command("erase_person", phone=MARIO.phone, lift=True)
    crm = CrmConnection.objects.get()
    assert suppression.suppressed(crm.pk, {"crm-1": [("phone", MARIO.phone)]}) == set()


def test_a_restored_database_is_gone_through_again_by_what_the_host_has_heard(mario: Customer, live_dir: Path) -> None:
    """The backup is older than the erasure, and the database that knew of it is lost."""
    erase(mario)
    carry(live_dir)
    as_in_a_backup(live_dir)
    assert tables_with(MARIO)
    assert reapplying.erase_again(on_host.remembered(live_dir)) == 1
    carry(live_dir)
    assert tables_with(MARIO) == set()
    assert files_with(MARIO, live_dir) == set()
    assert tables_with(BIANCA)


@pytest.mark.django_db(transaction=True)
def test_the_command_that_restores_erases_again(
    mario: Customer, live_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase(mario)
    carry(live_dir)
    monkeypatch.setattr(backup, "_check", lambda _backup: None)
    for module, tool in ((backup, "_replace_sqlite"), (postgres_tools, "restore")):
        monkeypatch.setattr(module, tool, lambda *_: as_in_a_backup(live_dir))
    assert backup.restore(tmp_path, live_dir).erased_again == 1
    carry(live_dir)
    assert tables_with(MARIO) == set()
    assert files_with(MARIO, live_dir) == set()


@pytest.mark.parametrize("lost", ["nothing", "the host", "the database"])
def test_a_drill_with_a_real_backup_brings_nothing_of_him_back(
    own_database: None, mario: Customer, live_dir: Path, tmp_path: Path, lost: str
) -> None:
    """The backup has him, whole; it is put back once nothing else has him any more."""
    call_command("backup", tmp_path / "backups")
    (made,) = (tmp_path / "backups").iterdir()
    erase(mario)
    carry(live_dir)
    assert (tables_with(MARIO), files_with(MARIO, live_dir)) == (set(), set())
    if lost == "the host":
        shutil.rmtree(live_dir)
    elif lost == "the database":
        wreck()
    call_command("restore", made, yes=True)
    carry(live_dir)
    assert Erasure.objects.count() == 1
    assert tables_with(MARIO) == set()
    assert secrets_with(MARIO) == {("customers_erasure", "identifiers")}
    assert files_with(MARIO, live_dir) == set()
    assert "customers_customer" in tables_with(BIANCA)
    assert files_with(BIANCA, live_dir)
    assert len(on_host.remembered(live_dir)) == 4


def test_after_a_restore_also_callers_who_are_no_customers_are_forgotten_again(mario: Customer, live_dir: Path) -> None:
    erase(mario)
    known = {each.digest for each in Suppression.objects.all()}
    as_in_a_backup(live_dir).delete()
    assert reapplying.erase_again(known) == 1
    assert "routing_decision" not in tables_with(MARIO)


def test_a_restore_with_nobody_erased_erases_nobody(mario: Customer) -> None:
    assert reapplying.erase_again(()) == 0
    assert Customer.objects.filter(pk=mario.pk).exists()


def test_a_host_that_was_away_until_nobody_knows_whom_it_was_about_begins_anew(
    mario: Customer, live_dir: Path, tmp_path: Path
) -> None:
    away = tmp_path / "away"
    shutil.copytree(live_dir, away)
    erasure = erase(mario)
    carry(live_dir)
    retention.forget(monotonic() + 60, now=timezone.now() + retention.ERASURES_KNOWN_FOR + timedelta(days=1))
    erasure.refresh_from_db()
    assert erasure.identifiers == ""
    carry(away)
    carry(away)
    assert MARIO.phone.encode() not in (away / "live.sqlite3").read_bytes()
    assert changes.last_seq() > 0


def test_the_list_of_a_host_is_for_its_owner_alone(mario: Customer, live_dir: Path) -> None:
    erase(mario)
    carry(live_dir)
    assert (live_dir / "erased.txt").stat().st_mode & 0o777 == 0o600
    assert len(on_host.remembered(live_dir)) == 4
