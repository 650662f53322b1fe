"""A person who asks to be erased is gone everywhere, and only he."""

import re
from io import StringIO
from pathlib import Path
from time import monotonic

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from contactcenter.privacy import erasing, finding
from customers.models import Customer, Erasure, Handle, Suppression
from customers.privacy.person import person_of
from routing import livefile, spool
from routing.courier import carry_once
from routing.models import ContactEvent, Decision
from routing.privacy import evidence
from routing.spool import Spool
from tests.privacy.conftest import ACCOUNT, BIANCA, MARIO, Somebody, decision_document
from tests.privacy.searching import files_with, secrets_with, tables_with

pytestmark = [pytest.mark.portable, pytest.mark.django_db]

UPLOADED = ("customers_uploadedlist", "content")
PLANTED = {
    "audit_historicalblockedcaller",
    "audit_historicalcustomer",
    "audit_historicalexternalidentity",
    "audit_historicalhandle",
    "audit_historicaltieroverride",
    "customers_customer",
    "customers_handle",
    "customers_externalidentity",
    "customers_tieroverride",
    "customers_stagedrecord",
    "customers_rejectedrow",
    "customers_crmevent",
    "customers_customermerge",
    "customers_syncrun",
    "django_admin_log",
    "foundation_change",
    "routing_decision",
    "routing_contactevent",
    "routing_conversation",
    "routing_inboundmessage",
    "routing_blockedcaller",
    "routing_pilot",
}


INVENTORY = Path(__file__).resolve().parents[2] / "docs/data-inventory.md"
OF_STAFF = {
    *(
        "accounts_user",
        "accounts_accesslink",
        "django_session",
        "foundation_requestcount",
        "foundation_guidedsetup",
        "customers_alertdestination",
    ),
    *("queues_accountmanager", "queues_switch", "routing_release", "routing_reportsettings", "routing_monthlymail"),
}
OF_NOBODY = {
    *("routing_reportinterval", "routing_branchinterval", "routing_reportmark"),
    *("routing_plannedrelease", "routing_samplecall"),
}
OF_A_CONVERSATION = {"routing_delivery"}
THAT_STAY = {"customers_erasure", "customers_suppression"}
"""Evidence of the erasure itself."""


def carry(folder: Path) -> None:
    while carry_once(folder, "here").carried:
        pass


def databases_with(who: Somebody, folder: Path) -> set[str]:
    """Which of the two SQLite databases have him, wherever: in the file itself or in its log."""
    return {name.partition(".")[0] for name in files_with(who, folder)}


def test_nothing_of_him_is_left_in_any_table_or_file_of_the_host(mario: Customer, live_dir: Path) -> None:
    assert tables_with(MARIO) == PLANTED
    assert secrets_with(MARIO) == {UPLOADED}
    assert databases_with(MARIO, live_dir) == {"live", "spool"}
    call_command("erase_person", phone=MARIO.phone, yes=True)
    carry(live_dir)
    assert tables_with(MARIO) == set()
    assert secrets_with(MARIO) == {("customers_erasure", "identifiers")}, "for thirty days, to meet what comes late"
    assert secrets_with(BIANCA) == {UPLOADED}
    assert files_with(MARIO, live_dir) == set()
    assert tables_with(BIANCA) == PLANTED
    assert databases_with(BIANCA, live_dir) == {"live", "spool"}


def test_every_table_that_belongs_to_a_customer_had_a_row_of_his_and_has_none(mario: Customer) -> None:
    of_him = [
        (field.model, field.name)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.related_model is Customer and getattr(model, "instance_type", model) is not Customer
    ]
    rows = [model._base_manager.filter(**{name: mario.pk}) for model, name in of_him]
    assert [each.model.__name__ for each in rows if not each.exists()] == [], "the fixture plants no such row"
    erasing.begin(person_of([mario.pk]))
    assert [each.model.__name__ for each in rows if each.exists()] == []


def test_every_table_of_the_inventory_with_something_of_a_customer_is_tried_here() -> None:
    """A new table has its row there, because of test_inventory; here it has to be planted, and so to be erased."""
    by_customer = {each.related_model._meta.db_table for each in Customer._meta.related_objects}
    section = INVENTORY.read_text(encoding="utf-8").partition("## In the database")[2].partition("\n## ")[0]
    listed = set(re.findall(r"`((?:accounts|customers|django|foundation|queues|routing)_\w+)`", section))
    assert listed - PLANTED - by_customer - {UPLOADED[0]} <= OF_STAFF | OF_NOBODY | OF_A_CONVERSATION | THAT_STAY


