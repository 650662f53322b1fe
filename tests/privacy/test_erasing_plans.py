"""How PostgreSQL finds a person in tables that grow: on SQLite there is nothing of this to see."""

from time import monotonic

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contactcenter.privacy import erasing, finding
from customers.models import CrmConnection, Customer, ExternalIdentity, Handle, TierChange
from routing.models import Decision
from routing.privacy import evidence

pytestmark = pytest.mark.django_db

COUNT = 2500
GROWING = ("customers_customer", "customers_handle", "customers_externalidentity", "customers_tierchange")
"""And routing_decision, which is read to its end, but a span of it at a time."""


def test_no_query_of_an_erasure_reads_a_whole_table_that_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "SPAN", 100)
    crowd()
    with CaptureQueriesContext(connection) as done:
        erasure = erasing.begin(finding.by_address("phone", "+390255501711"))
        assert erasing.work(erasure, monotonic() + 60)
    asked = [query["sql"] for query in done if query["sql"].startswith(("SELECT", "DELETE", "UPDATE"))]
    assert Decision.objects.filter(caller=erasure.pseudonym).count() == 1
    for table in (*GROWING, "routing_decision"):
        of_table = [sql for sql in asked if f'"{table}"' in sql and "MAX(" not in sql]
        assert of_table, table
        for sql in of_table:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
            assert f"Seq Scan on {table}" not in plan, sql


def crowd() -> None:
    """Everybody with one address, one id, one change of tier and one call."""
    crm = CrmConnection.objects.create(name="CRM", slug="crm", url="https://crm.example.com")
    people = Customer.objects.bulk_create(Customer(name=f"Customer {n}") for n in range(COUNT))
    numbers = [f"+39025550{n:04}" for n in range(COUNT)]
    Handle.objects.bulk_create(
        Handle(customer=who, kind="phone", value=number) for who, number in zip(people, numbers, strict=True)
    )
    ExternalIdentity.objects.bulk_create(
        ExternalIdentity(connection=crm, external_id=f"C-{who.pk}", customer=who) for who in people
    )
    TierChange.objects.bulk_create(TierChange(customer=who, new_tier="gold", cause="sync") for who in people)
    Decision.objects.bulk_create(
        Decision(
            **{"decision_id": number, "call_id": number[-6:], "channel": "voice", "number": "1", "caller": number},
            **{"reason": "branch", "decided_at": timezone.now(), "document": {"variables": {}, "answer": {}}},
        )
        for number in numbers
    )
    with connection.cursor() as cursor:
        for table in (*GROWING, "routing_decision"):
            cursor.execute(f"ANALYZE {table}")
