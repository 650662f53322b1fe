"""The recipes that report queue events, fed with what Asterisk and FreeSWITCH send, and read by the real endpoint."""

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import Client

from routing.spool import EVENT, courier_end, unshipped
from tests.routing import live_folder
from tests.routing.decide_server import ACCOUNT, DecideServer

RECIPES = Path(__file__).resolve().parents[2] / "deploy" / "recipes"
REPORTING = "cc_" + "r" * 43
DECISION = "7b93781f16855057abe26c9298fe1eef"


@pytest.fixture
def recipes(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Finds a recipe's module by name, as it lies beside reporter.py on the phone system."""
    for folder in ("queue_events", "asterisk", "freeswitch"):
        monkeypatch.syspath_prepend(str(RECIPES / folder))
    yield import_module
    for name in ("reporter", "ami_events", "esl_events"):
        sys.modules.pop(name, None)


def ami(*told: str) -> bytes:
    """Messages of Asterisk: an event, its time in seconds, the channel's id, and more fields."""
    text = "Asterisk Call Manager/9.0.0\r\nResponse: Success\r\nMessage: Authentication accepted\r\n\r\n"
    for each in told:
        kind, at, channel, *more = each.split(" ")
        fields = [f"Event: {kind}", "Privilege: agent,all", f"Timestamp: 1795334400.{at}", f"Uniqueid: {channel}"]
        text += "\r\n".join([*fields, "CallerIDNum: +390255501001", *(one.replace("=", ": ", 1) for one in more)])
        text += "\r\n\r\n"
    return text.encode()


RECORDED = ami(
    f"QueueCallerJoin 100000 a.1 Queue=8001 Position=1 ChanVariable=CC_DECISION={DECISION}",
    "QueueCallerJoin 200000 b.2 Queue=standard Position=1",
    "QueueCallerJoin 300000 c.3 Queue=standard Position=2",
    "AgentCalled 400000 a.1 Queue=8001",
    f"QueueCallerLeave 500000 a.1 Queue=8001 Count=0 ChanVariable=CC_DECISION={DECISION}",
    f"AgentConnect 600000 a.1 Queue=8001 HoldTime=14 DestUniqueid=x.9 DestChanVariable=CC_DECISION=no "
    f"ChanVariable=CC_DECISION={DECISION}",
    "QueueCallerAbandon 700000 b.2 Queue=standard HoldTime=31",
    "QueueCallerLeave 710000 b.2 Queue=standard Count=1",
    "QueueCallerLeave 800000 c.3 Queue=standard Count=0",
)


def asterisk(recipes: Any, pieces: list[bytes]) -> list[dict[str, Any]]:
    module = recipes("ami_events")
    queues, buffer, found = module.Queues({"8001": "vip"}), bytearray(), list[dict[str, Any]]()
    for piece in pieces:
        buffer += piece
        for message in module.messages(buffer):
            found += queues.read(message, 1000.0)
    assert queues.settle(1004.0) == []
    found += queues.settle(1005.0)
    assert (queues.leaving, queues.ended, queues.joined) == ({}, set(), {})
    return found


def esl(action: str, channel: str, **fields: str) -> bytes:
    """An event of mod_callcenter in its frame."""
    said = {"Event-Subclass": "callcenter%3A%3Ainfo", "Event-Name": "CUSTOM", "CC-Action": action}
    said |= {"CC-Queue": "8001%40default", "CC-Member-Session-UUID": channel, "CC-Member-CID-Number": "%2B390255501001"}
    said |= {name.replace("_", "-"): value for name, value in fields.items() if not name.startswith("variable")}
    if "variable" in fields:
        said["variable_sip_h_X-Decision-Id"] = fields["variable"]
    body = "".join(f"{name}: {value}\n" for name, value in said.items()) + "\n"
    return f"Content-Length: {len(body)}\nContent-Type: text/event-plain\n\n{body}".encode()


AT = {"Event_Date_Timestamp": "1795334400500000"}
WAITED = {"CC_Member_Joined_Time": "1795334400", "CC_Member_Leaving_Time": "1795334431"}
FS_RECORDED = b"Content-Type: auth/request\n\nContent-Type: command/reply\nReply-Text: +OK accepted\n\n" + b"".join(
    [
        esl("member-queue-start", "aaa", variable=DECISION, **AT),
        esl("members-count", "aaa", **AT),
        esl("bridge-agent-start", "aaa", variable=DECISION, CC_Agent_Answered_Time="1795334414", **WAITED, **AT),
        esl("member-queue-end", "aaa", CC_Cause="Terminated", **WAITED, **AT),
        esl("member-queue-end", "bbb", CC_Cause="Cancel", CC_Cancel_Reason="BREAK_OUT", **WAITED, **AT),
        esl("member-queue-end", "ccc", CC_Cause="Cancel", CC_Cancel_Reason="TIMEOUT", **WAITED, **AT),
    ]
)


def freeswitch(recipes: Any, pieces: list[bytes]) -> list[dict[str, Any]]:
    module = recipes("esl_events")
    buffer, found = bytearray(), list[dict[str, Any]]()
    for piece in pieces:
        buffer += piece
        for _headers, message in module.frames(buffer):
            found += module.read(message, {"8001": "vip"}, 0.0)
    assert not buffer
    return found


def told(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [
        (each["kind"], each.get("decision_id", each.get("call_id")), each["queue"], each.get("seconds"))
        for each in events
    ]


ASTERISK_SAYS = [
    ("entered", DECISION, "vip", None),
    ("entered", "b.2", "standard", None),
    ("entered", "c.3", "standard", None),
    ("agent_answered", DECISION, "vip", 14),
    ("abandoned", "b.2", "standard", 31),
    ("left", "c.3", "standard", 0),
]
FREESWITCH_SAYS = [
    ("entered", DECISION, "vip", None),
    ("agent_answered", DECISION, "vip", 14),
    ("abandoned", "bbb", "vip", 31),
    ("left", "ccc", "vip", 31),
]


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_each_fate_of_a_caller_is_told_however_the_network_cuts_it(recipes: Any, size: int) -> None:
    for say, recorded, expected in ((asterisk, RECORDED, ASTERISK_SAYS), (freeswitch, FS_RECORDED, FREESWITCH_SAYS)):
        pieces = [recorded[place : place + size] for place in range(0, len(recorded), size)]
        assert told(say(recipes, pieces)) == expected


def test_the_answer_may_be_told_before_the_leaving(recipes: Any) -> None:
    turned = ami("QueueCallerJoin 1 a.1 Queue=vip", "AgentConnect 2 a.1 Queue=vip HoldTime=3", "QueueCallerLeave 3 a.1")
    assert told(asterisk(recipes, [turned])) == [("entered", "a.1", "vip", None), ("agent_answered", "a.1", "vip", 3)]


def test_a_caller_who_comes_back_is_told_again(recipes: Any) -> None:
    again = (
        "QueueCallerJoin 1 a.1 Queue=vip",
        "QueueCallerAbandon 2 a.1 Queue=vip HoldTime=3",
        "QueueCallerLeave 3 a.1",
    )
    assert [kind for kind, *_rest in told(asterisk(recipes, [ami(*again, *again)]))] == ["entered", "abandoned"] * 2


@pytest.mark.django_db
def test_the_real_endpoint_takes_every_event_once_and_no_number_is_sent(
    recipes: Any, decide_server: DecideServer
) -> None:
    keys = [live_folder.api_key(REPORTING, may_report=True)]
    decide_server.change(access=live_folder.account(ACCOUNT, "native", keys=keys))
    events = asterisk(recipes, [RECORDED]) + freeswitch(recipes, [FS_RECORDED])
    assert "390255501001" not in str(events)
    for _time in range(2):
        answer = Client().post(
            "/api/v1/contacts/events", orjson.dumps({"events": events}), content_type="application/json",
            headers={"Authorization": f"Bearer {REPORTING}"},
        )  # fmt: skip
        assert (answer.status_code, answer.content) == (200, b'{"accepted":10}')
    with courier_end(decide_server.plane.spool.path) as spool:
        kept = [orjson.loads(row.document) for row in unshipped(spool, 100) if row.kind == EVENT]
    assert len(kept) == 10
    assert {each["at"][:16] for each in kept} == {"2026-11-22T08:00"}


@pytest.fixture
def endpoint() -> Iterator[HTTPServer]:
    """Answers with the statuses in `statuses`, then 200; keeps the bodies it took."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bad = any(each["kind"] == "bad" for each in body["events"])
            status = self.server.statuses.pop(0) if self.server.statuses else 400 if bad else 200  # type: ignore[attr-defined]
            if status == 200:
                self.server.taken += body["events"]  # type: ignore[attr-defined]
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server: Any = HTTPServer(("127.0.0.1", 0), Handler)
    server.statuses, server.taken = [], []
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_what_is_not_taken_is_sent_again_and_a_bad_event_costs_no_other(recipes: Any, endpoint: Any) -> None:
    pauses: list[float] = []
    url = f"http://127.0.0.1:{endpoint.server_port}/api/v1/contacts/events"
    reporter = recipes("reporter").Reporter(url, REPORTING, sleep=pauses.append)
    endpoint.statuses = [503, 429, 401, 500]
    reporter.waiting.extend({"kind": kind} for kind in ("one", "bad", "two"))
    reporter.send_all()
    assert [each["kind"] for each in endpoint.taken] == ["one", "two"]
    assert pauses == [1.0, 2.0, 5.0, 10.0]
    assert not reporter.waiting
