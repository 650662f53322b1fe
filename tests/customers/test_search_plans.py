"""How PostgreSQL finds rows by an id of a CRM in tables that grow, and that nothing reads the rest of them."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import CrmConnection, CrmEvent, CrmPush, Customer, LoyaltyTier, RejectedRow, StagedRecord, SyncRun

pytestmark = pytest.mark.django_db

COUNT = 1500
WANTED = "C-471"


@pytest.fixture
def crm() -> CrmConnection:
    return CrmConnection.objects.create(name="CRM", slug="crm", url="https://crm.example.com")


def events(crm: CrmConnection) -> None:
    push, now = CrmPush.objects.create(connection=crm), timezone.now()
    moments = {"occurred_at": now, "received_at": now, "due_at": now}
    CrmEvent.objects.bulk_create(
        CrmEvent(push=push, event_id=str(n), external_id=f"C-{n}", **moments) for n in range(COUNT)
    )


def set_aside(crm: CrmConnection) -> None:
    run = SyncRun.objects.create(connection=crm, upper_bound=timezone.now())
    RejectedRow.objects.bulk_create(RejectedRow(run=run, external_id=f"C-{n}", page_no=1) for n in range(COUNT))


def staged(crm: CrmConnection) -> None:
    run = SyncRun.objects.create(connection=crm, upper_bound=timezone.now())
    StagedRecord.objects.bulk_create(
        StagedRecord(run=run, external_id=f"C-{n}", operation="create") for n in range(COUNT)
    )


@pytest.mark.parametrize(
    ("fill", "model"),
    [
        pytest.param(events, CrmEvent, id="events of a CRM"),
        pytest.param(set_aside, RejectedRow, id="rows set aside"),
        pytest.param(staged, StagedRecord, id="staged changes"),
    ],
)
def test_a_search_by_the_id_in_the_crm_asks_an_index(
    fill: Callable[[CrmConnection], None], model: type[Model], crm: CrmConnection, admin_client: Client
) -> None:
    fill(crm)
    table = model._meta.db_table
    page = reverse(f"admin:customers_{model._meta.model_name}_changelist")
    with CaptureQueriesContext(connection) as asked:
        found = admin_client.get(page, {"q": WANTED}).context["cl"].result_list
    assert [row.external_id for row in found] == [WANTED]
    searches = [query["sql"] for query in asked if f'FROM "{table}"' in query["sql"]]
    assert searches
    for sql in searches:
        assert f"Seq Scan on {table}" not in plan_of(sql, table), sql


def test_a_tier_that_nobody_has_is_deleted_by_the_one_index_that_begins_with_it() -> None:
    gold, unused = (LoyaltyTier.objects.create(name=name, slug=name, rank=n) for n, name in enumerate(("gold", "no")))
    Customer.objects.bulk_create(Customer(tier=gold) for _ in range(COUNT))
    sql = f"SELECT 1 FROM ONLY customers_customer x WHERE tier_id = {unused.pk} FOR KEY SHARE OF x"
    assert "Index Scan using customer_by_tier" in plan_of(sql, "customers_customer"), "as the foreign key is checked"


def plan_of(sql: str, table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table}")
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())
