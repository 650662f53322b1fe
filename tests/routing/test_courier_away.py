"""Couriers that were away, that are two, or that read ahead: the folder ends as one that was built from nothing."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from contactcenter.foundation import changes
from contactcenter.foundation.encryption import decrypt
from customers.facts import mark_customers
from customers.models import Customer, DataSource, Handle, LoyaltyTier, TierOverride
from queues.models import AccountManager, PhoneSystem, Queue, QueueState, Switch
from routing import courier_batch, livefile, spool
from routing.courier import carry_once
from routing.models import ApiKey, Decision, ProviderAccount, Release
from routing.spool import Spool
from tests.routing.test_courier import decision

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
DECISIONS = 700
TABLES = ("meta", "release", "access", "queue_state", "facts")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a day is many of them."""
    monkeypatch.setattr(courier_batch, "SIZE", 7)


def carry(folder: Path) -> None:
    while any(vars(carry_once(folder, "here")).values()):
        pass


def contents(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table; secrets, which are encrypted differently each time, in the clear."""
    with closing(livefile.open_for_reading(folder)) as live:
        found = {table: live.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in TABLES}
    found["access"] = [(key, in_the_clear(json.loads(document))) for key, document in found["access"]]
    return found


def in_the_clear(document: dict[str, Any]) -> dict[str, Any]:
    if "secret" in document:
        return document | {"secret": decrypt(document["secret"])}
    return document | {"secrets": [decrypt(secret) for secret in document["secrets"]]}


def publish(number: int) -> None:
    Release.objects.create(number=number, document=f'{{"format":{number}}}', sha256=str(number), note="n")
    changes.mark(changes.RELEASE, [str(number)])


def evening_before() -> None:
    """Customers, keys, a queue that is closed, and a first release."""
    for rank, slug in enumerate(("silver", "gold"), start=1):
        LoyaltyTier.objects.create(slug=slug, name=slug, rank=rank)
    silver = LoyaltyTier.objects.get(slug="silver")
    for number in range(40):
        made = Customer.objects.create(tier=silver, purchases=number)
        Handle.objects.create(customer=made, kind="phone", value=f"+39025550{number:04d}")
    for slug in ("sbc", "old"):
        account = ProviderAccount.objects.create(name=slug, slug=slug, dialect="native", secret=f"secret of {slug}")
        for place in ("a", "b"):
            ApiKey.objects.create(account=account, label=place, prefix="cc_", sha256=f"{slug}{place}".ljust(64, "0"))
    system = PhoneSystem.objects.create(name="PBX", slug="pbx")
    queue = Queue.objects.create(name="VIP", slug="vip", phone_system=system)
    QueueState.objects.create(queue=queue, statistics={"waiting": 1}, as_of=NOW)
    AccountManager.objects.create(name="Ada", slug="ada", address="8101", phone_system=system)
    Switch.objects.create(kind="close_queue", subject="vip", reason="fire alarm")
    DataSource.objects.create(name="Shop", slug="shop", url="https://shop.example.com", secret="first")
    publish(1)


def morning() -> None:
    """Facts change, two people are erased, the fire is out."""
    gold = LoyaltyTier.objects.get(slug="gold")
    first, *others = Customer.objects.order_by("id")
    for number, customer in enumerate(others[:12]):
        customer.tier, customer.purchases = gold, 100 + number
        customer.save()
    others[20].delete()
    others[21].handles.all().delete()
    Switch.objects.update_or_create(subject="vip", defaults={"ended_at": NOW})
    TierOverride.objects.create(customer=first, tier=gold, reason="a complaint", starts_at=NOW)
    publish(2)
    publish(3)


def afternoon() -> None:
    """The same things change again, a number changes hands, a key is revoked, an account is gone."""
    for customer in Customer.objects.order_by("id")[:20]:
        customer.purchases = (customer.purchases or 0) + 1000
        customer.save()
    Customer.objects.filter(purchases__lt=30).update(plan="family")
    mark_customers(Customer.objects.values_list("id", flat=True))
    moved = Handle.objects.order_by("id")[3]
    moved.value = "+390255599999"
    moved.save()
    newcomer = Customer.objects.create(attributes={"contract": "new"}, language="it")
    Handle.objects.create(customer=newcomer, kind="phone", value="+390255500003")
    Customer.objects.order_by("id")[5].delete()
    ApiKey.objects.filter(label="a").first().save()  # type: ignore[union-attr]
    revoked = ApiKey.objects.get(account__slug="sbc", label="b")
    revoked.revoked_at = NOW
    revoked.save()
    ProviderAccount.objects.get(slug="old").delete()
    for wait in (5, 9):
        QueueState.objects.update_or_create(queue__slug="vip", defaults={"statistics": {"waiting": wait}})
    Switch.objects.create(kind="open_queue", subject="vip", reason="long evening", until=NOW + timedelta(days=900))
    AccountManager.objects.get(slug="ada").delete()
    DataSource.objects.update_or_create(slug="shop", defaults={"secret": "second"})
    publish(4)
    publish(5)


@pytest.mark.portable
def test_after_a_day_away_the_folder_is_as_one_built_from_nothing(tmp_path: Path) -> None:
    away, other, fresh = tmp_path / "away", tmp_path / "other", tmp_path / "fresh"
    evening_before()
    carry(away)
    before = contents(away)
    host = Spool(away)
    for number in range(DECISIONS):
        host.record(f"k{number}", spool.DECISION, decision(f"d{number}"), at=1.0)
    morning()
    carry(other)  # another host's courier numbers meanwhile: much of it is numbered twice
    afternoon()

    carry(away)
    carry(fresh)
    assert contents(away) == contents(fresh)
    assert contents(away)["facts"] != before["facts"]
    assert [row[0] for row in contents(away)["release"]] == [3, 4, 5]
    assert sorted(Decision.objects.values_list("decision_id", flat=True)) == sorted(f"d{n}" for n in range(DECISIONS))
    assert carry_once(away, "here").shipped == 0


def test_two_couriers_on_one_folder_end_where_one_would(tmp_path: Path) -> None:
    evening_before()

    def another() -> None:
        try:
            carry(tmp_path / "live")
        finally:
            connections.close_all()

    carry(tmp_path / "live")
    with ThreadPoolExecutor(2) as pool:
        for what_happens in (morning, afternoon):
            both = [pool.submit(another), pool.submit(another)]
            what_happens()
            for one in both:
                one.result(60)
    carry(tmp_path / "live")
    carry(tmp_path / "fresh")
    assert contents(tmp_path / "live") == contents(tmp_path / "fresh")


def begun_anew(folder: Path) -> None:
    with closing(livefile.open_for_courier(folder)) as live:
        livefile.set_meta(live, "cursor", "0")


def carried_by_another(folder: Path) -> None:
    Customer.objects.order_by("id")[0].delete()
    carry(folder)


@pytest.mark.portable
@pytest.mark.parametrize("in_between", [begun_anew, carried_by_another])
def test_what_was_read_ahead_is_written_only_where_it_belongs(
    tmp_path: Path, in_between: Callable[[Path], None]
) -> None:
    """Else the first customer, erased in between, would be back."""
    evening_before()
    carry(tmp_path)
    mark_customers([Customer.objects.order_by("id")[0].pk])
    changes.stamp()
    with closing(livefile.open_for_courier(tmp_path)) as live:
        read_ahead = courier_batch.read(courier_batch.cursor(live))
    assert len(read_ahead.people) == 1
    in_between(tmp_path)
    before = contents(tmp_path)
    with closing(livefile.open_for_courier(tmp_path)) as live:
        assert not courier_batch.write(live, read_ahead)
    assert contents(tmp_path) == before
