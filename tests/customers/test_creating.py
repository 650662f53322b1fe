"""New customers made by the database are those that are made one by one."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from contactcenter.foundation.models import Change
from customers import applying, creating, judging, runs
from customers.models import Customer, ExternalIdentity, FieldMapping, Handle, LoyaltyTier, SyncRun
from tests.customers.crm_standin import Standin, connect, run_to_end, standin, work

pytestmark = pytest.mark.django_db

Tables = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def crm() -> Iterator[Standin]:
    with standin() as running:
        yield running


@pytest.fixture
def staged(crm: Standin, monkeypatch: pytest.MonkeyPatch) -> SyncRun:
    """A run that has been judged, with records of many shapes; nothing is applied yet."""
    crm.crm.change("C-000001", {"phones": [], "loyalty": {"status": None}, "name": None})
    crm.crm.change("C-000002", {"phones": [{"number": "+390255501999"}, {"number": "+390255501998"}]})
    crm.crm.change("C-000003", {"order_count": None, "category": None, "plan": "“plus” \\ with 'marks' 日本"})
    made = connect(crm.url)
    FieldMapping.objects.filter(connection=made, target="category").update(target="attribute:segment")
    FieldMapping.objects.create(connection=made, target="handle:email", expression="email")
    with monkeypatch.context() as patch:
        patch.setattr(applying, "next_keys", lambda *_: [])
        patch.setattr(applying, "_succeed", lambda run: runs.finish(run, "failed"))
        run = run_to_end(made)
    assert judging.count(run)["create"] == 57
    return run


def keys_of(run: SyncRun) -> list[int]:
    return list(run.staged.filter(operation="create").values_list("pk", flat=True))


def tables() -> Tables:
    """Everything that was made, without keys of our own and moments."""
    customers = [field.attname for field in Customer._meta.concrete_fields if field.name not in ("id", "updated_at")]
    return {
        "customers": sorted(Customer.objects.values_list(*customers, "identities__external_id"), key=repr),
        "identities": sorted(ExternalIdentity.objects.values_list("connection", "external_id", "fingerprint")),
        "handles": sorted(
            Handle.objects.values_list("customer__identities__external_id", "kind", "value", "is_primary")
        ),
        "changes": sorted(Change.objects.values_list("topic", "key", "seq")),
    }


def made_by(make: Any) -> Tables:
    """What `make` leaves, which is undone again."""
    with transaction.atomic():
        make()
        found = tables()
        transaction.set_rollback(True)
    return found


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the database makes none by itself here")
def test_the_database_makes_the_customers_that_are_made_one_by_one(staged: SyncRun) -> None:
    keys = keys_of(staged)
    rows = list(staged.staged.filter(pk__in=keys))
    by_itself = made_by(lambda: creating.create(staged, keys))
    one_by_one = made_by(lambda: applying.apply(staged, rows))
    assert len(by_itself["customers"]) == 57
    assert by_itself == one_by_one


@pytest.mark.portable
def test_one_whom_a_push_has_brought_meanwhile_is_not_made_again(staged: SyncRun) -> None:
    known = Customer.objects.create(name="Brought by a push")
    ExternalIdentity.objects.create(connection=staged.connection, external_id="C-000004", customer=known)
    runs.resume(staged)
    SyncRun.objects.filter(pk=staged.pk).update(phase="applying")
    work(staged)
    assert (staged.state, staged.created, staged.changed, staged.read) == ("partial", 56, 1, 60)
    assert ExternalIdentity.objects.get(external_id="C-000004").customer_id == known.pk


@pytest.mark.portable
def test_a_tier_that_was_removed_meanwhile_is_none(staged: SyncRun) -> None:
    staged.connection.tier_mappings.all().delete()
    LoyaltyTier.objects.all().delete()
    with transaction.atomic():
        applying._apply(staged, keys_of(staged))
    assert (Customer.objects.count(), Customer.objects.filter(tier__isnull=False).count()) == (57, 0)
