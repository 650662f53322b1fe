"""How a phone system tells us of its queues, and what comes of it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from queues.models import Queue, QueueState
from routing import keys
from routing.courier import carry_once
from routing.live import Live
from routing.models import ApiKey, ProviderAccount

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key() -> str:
    """A key of a phone system that may report."""
    account = ProviderAccount(name="PBX", slug="pbx", dialect="native")
    ProviderAccount.objects.bulk_create([account])
    Queue.objects.bulk_create([Queue(name="VIP", slug="vip")])
    return keys.issue(ApiKey(account=account, label="PBX", may_report=True))


def report(key: str, slug: str = "vip", age_s: int = 0, **numbers: Any) -> HttpResponse:
    as_of = (timezone.now() - timedelta(seconds=age_s)).isoformat()
    body = {"as_of": as_of, "waiting": 3} | numbers
    headers = {"Authorization": f"Bearer {key}"}
    return Client().put(f"/api/v1/queues/{slug}/stats", body, "application/json", headers=headers)  # type: ignore[return-value]


@pytest.mark.portable
def test_statistics_are_in_decisions_after_one_round_of_the_courier(key: str, live_dir: Path) -> None:
    assert report(key, waiting=7, agents_idle=0).status_code == 200
    carry_once(live_dir, "here")
    live = Live(live_dir)
    live.refresh()
    assert live.held.state.statistics["vip"].fresh(timezone.now()) == {"waiting": 7, "agents_idle": 0}


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_is_json_whatever_its_content_type(key: str, content_type: str) -> None:
    """`curl -d` says that it sends a form."""
    body = json.dumps({"as_of": timezone.now().isoformat(), "waiting": 3})
    sent = Client().put("/api/v1/queues/vip/stats", body, content_type, headers={"Authorization": f"Bearer {key}"})
    assert (sent.status_code, sent.json()) == (200, {"taken": True})


@pytest.mark.portable
def test_what_arrives_late_does_not_replace_what_is_newer(key: str) -> None:
    assert report(key, waiting=7).json() == {"taken": True}  # type: ignore[attr-defined]
    assert report(key, age_s=30, waiting=1).json() == {"taken": False}  # type: ignore[attr-defined]
    assert QueueState.objects.get().statistics["waiting"] == 7


@pytest.mark.parametrize(
    ("numbers", "field"),
    [
        pytest.param({"waiting": -1}, "waiting", id="a negative number"),
        pytest.param({"waiting": "many"}, "waiting", id="a word"),
        pytest.param({"agents_idle": 10**9}, "agents_idle", id="an absurd number"),
        pytest.param({"as_of": "2999-01-01T00:00:00Z"}, "as_of", id="the future"),
        pytest.param({"as_of": "now"}, "as_of", id="no time at all"),
        pytest.param({"as_of": "2026-11-22T09:00:00"}, "as_of", id="a time in nobody knows which zone"),
        pytest.param({"longest_wait_s": 8 * 24 * 3600}, "longest_wait_s", id="a wait of more than a week"),
        pytest.param({"agents_logged_in": 2, "agents_idle": 3}, "agents_idle", id="more idle than are logged in"),
        pytest.param({"waiting": True}, "waiting", id="a yes"),
        pytest.param({"waiting_by_class": {"9": 1}}, "waiting_by_class", id="a class that there is not"),
        pytest.param({"waiting_by_class": {"1": -1}}, "waiting_by_class", id="a class with a negative number"),
        pytest.param({"waiting_by_class": 3}, "waiting_by_class", id="classes that are no object"),
        pytest.param({"agent_group": "a\nb"}, "agent_group", id="a group with a line break"),
    ],
)
def test_nonsense_is_refused_with_the_fields_name(key: str, numbers: dict[str, Any], field: str) -> None:
    response = report(key, **numbers)
    assert (response.status_code, response.json()["field"]) == (400, field)  # type: ignore[attr-defined]
    assert not QueueState.objects.exists()


def test_an_unknown_queue_is_named_as_such(key: str) -> None:
    response = report(key, slug="nowhere")
    assert (response.status_code, response.json()["code"]) == (404, "unknown_queue")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"may_report": False}, id="a key that may only decide"),
        pytest.param({"networks": "10.0.0.0/8"}, id="from another network"),
        pytest.param({"expires_at": "2020-01-01T00:00:00Z"}, id="expired"),
        pytest.param({"revoked_at": "2020-01-01T00:00:00Z"}, id="revoked"),
    ],
)
def test_a_key_counts_only_where_and_while_it_may(key: str, change: dict[str, Any]) -> None:
    ApiKey.objects.update(**change)
    assert report(key).status_code == 401
    assert not QueueState.objects.exists()


def test_a_stranger_and_a_disabled_account_change_nothing(key: str) -> None:
    assert report("cc_wrong").status_code == 401
    ProviderAccount.objects.update(is_enabled=False)
    assert report(key).status_code == 401


def test_a_body_that_is_no_json_is_a_clean_refusal(key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    response = Client().put("/api/v1/queues/vip/stats", b"{", "application/json", headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_json")


def test_the_same_statistics_twice_change_nothing(key: str) -> None:
    body = {"as_of": timezone.now().isoformat(), "waiting": 3}
    headers = {"Authorization": f"Bearer {key}"}
    taken = [Client().put("/api/v1/queues/vip/stats", body, "application/json", headers=headers) for _ in range(2)]
    assert [response.json() for response in taken] == [{"taken": True}, {"taken": False}]
    assert QueueState.objects.get().statistics["waiting"] == 3
