"""Third parties hear of decisions after the answer: at least once, signed, and of nothing else."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from routing import publishing, shipping
from routing.messaging import attempts, notifying
from routing.models import Branch, Decision, Flow, Notification, NotificationTarget, Release
from routing.spool import DECISION, Row
from tests.replaying import replayed
from tests.routing.decide_server import GOLD
from tests.routing.messages.desk_standin import WEBHOOK_SECRET, Desk, running
from tests.routing.messages.world import set_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Iterator[Desk]:
    with running() as desk:
        yield desk


@pytest.fixture
def target(desk: Desk) -> NotificationTarget:
    """The gold branch of the live release notifies it."""
    replayed("key accounts", _publish)
    NotificationTarget.objects.update(url=f"{desk.url}/events")
    return NotificationTarget.objects.get()


def _publish() -> None:
    set_up()
    target = NotificationTarget.objects.create(
        name="Key accounts", slug="key-accounts", url="https://desk.example.com/events", secret=WEBHOOK_SECRET
    )
    Branch.objects.filter(slug="gold").update(notify=target)
    publishing.publish("Tells key accounts.", None)


def ship(*numbers: int, branch: str = "gold", release: int = 2) -> None:
    """Decisions come out of a spool, as the courier ships them."""
    rows = [Row(number, DECISION, orjson.dumps(decided(number, branch, release))) for number in numbers]
    assert shipping.insert(rows, "host") == set()


def decided(number: int, branch: str, release: int) -> dict[str, Any]:
    answer = {
        "decision_id": f"{number:032}", "call_id": f"call-{number}", "release": release, "flow": "priority-customers",
        "branch": branch, "queue": "vip", "tier": "gold", "reason": "branch", "degraded": [],
    }  # fmt: skip
    contact = {"account": "a", "to": "+390255500001", "from": GOLD, "channel": "voice", "attempt": 0}
    at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC).isoformat()
    return {"v": 1, "contact": contact, "answer": answer, "variables": {"call.from": GOLD}, "decided_at": at}


def told() -> tuple[str, int, str]:
    """Send what is due, as if its time had come; what then stands there of the only one."""
    Notification.objects.update(due_at=timezone.now())
    notifying.sweep(10)
    notification = Notification.objects.get()
    return notification.state, notification.attempts, notification.error


def test_a_call_that_took_the_branch_is_told_of(target: NotificationTarget, desk: Desk) -> None:
    ship(1)
    assert told() == ("delivered", 1, "")
    ((headers, body),) = desk.webhooks
    Webhook(WEBHOOK_SECRET).verify(body, headers)
    assert headers["webhook-id"] == f"{1:032}-notify"
    event = json.loads(body)
    assert event["type"] == "decision.made"
    assert event["data"] == {
        "decision_id": f"{1:032}", "call_id": "call-1", "channel": "voice", "number": "+390255500001", "attempt": 0,
        "release": 2, "flow": "priority-customers", "branch": "gold", "queue": "vip", "tier": "gold",
        "reason": "branch", "decided_at": "2026-11-23T09:00:00+00:00",
    }  # fmt: skip
    assert event["timestamp"] == event["data"]["decided_at"]


@pytest.mark.parametrize("with_caller", [False, True])
def test_who_called_is_told_only_to_those_who_shall_know(
    target: NotificationTarget, desk: Desk, with_caller: bool
) -> None:
    NotificationTarget.objects.update(with_caller=with_caller)
    ship(1)
    told()
    assert (GOLD in desk.webhooks[0][1].decode()) is with_caller


@pytest.mark.parametrize(
    ("branch", "release", "count"),
    [
        pytest.param("gold", 2, 1, id="the branch notifies"),
        pytest.param("gold", 1, 0, id="not yet in the release that was decided by"),
        pytest.param("gold", 9, 0, id="a release that the database does not have"),
        pytest.param("again", 2, 0, id="a branch that notifies nobody"),
        pytest.param("last_path", 2, 0, id="everyone else"),
    ],
)
def test_the_release_that_was_decided_by_says_who_is_notified(
    target: NotificationTarget, branch: str, release: int, count: int
) -> None:
    Branch.objects.update(notify=None)
    ship(1, branch=branch, release=release)
    assert Notification.objects.count() == count


def test_everyone_else_can_be_told_of_too(target: NotificationTarget) -> None:
    Flow.objects.update(notify=target)
    publishing.publish("Everyone else.", None)
    ship(1, branch="last_path", release=3)
    assert told()[0] == "delivered"


@pytest.mark.portable
def test_a_decision_that_is_shipped_again_is_told_once(target: NotificationTarget, desk: Desk) -> None:
    ship(1, 2)
    ship(1, 2)
    notifying.sweep(10)
    ship(1, 2)
    assert notifying.sweep(10) == 0
    assert sorted(headers["webhook-id"][:32] for headers, _ in desk.webhooks) == [f"{1:032}", f"{2:032}"]


def test_what_may_heal_is_tried_again_with_the_same_id(target: NotificationTarget, desk: Desk) -> None:
    desk.faults = [(500, {}), (503, {})]
    ship(1)
    assert told() == ("waiting", 1, "status_500")
    assert told() == ("waiting", 2, "status_503")
    assert told() == ("delivered", 3, "")
    assert {headers["webhook-id"] for headers, _ in desk.webhooks} == {f"{1:032}-notify"}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        pytest.param({"url": ""}, "no_target", id="no address"),
        pytest.param({"slug": "renamed"}, "no_target", id="no such target"),
        pytest.param({"url": "http://169.254.169.254"}, "forbidden_address", id="an address inside"),
        pytest.param({"secret": ""}, "secret_is_no_webhook_secret", id="no secret"),
    ],
)
def test_what_cannot_be_told_is_given_up_and_can_be_sent_again(
    target: NotificationTarget, fields: dict[str, str], error: str
) -> None:
    before = {name: getattr(target, name) for name in fields}
    NotificationTarget.objects.update(**fields)
    ship(1)
    assert told() == ("dead", 1, error)
    NotificationTarget.objects.update(**before)
    assert attempts.resend(Notification.objects.all()) == 1
    assert told() == ("delivered", 1, "")


def test_a_decision_that_is_no_longer_kept_is_given_up(target: NotificationTarget) -> None:
    ship(1)
    Decision.objects.all().delete()
    assert told()[2] == "no_decision"


def test_a_target_that_is_switched_off_hears_nothing(target: NotificationTarget, desk: Desk) -> None:
    NotificationTarget.objects.update(is_enabled=False)
    ship(1)
    assert told() == ("unwanted", 0, "")
    assert desk.journal == []


def test_one_target_that_is_away_holds_up_no_other(target: NotificationTarget, desk: Desk) -> None:
    away = NotificationTarget.objects.create(
        name="Away", slug="away", url="http://127.0.0.1:9/events", secret=WEBHOOK_SECRET
    )
    Flow.objects.update(notify=away)
    publishing.publish("Two targets.", None)
    ship(*range(50), branch="last_path", release=3)
    ship(*range(50, 60), release=3)
    notifying.sweep(10)
    states = dict(Notification.objects.filter(decision_id__gte=f"{50:032}").values_list("decision_id", "state"))
    assert (len(states), set(states.values())) == (10, {"delivered"})
    tried = Notification.objects.filter(target="away", attempts__gt=0).count()
    assert 0 < tried <= notifying.AT_ONCE, "the others did not wait in vain"


def test_a_restored_database_is_asked_anew(target: NotificationTarget) -> None:
    ship(1)
    document = orjson.loads(Release.objects.get(number=2).document)
    del document["flows"]["priority-customers"]["branches"][0]["notify"]
    Release.objects.filter(number=2).update(document=orjson.dumps(document).decode(), sha256="0" * 64)
    ship(2)
    assert Notification.objects.count() == 1
