"""How PostgreSQL finds what retention looks for: on SQLite there is nothing of this to see."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models.privacy import RetentionMark
from routing.models import Decision
from tests.privacy.test_retention import CALLER, ago, forget

pytestmark = pytest.mark.django_db


def test_no_query_of_the_nightly_round_reads_a_whole_table_that_grows() -> None:
    rows = [
        Decision(
            decision_id=str(number), call_id=str(number), channel="voice", number="1", caller=CALLER, reason="branch",
            decided_at=ago(number / 50), document={"variables": {}, "answer": {}},
        )
        for number in range(6000)
    ]  # fmt: skip
    Decision.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE routing_decision")
    RetentionMark.objects.create(job="callers", until=ago(90.1))
    with CaptureQueriesContext(connection) as done:
        forget()
    asked = [
        query["sql"] for query in done if '"routing_decision"' in query["sql"] and query["sql"].startswith("SELECT")
    ]
    assert len(asked) >= 3
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan on routing_decision" not in plan, sql