def test_statistics_still_count_his_calls_under_one_pseudonym(mario: Customer, live_dir: Path) -> None:
    erasure = erasing.begin(person_of([mario.pk]))
    assert erasing.work(erasure, monotonic() + 60)
    his = Decision.objects.filter(caller=erasure.pseudonym)
    assert his.count() == 4
    assert set(his.values_list("queue", "tier", "reason")) == {("vip", "gold", "branch")}
    call = his.get(channel="voice", call_id="call-42-0")
    assert call.document["variables"] == {
        "call.channel": "voice",
        "customer.tier": "gold",
        "crm.status": "ok",
        "time.now": "09:00",
    }
    assert "caller_id" not in call.document["answer"]
    assert call.document["answer"]["sip_uri"] == "sip:8001@pbx.example.net"
    message = his.get(channel="whatsapp")
    assert ContactEvent.objects.filter(call_id=message.call_id).count() == 1


def test_rows_that_a_host_has_not_shipped_yet_reach_the_database_without_him(mario: Customer, live_dir: Path) -> None:
    document = decision_document(MARIO, 9, MARIO.phone)
    key = spool.text_key((ACCOUNT, "call-42-9", "+390255500000", MARIO.phone, "voice", 0))
    Spool(live_dir).record(key, spool.DECISION, document, 1.0)
    erasure = erasing.begin(person_of([mario.pk]))
    carry(live_dir)
    assert Decision.objects.get(call_id="call-42-9").caller == erasure.pseudonym


def test_a_row_that_was_shipped_meanwhile_is_found_by_the_nightly_round(mario: Customer) -> None:
    erasure = erasing.begin(person_of([mario.pk]))
    assert erasing.work(erasure, monotonic() + 60)
    late = Decision.objects.create(
        decision_id="late", call_id="late", channel="voice", caller=MARIO.phone, number="1", reason="branch",
        decided_at=erasure.created_at, document={"variables": {}, "answer": {}},
    )  # fmt: skip
    later = Decision.objects.create(
        decision_id="new", call_id="new", channel="voice", caller=MARIO.phone, number="1", reason="branch",
        decided_at=erasure.created_at + erasing.UNDER_WAY, document={"variables": {}, "answer": {}},
    )  # fmt: skip
    assert erasing.work_on_all(monotonic() + 60, also_finished=True)
    late.refresh_from_db()
    later.refresh_from_db()
    assert (late.caller, later.caller) == (erasure.pseudonym, MARIO.phone)


def test_an_erasure_without_time_goes_on_where_it_was(mario: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "SPAN", evidence.last_decision() // 3)
    erasure = erasing.begin(person_of([mario.pk]))
    assert not erasing.work(erasure, monotonic() - 1)
    assert not erasing.work_on_all(monotonic() - 1)
    assert erasing.work_on_all(monotonic() + 60)
    assert Erasure.objects.get().finished_at is not None
    assert tables_with(MARIO) == set()


def test_an_address_that_others_have_too_stays_with_them(mario: Customer, live_dir: Path) -> None:
    other = Customer.objects.exclude(pk=mario.pk).get()
    Handle.objects.create(customer=other, kind="phone", value=MARIO.phone)
    carry(live_dir)
    erasing.begin(person_of([mario.pk]))
    carry(live_dir)
    reading = livefile.open_for_reading(live_dir)
    found = livefile.facts(reading, f"phone:{MARIO.phone}")
    assert found is not None
    assert found["customer"] == str(other.pk)
    assert livefile.facts(reading, f"email:{MARIO.email}") is None
    reading.close()


def test_an_address_of_two_people_asks_which_one_is_meant(mario: Customer) -> None:
    other = Customer.objects.exclude(pk=mario.pk).get()
    Handle.objects.create(customer=other, kind="phone", value=MARIO.phone)
    with pytest.raises(CommandError, match=str(other.pk)) as refusal:
        call_command("erase_person", phone=MARIO.phone, yes=True)
    assert MARIO.phone not in str(refusal.value)
    assert Erasure.objects.count() == 0


def test_no_is_an_answer(mario: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda _question: "no")
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("erase_person", customer=mario.pk)
    assert Customer.objects.filter(pk=mario.pk).exists()
    assert Suppression.objects.count() == 0


def test_nobody_to_ask_is_no_answer(mario: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO())
    with pytest.raises(CommandError, match="Nothing was erased: nobody answers here"):
        call_command("erase_person", customer=mario.pk)
    assert Customer.objects.filter(pk=mario.pk).exists()


def test_somebody_known_from_calls_alone_can_be_erased(mario: Customer) -> None:
    Customer.objects.filter(pk=mario.pk).delete()
    person = finding.by_address("phone", MARIO.phone)
    assert person.customer_ids == ()
    erasure = erasing.begin(person)
    assert erasing.work(erasure, monotonic() + 60)
    assert not Decision.objects.filter(caller__contains=MARIO.national).exists()


def test_identifiers_are_kept_encrypted_only(mario: Customer) -> None:
    erasure = erasing.begin(person_of([mario.pk]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT identifiers FROM customers_erasure WHERE id = %s", [erasure.pk])
        stored = cursor.fetchone()[0]
    assert stored.startswith("gAAAA")
    assert MARIO.phone in erasure.identifiers
