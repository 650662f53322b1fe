"""What the courier carries between the database and the live folder."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from contactcenter.foundation import changes
from contactcenter.foundation.models import Change
from customers.models import Customer, Handle, LoyaltyTier
from queues.models import PhoneSystem, Queue
from queues.models import Switch as SwitchRow
from routing import livefile, spool
from routing.courier import carry_once
from routing.models import ApiKey, Decision, ProviderAccount, Release
from routing.spool import Spool

GOLD = "+390255501001"


def carry(folder: Path) -> None:
    while carry_once(folder, "here").carried:
        pass


def facts(folder: Path, address: str = GOLD) -> dict[str, Any] | None:
    reading = livefile.open_for_reading(folder)
    try:
        return livefile.facts(reading, f"phone:{address}")
    finally:
        reading.close()


def customer(tier: str = "gold", address: str = GOLD) -> Customer:
    rank = LoyaltyTier.objects.count() + 1
    made = Customer.objects.create(
        tier=LoyaltyTier.objects.get_or_create(slug=tier, defaults={"name": tier, "rank": rank})[0]
    )
    Handle.objects.create(customer=made, kind="phone", value=address)
    return made


@pytest.mark.portable
@pytest.mark.django_db(transaction=True)
def test_a_customer_reaches_the_live_folder_and_leaves_it_again(live_dir: Path) -> None:
    made = customer()
    carry(live_dir)
    found = facts(live_dir)
    assert found is not None
    assert found["tier"] == "gold"
    made.delete()
    carry(live_dir)
    assert facts(live_dir) is None


@pytest.mark.django_db(transaction=True)
def test_a_change_that_commits_late_is_not_skipped(live_dir: Path) -> None:
    """A cursor over clock times would have passed it by."""
    began, may_commit = Event(), Event()

    def late_writer() -> None:
        try:
            with transaction.atomic():
                changes.mark(changes.FACTS, ["phone:+390255500002"])
                began.set()
                may_commit.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(late_writer)
        began.wait(10)
        if connection.vendor == "postgresql":
            changes.mark(changes.FACTS, ["phone:+390255500003"])
            carry(live_dir)
        may_commit.set()
        late.result(10)
    carry(live_dir)
    assert not Change.objects.filter(seq__isnull=True).exists()
    reading = livefile.open_for_reading(live_dir)
    assert livefile.meta(reading, "cursor") == str(Change.objects.order_by("-seq")[0].seq)


@pytest.mark.portable
@pytest.mark.django_db(transaction=True)
def test_numbers_are_given_once_and_without_gaps() -> None:
    changes.mark(changes.FACTS, [f"phone:+39{number}" for number in range(1200)])
    with_threads = [changes.stamp(limit=100)]
    while with_threads[-1]:
        with_threads.append(changes.stamp(limit=100))
    assert list(Change.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 1201))
    changes.mark(changes.FACTS, ["phone:+390"])
    changes.stamp()
    assert Change.objects.get(key="phone:+390").seq == 1201


@pytest.mark.portable
@pytest.mark.django_db(transaction=True)
def test_a_queue_closed_now_does_not_wait_behind_a_sync() -> None:
    changes.mark(changes.FACTS, [f"phone:+39{number}" for number in range(1200)])
    changes.mark(changes.STATE, ["queue:vip"])
    changes.mark(changes.RELEASE, ["7"])
    assert changes.stamp(limit=100) == 100
    assert [change.key for change in changes.after(0, 2)] == ["queue:vip", "7"]


@pytest.mark.portable
@pytest.mark.django_db(transaction=True)
def test_keys_secrets_and_switches_arrive_and_the_secret_only_encrypted(live_dir: Path) -> None:
    account = ProviderAccount.objects.create(name="SBC", slug="sbc", dialect="native", secret="top-secret")
    ApiKey.objects.create(account=account, label="k", prefix="cc_", sha256="f" * 64)
    queue = Queue.objects.create(name="VIP", slug="vip", phone_system=PhoneSystem.objects.create(name="p", slug="p"))
    switch = SwitchRow.objects.create(kind="close_queue", subject=queue.slug, reason="fire alarm")
    carry(live_dir)
    with sqlite3.connect(livefile.path_in(live_dir)) as live:
        access = livefile.documents(live, "access")[f"account:{account.uuid}"]
        state = livefile.documents(live, "queue_state")
    assert access["keys"][0]["sha256"] == "f" * 64
    assert "top-secret" not in str(access)
    expected = {"kind": "close_queue", "subject": "vip", "set_at": switch.created_at.isoformat()}
    assert state[f"switch:{switch.pk}"] == expected
    assert b"top-secret" not in livefile.path_in(live_dir).read_bytes()


@pytest.mark.portable
@pytest.mark.django_db(transaction=True)
def test_a_release_lies_beside_the_file_as_plain_text_too(live_dir: Path) -> None:
    Release.objects.create(number=3, document="{}", sha256="x", note="n")
    changes.mark(changes.RELEASE, ["3"])
    carry(live_dir)
    assert [path.name for path in livefile.plain_copies(live_dir)] == ["release-000003.json"]


def decision(identifier: str, **changes_: Any) -> dict[str, Any]:
    answer = {"decision_id": identifier, "call_id": "c", "reason": "branch", "degraded": [], "queue": "vip"}
    contact = {"account": "a", "to": "+39", "from": GOLD, "channel": "voice", "attempt": 0}
    document = {"v": 1, "decided_at": "2026-11-22T08:00:00+00:00", "variables": {}}
    return document | {"contact": contact, "answer": answer} | changes_


@pytest.mark.portable
@pytest.mark.django_db(transaction=True)
def test_decisions_reach_the_database_once_however_often_they_are_shipped(live_dir: Path) -> None:
    host = Spool(live_dir)
    for number in range(1200):
        host.record(f"k{number}", spool.DECISION, decision(f"d{number}"), at=1.0)
    with spool.courier_end(host.path) as rows:
        ids = [row.id for row in spool.unshipped(rows, 2000)]
    while carry_once(live_dir, "here").shipped:
        pass
    with spool.courier_end(host.path) as rows:  # as if the courier had been killed before it could mark them
        spool.mark_shipped(rows, ids, state=0)
    while carry_once(live_dir, "here").shipped:
        pass
    assert Decision.objects.count() == 1200


@pytest.mark.portable
@pytest.mark.django_db(transaction=True)
def test_what_the_database_refuses_is_set_aside_and_the_rest_is_kept(live_dir: Path) -> None:
    host = Spool(live_dir)
    host.record("good", spool.DECISION, decision("good"), at=1.0)
    host.record("bad", spool.DECISION, decision("bad", decided_at="never"), at=1.0)
    host.record("good2", spool.DECISION, decision("good2"), at=1.0)
    carry_once(live_dir, "here")
    assert set(Decision.objects.values_list("decision_id", flat=True)) == {"good", "good2"}
    with spool.courier_end(host.path) as rows:
        assert spool.unshipped(rows, 10) == []
        assert rows.execute("SELECT count(*) FROM spool WHERE shipped = 2").fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_two_hosts_both_get_everything(tmp_path: Path) -> None:
    customer()
    for name in ("one", "two"):
        carry(tmp_path / name)
        assert facts(tmp_path / name) is not None


@pytest.mark.portable
@pytest.mark.django_db(transaction=True)
def test_a_database_restored_from_a_backup_is_copied_anew(live_dir: Path) -> None:
    live = livefile.open_for_courier(live_dir)
    livefile.set_meta(live, "cursor", "5000")
    livefile.put_release(live, 9, "{}", "x")
    live.close()
    Release.objects.create(number=3, document="{}", sha256="x", note="n")
    changes.mark(changes.RELEASE, ["3"])
    customer()
    carry(live_dir)
    assert facts(live_dir) is not None
    with sqlite3.connect(livefile.path_in(live_dir)) as reading:
        assert reading.execute("SELECT number FROM release").fetchall() == [(3,)]
