"""The decision list: pages by key, no count, exact search, callers masked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from queues.models import Queue
from routing.admin.decisions import DecisionAdmin
from routing.masking import masked
from routing.models import Decision

pytestmark = pytest.mark.django_db

LIST = "/admin/routing/decision/"
A_PAGE, ROWS = 5, 12


def decision(number: int, **fields: Any) -> Decision:
    return Decision(
        **{
            "decision_id": f"{number:032x}", "account": "a", "call_id": f"call-{number}", "channel": "voice",
            "number": "+390212345678", "caller": "+393471234578", "release": 3, "flow": "priority",
            "branch": "gold", "queue": "vip", "tier": "gold", "reason": "branch", "decided_at": timezone.now(),
            "document": {"answer": {"sip_uri": "sip:8001@pbx.example.net"}, "variables": {"customer.tier": "gold"}},
        }
        | fields
    )  # fmt: skip


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> list[Decision]:
    """Two pages and a bit."""
    monkeypatch.setattr(DecisionAdmin, "list_per_page", A_PAGE)
    return Decision.objects.bulk_create([decision(number) for number in range(ROWS)])


def calls(client: Client, query: str = "") -> list[str]:
    changelist = client.get(LIST + query).context["cl"]
    return [row.call_id for row in changelist.result_list]


def test_pages_follow_each_other_without_gap_or_repeat(many: list[Decision], supervisor_client: Client) -> None:
    seen, query = [], ""
    while True:
        changelist = supervisor_client.get(LIST + query).context["cl"]
        seen += [row.call_id for row in changelist.result_list]
        if not changelist.older:
            break
        query = changelist.older
    assert seen == [f"call-{number}" for number in reversed(range(ROWS))]
    back = supervisor_client.get(LIST + changelist.newer).context["cl"]
    assert [row.call_id for row in back.result_list] == seen[A_PAGE : 2 * A_PAGE]


def test_a_row_that_arrives_meanwhile_moves_nothing(many: list[Decision], supervisor_client: Client) -> None:
    older = supervisor_client.get(LIST).context["cl"].older
    before = calls(supervisor_client, older)
    decision(900).save()
    assert calls(supervisor_client, older) == before


def test_nothing_is_counted_and_no_document_is_read(many: list[Decision], supervisor_client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert supervisor_client.get(LIST).status_code == 200
    ours = [query["sql"] for query in queries if "routing_decision" in query["sql"] and "SELECT" in query["sql"]]
    assert len(ours) == 1
    assert "COUNT(" not in ours[0].upper()
    assert '"document"' not in ours[0]


@pytest.mark.parametrize("query", ["?p=x", "?p=0", "?p=-0", "?o=3", "?day=yesterday", "?day=2026-99-99"])
def test_an_odd_address_shows_the_newest(query: str, many: list[Decision], supervisor_client: Client) -> None:
    assert calls(supervisor_client, query)[0] == f"call-{ROWS - 1}"


def test_search_is_exact(many: list[Decision], supervisor_client: Client) -> None:
    assert calls(supervisor_client, "?q=call-1") == ["call-1"]
    assert calls(supervisor_client, f"?q={5:032x}") == ["call-5"]
    assert calls(supervisor_client, "?q=call-1x") == []


def test_one_day_is_shown(supervisor_client: Client) -> None:
    noon = datetime(2026, 3, 14, 12, tzinfo=UTC)
    days = [noon - timedelta(days=1), noon.replace(hour=0), noon, noon.replace(hour=23, minute=59)]
    Decision.objects.bulk_create([decision(n, decided_at=day) for n, day in enumerate(days)])
    assert calls(supervisor_client, "?day=2026-03-14") == ["call-3", "call-2", "call-1"]
    assert calls(supervisor_client, "?day=2026-03-15") == []


def test_filters_by_queue_and_reason_offer_what_there_is(supervisor_client: Client) -> None:
    Queue.objects.create(name="VIP", slug="vip")
    Decision.objects.bulk_create([decision(1), decision(2, queue="standard", reason="last_path")])
    assert calls(supervisor_client, "?queue=vip") == ["call-1"]
    assert calls(supervisor_client, "?reason=last_path") == ["call-2"]


@pytest.mark.parametrize(
    ("caller", "shown"),
    [
        pytest.param("+393471234578", "+39********78", id="a number keeps country and end"),
        pytest.param("113", "***", id="a short one is hidden"),
        pytest.param("", "", id="nothing is nothing"),
    ],
)
def test_callers_are_masked(caller: str, shown: str) -> None:
    assert masked(caller) == shown


def test_the_list_masks_and_the_page_tells(supervisor_client: Client) -> None:
    row = decision(1)
    row.save()
    assert "+393471234578" not in supervisor_client.get(LIST).content.decode()
    text = supervisor_client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "Went to <strong>vip</strong>." in text
    assert "Branch “gold” took the contact." in text
    assert "customer.tier" in text
    assert "sip:8001@pbx.example.net" in text


def test_evidence_is_not_changed_even_by_the_superuser(admin_client: Client) -> None:
    row = decision(1)
    row.save()
    assert admin_client.post(f"{LIST}{row.pk}/change/", {"queue": "standard"}).status_code == 403
    assert admin_client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.queue == "vip"
