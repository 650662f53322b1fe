"""The recipe that reports statistics, fed with what Asterisk and FreeSWITCH answer, and read by the real endpoint."""

import socketserver
import sys
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import requests
from pytest_django.live_server_helper import LiveServer

from queues.models import Queue, QueueState
from routing import keys
from routing.models import ApiKey, ProviderAccount

RECIPES = Path(__file__).resolve().parents[2] / "deploy" / "recipes" / "queue_events"

ASTERISK = """Event: QueueParams\r
Queue: 8001\r
Calls: 2\r
Holdtime: 31\r
TalkTime: 240\r
\r
Event: QueueMember\r
Queue: 8001\r
Name: Ada\r
Status: 1\r
Paused: 0\r
\r
Event: QueueMember\r
Queue: 8001\r
Status: 1\r
Paused: 1\r
\r
Event: QueueMember\r
Queue: 8001\r
Status: 5\r
Paused: 0\r
\r
Event: QueueEntry\r
Queue: 8001\r
CallerIDNum: +390255501001\r
Wait: 44\r
\r
Event: QueueEntry\r
Queue: 8001\r
Wait: 9\r
\r
Event: QueueParams\r
Queue: other\r
Calls: 7\r
\r
Event: QueueStatusComplete\r
\r
"""

MEMBERS = """queue|uuid|cid_number|joined_epoch|state|score
vip@default|a|+390255501001|1000|Waiting|44
vip@default|b|+390255501002|1035|Trying|9
vip@default|c|+390255501003|900|Answered|99
+OK
"""
AGENTS = """name|status|state|calls_answered|talk_time
ada|Available|Waiting|10|2400
ben|On Break|Waiting|2|480
cleo|Logged Out|Waiting|50|9000
dan|Available (On Demand)|In a queue call|0|0
+OK
"""


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module, as it lies beside reporter.py on the phone system."""
    monkeypatch.syspath_prepend(str(RECIPES))
    yield import_module("queue_statistics")
    for name in ("reporter", "queue_statistics"):
        sys.modules.pop(name, None)


def test_freeswitch_says_who_waits_and_who_is_there(recipe: Any) -> None:
    assert recipe.of_freeswitch(MEMBERS, AGENTS, 1050.0) == {
        "waiting": 2,
        "longest_wait_s": 50,
        "agents_logged_in": 3,
        "agents_idle": 1,
        "aht_s": 240,
    }


@pytest.mark.parametrize(("members", "agents"), [("+OK\n", "+OK\n"), ("", "-ERR Invalid Queue not found!")])
def test_an_empty_queue_of_freeswitch_is_empty(recipe: Any, members: str, agents: str) -> None:
    assert set(recipe.of_freeswitch(members, agents, 1050.0).values()) == {0}


class Manager(socketserver.BaseRequestHandler):
    """An Asterisk that answers QueueStatus in two pieces."""

    def handle(self) -> None:
        self.request.sendall(b"Asterisk Call Manager/9.0.0\r\n")
        while b"QueueStatus" not in self.request.recv(4096):
            pass
        half = len(ASTERISK) // 2
        self.request.sendall(b"Response: Success\r\n\r\n" + ASTERISK[:half].encode())
        self.request.sendall(ASTERISK[half:].encode())


@pytest.mark.django_db(transaction=True)
def test_what_asterisk_answers_is_in_the_portal(
    recipe: Any, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = ProviderAccount.objects.create(name="PBX", slug="pbx", dialect="native")
    Queue.objects.create(name="VIP", slug="vip")
    with socketserver.TCPServer(("127.0.0.1", 0), Manager) as asterisk:
        threading.Thread(target=asterisk.handle_request, daemon=True).start()
        for name, value in {
            "PORTAL": live_server.url,
            "KEY": keys.issue(ApiKey(account=account, label="PBX", may_report=True)),
            "AMI_USER": "cc",
            "AMI_SECRET": "secret",
            "AMI_PORT": str(asterisk.server_address[1]),
        }.items():
            monkeypatch.setenv(name, value)
        for queue, numbers in recipe.ask_asterisk({"8001": "vip"}).items():
            recipe.report(queue, numbers)
    expected = {"waiting": 2, "longest_wait_s": 44, "agents_logged_in": 2, "agents_idle": 1, "aht_s": 240}
    assert expected.items() <= QueueState.objects.get().statistics.items()


def test_a_portal_that_refuses_is_named_without_a_number(
    recipe: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refused = requests.Response()
    refused.status_code = 404
    monkeypatch.setattr(requests, "put", lambda *_, **__: refused)
    monkeypatch.setenv("PORTAL", "http://127.0.0.1:1")
    monkeypatch.setenv("KEY", "cc_x")
    recipe.report("vip", {"waiting": 1})
    assert "refused with status 404" in caplog.text
