"""A customer's message through everything: decide server, courier, beat, worker, help desk. All of them real."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from routing import publishing
from routing.models import (
    ApiKey,
    Branch,
    Conversation,
    Decision,
    Delivery,
    InboundMessage,
    Notification,
    NotificationTarget,
    ProviderAccount,
)
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, KEY
from tests.routing.messages import senders
from tests.routing.messages.desk_standin import VIP_TEAM, WEBHOOK_SECRET, Desk, running
from tests.routing.messages.world import ACCOUNT, publish
from tests.services import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.portable, pytest.mark.celery]

COURIER = [sys.executable, "manage.py", "courier"]
DECIDE = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn_decide.py"]
WORKER = [sys.executable, "-m", "celery", "-A", "contactcenter.celery", "worker", "-B", "-c", "1"]
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


@contextmanager
def processes(env: dict[str, str], *commands: list[str]) -> Iterator[None]:
    """Each in a group of its own, so that its children end with it."""
    started = []
    try:
        for command in commands:
            started.append(subprocess.Popen(command, env=env, start_new_session=True))
        yield
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until(happened: Callable[[], Any], seconds: float = 60.0) -> None:
    ends_at = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < ends_at, "It did not happen in time."
        time.sleep(0.1)


def post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers})
    with suppress(OSError), urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.read()
    return 0, b""


@pytest.fixture
def desk() -> Iterator[Desk]:
    with running() as desk:
        yield desk


def test_a_gold_customer_who_writes_gets_the_team_and_branch_that_his_call_gets(
    desk: Desk, process_env: dict[str, str], tmp_path: Path
) -> None:
    publish(desk.url, dialect="chatwoot", secret=senders.SECRET)
    url = f"{desk.url}/events"
    target = NotificationTarget.objects.create(name="Key accounts", slug="key", url=url, secret=WEBHOOK_SECRET)
    Branch.objects.filter(slug="gold").update(notify=target)
    publishing.publish("Tells key accounts.", None)
    voice = ProviderAccount.objects.create(name="SBC", slug="sbc", dialect="native")
    ApiKey.objects.create(account=voice, label="SBC", prefix="cc_", sha256=hashlib.sha256(KEY.encode()).hexdigest())
    for folder in ("messages", "processed", "control"):
        (tmp_path / "broker" / folder).mkdir(parents=True, exist_ok=True)
    desk.add(42, GOLD)
    port = free_port()
    here = f"http://127.0.0.1:{port}/api/v1"
    env = process_env | {"DECIDE_PORT": str(port), "DECIDE_WORKERS": "1"}
    event = senders.as_json({"event": "conversation_created"} | senders.chatwoot_conversation(GOLD))

    def told() -> bool:
        return post(f"{here}/p/{ACCOUNT}/message", event, senders.chatwoot_headers(event))[0] == 200

    def called() -> dict[str, Any]:
        question = senders.as_json({"call_id": "call-1", "to": live_folder.VOICE_NUMBER, "from": GOLD})
        answer: dict[str, Any] = json.loads(post(f"{here}/decisions", question, {"Authorization": f"Bearer {KEY}"})[1])
        return answer

    with processes(env, COURIER, DECIDE, [*WORKER, *QUIET]):
        wait_until(told)
        assert told(), "told twice"
        call = called()
        wait_until(lambda: Delivery.objects.exclude(state="waiting").exists())
        wait_until(lambda: Notification.objects.filter(state="delivered").count() == 2)

    for headers, body in desk.webhooks:
        Webhook(WEBHOOK_SECRET).verify(body, headers)
    assert {json.loads(body)["data"]["channel"] for _, body in desk.webhooks} == {"voice", "whatsapp"}
    assert GOLD not in str(desk.webhooks)
    assert (desk.conversations[42]["team_id"], desk.conversations[42]["priority"]) == (VIP_TEAM, "urgent")
    assert len(desk.asked("POST /api/v1/accounts/1/conversations/42/assignments")) == 1
    assert InboundMessage.objects.get().state == "decided"
    conversation = Conversation.objects.get()
    assert (conversation.queue, conversation.assigned_team, conversation.is_open) == ("vip", str(VIP_TEAM), True)
    decision = Decision.objects.get(channel="whatsapp")
    assert (decision.branch, decision.queue, decision.tier) == (call["branch"], call["queue"], call["tier"])
    assert (decision.branch, decision.reason) == ("gold", "branch")
    everything = f"{InboundMessage.objects.values()[0]}{decision.document}"
    assert "Where is my order" not in everything
