"""Decisions are found by what stands on a screen, each way by an index; callers only by who may see them."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contactcenter.accounts.models import User
from queues.models import Queue
from routing.models import Decision, Number, ProviderAccount
from tests.routing.test_admin_decisions import calls, decision

pytestmark = pytest.mark.django_db

HIS, OTHERS = "+393471234578", "+393470000000"
COUNT = 3000


@pytest.fixture
def found() -> None:
    """His two calls, one of them stored as an earlier version did, and one of somebody else; we are in Italy."""
    stored = enumerate((HIS, HIS.removeprefix("+"), OTHERS))
    Decision.objects.bulk_create([decision(number, caller=caller) for number, caller in stored])
    queue = Queue.objects.create(name="VIP", slug="vip")
    account = ProviderAccount.objects.create(name="Telco", slug="telco", dialect="native")
    Number.objects.create(account=account, address="+390212345678", label="Main", default_queue=queue)


@pytest.mark.portable
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("call-2", ["call-2"], id="by call id"),
        pytest.param(f"{2:032x}", ["call-2"], id="by decision id"),
        pytest.param(f"X-Decision-Id: {2:032x}", ["call-2"], id="by a line of a SIP message"),
        pytest.param(HIS, ["call-1", "call-0"], id="by number"),
        pytest.param(" +39 (347) 123-4578 ", ["call-1", "call-0"], id="by number as it stands on a card"),
        pytest.param("0039 347 1234578", ["call-1", "call-0"], id="by number as it is dialled abroad"),
        pytest.param("347 1234578", ["call-1", "call-0"], id="by number as it is dialled where we are"),
        pytest.param("0171 1234567", [], id="a number of nobody"),
        pytest.param("nobody", [], id="a word"),
    ],
)
def test_a_decision_is_found(found: None, supervisor_client: Client, text: str, expected: list[str]) -> None:
    with CaptureQueriesContext(connection) as done:
        rows = supervisor_client.get("/admin/routing/decision/", {"q": text}).context["cl"].result_list
    assert [row.call_id for row in rows] == expected
    assert len([query for query in done if '"routing_decision"' in query["sql"]]) == 1


@pytest.mark.portable
def test_who_may_not_see_callers_does_not_find_them_either(found: None, auditor: User) -> None:
    auditor.user_permissions.remove(*auditor.user_permissions.filter(codename="view_callers"))
    client = Client()
    client.force_login(auditor)
    assert calls(client, f"?q=%2B{HIS.removeprefix('+')}") == []
    assert calls(client, "?q=call-2") == ["call-2"]


def test_no_search_reads_the_whole_table(supervisor_client: Client) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the plan is PostgreSQL's")
    Decision.objects.bulk_create([decision(number, caller=f"+3934700{number:05}") for number in range(COUNT)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE routing_decision")
    for text in ("+393470002711", "call-2711"):
        with CaptureQueriesContext(connection) as done:
            assert calls(supervisor_client, f"?q={text.replace('+', '%2B')}") == ["call-2711"]
        (sql,) = [query["sql"] for query in done if '"routing_decision"' in query["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "decision_by_caller" in plan or text == "call-2711"
        assert "Seq Scan on routing_decision" not in plan
        assert "Index Scan Backward" not in plan
