"""Reports of phone systems and chats that make no sense are refused in words, never with an error page."""

import pytest
from django.test import Client
from django.utils import timezone

from queues.models import AccountManager, Queue
from routing import keys
from routing.models import ApiKey, ProviderAccount
from tests.routing import live_folder
from tests.routing.decide_server import ACCOUNT, KEY, DecideServer

STATISTICS, PRESENCE = "/api/v1/queues/vip/stats", "/api/v1/managers/anna/presence"
NOW = timezone.now().isoformat()
FOR_EVER = '{"presence": "away", "until": "9999-12-31T23:59:59Z"}'


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "body", "code", "field"),
    [
        pytest.param(STATISTICS, "[" * 9_000, "invalid_json", None, id="brackets in brackets without end"),
        pytest.param(PRESENCE, '{"presence": "\\ud800"}', "invalid_json", None, id="half a character"),
        pytest.param(STATISTICS, f'{{"as_of": "{NOW}", "waiting": NaN}}', "invalid_json", None, id="not a number"),
        pytest.param(STATISTICS, '{"as_of": "0001-01-01T00:00:00Z"}', "invalid_field", "as_of", id="the year 1"),
        pytest.param(PRESENCE, FOR_EVER, "invalid_field", "until", id="the year 9999"),
        pytest.param(PRESENCE, '{"presence": "asleep"}', "invalid_field", "presence", id="a word that we do not know"),
    ],
)
def test_what_makes_no_sense_is_refused(address: str, body: str, code: str, field: str | None) -> None:
    account = ProviderAccount.objects.create(name="PBX", slug="pbx", dialect="native")
    Queue.objects.create(name="VIP", slug="vip")
    AccountManager.objects.create(name="Anna", slug="anna", address="+393331234567")
    key = keys.issue(ApiKey(account=account, label="PBX", may_report=True, may_set_presence=True))
    answer = Client().put(address, body, "application/json", headers={"Authorization": f"Bearer {key}"})
    said = answer.json()
    assert (answer.status_code, said["code"], said.get("field")) == (400, code, field)
    assert "asleep" not in said["detail"]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_event_of_no_time_that_a_clock_could_show_is_refused(decide_server: DecideServer, at: str) -> None:
    decide_server.change(
        access=live_folder.account(ACCOUNT, "native", keys=[live_folder.api_key(KEY, may_report=True)])
    )
    event = {"kind": "entered", "call_id": "call-1", "at": at}
    headers = {"Authorization": f"Bearer {KEY}"}
    answer = Client().post("/api/v1/contacts/events", {"events": [event]}, "application/json", headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (400, "events[0].at")
