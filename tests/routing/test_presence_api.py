"""An account manager's own systems say whether he is there."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from queues.models import AccountManager
from routing import keys
from routing.courier import carry_once
from routing.live import Live
from routing.models import ApiKey, ProviderAccount

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key() -> str:
    """A key that may say who is there."""
    account = ProviderAccount.objects.create(name="Team chat", slug="chat", dialect="native")
    AccountManager.objects.create(name="Anna", slug="anna", address="+393331234567")
    return keys.issue(ApiKey(account=account, label="Team chat", may_set_presence=True, may_decide=False))


def say(key: str, body: Any, slug: str = "anna") -> HttpResponse:
    headers = {"Authorization": f"Bearer {key}"}
    return Client().put(f"/api/v1/managers/{slug}/presence", body, "application/json", headers=headers)  # type: ignore[return-value]


@pytest.mark.portable
def test_presence_is_on_the_decide_host_after_one_round_of_the_courier(key: str, live_dir: Path) -> None:
    until = timezone.now() + timedelta(hours=2)
    assert say(key, {"presence": "away", "until": until.isoformat()}).status_code == 200
    carry_once(live_dir, "here")
    live = Live(live_dir)
    live.refresh()
    anna = live.held.state.managers["anna"]
    assert not anna.is_there(timezone.now())
    assert anna.is_there(until)


def test_the_same_twice_changes_nothing_and_available_ends_what_was_before(key: str) -> None:
    for _ in range(2):
        assert say(key, {"presence": "away"}).json() == {"presence": "away"}  # type: ignore[attr-defined]
    assert not AccountManager.objects.get().is_present
    say(key, {"presence": "available"})
    anna = AccountManager.objects.get()
    assert (anna.is_present, anna.present_until) == (True, None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({}, "presence", id="nothing"),
        pytest.param({"presence": "lunch"}, "presence", id="a word that is none of the two"),
        pytest.param({"presence": "away", "until": "2020-01-01T00:00:00Z"}, "until", id="until a time that is over"),
        pytest.param({"presence": "away", "until": "2999-01-01T00:00:00"}, "until", id="until nobody knows whose time"),
        pytest.param({"presence": "away", "until": "soon"}, "until", id="until no time"),
    ],
)
def test_nonsense_is_refused_with_the_fields_name(key: str, body: dict[str, Any], field: str) -> None:
    response = say(key, body)
    assert (response.status_code, response.json()["field"]) == (400, field)  # type: ignore[attr-defined]
    assert AccountManager.objects.get().is_present


def test_an_unknown_manager_is_named_as_such(key: str) -> None:
    response = say(key, {"presence": "away"}, slug="nobody")
    assert (response.status_code, response.json()["code"]) == (404, "unknown_manager")  # type: ignore[attr-defined]


def test_a_key_of_another_scope_and_a_stranger_change_nothing(key: str) -> None:
    ApiKey.objects.update(may_set_presence=False, may_report=True, may_decide=True, may_link=True)
    for bearer in (key, "cc_wrong"):
        assert say(bearer, {"presence": "away"}).status_code == 401
    assert AccountManager.objects.get().is_present
