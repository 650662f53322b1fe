"""HAProxy as shipped, in front of two real decide servers: slow clients, large bodies, nobody left."""

import json
import os
import re
import signal
import socket
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import partial
from statistics import median
from typing import Any

import pytest
import requests

from tests.e2e.two_hosts import TwoHosts, two_hosts
from tests.routing import live_folder
from tests.routing.decide_server import ACCOUNT, GOLD, KEY
from tests.routing.providers import twilio_standin

HALF_OPEN = 300
HELD_UP_S = 5
CALLERS_BESIDE = 8
CALLS_EACH = 25
CHECKS_SEE_IT_WITHIN_S = 20
UNKNOWN_NUMBER = "+390255599999"
TWILIO = f"/api/v1/p/{twilio_standin.ACCOUNT}"


@dataclass
class Front:
    """What providers reach."""

    port: int
    hosts: TwoHosts
    session: requests.Session = field(default_factory=requests.Session)

    def post(self, body: Any, path: str = "/api/v1/decisions", **how: Any) -> requests.Response:
        """Ask through the proxy, with the key."""
        headers = {"Authorization": f"Bearer {KEY}"} | how.pop("headers", {})
        if path == "/api/v1/decisions" and isinstance(body, dict):
            body = json.dumps(body)
        return self.session.post(f"http://127.0.0.1:{self.port}{path}", timeout=20, data=body, headers=headers, **how)

    def ask(self, call_id: str, to: str = live_folder.VOICE_NUMBER, **how: Any) -> dict[str, Any]:
        """A decision; it must be a 200 with somewhere to dial."""
        response = self.post({"call_id": call_id, "to": to, "from": GOLD}, **how)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        assert answer["sip_uri"].startswith("sip:")
        return answer


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Two decide servers on one live folder, and HAProxy with the file that is shipped."""
    folder = tmp_path_factory.mktemp("front")
    document = live_folder.demo_document()
    document["numbers"][f"voice:{live_folder.VOICE_NUMBER}"]["default_queue"] = "priority"
    access = live_folder.account(ACCOUNT, "native", keys=[live_folder.api_key(KEY)])
    access |= live_folder.account(twilio_standin.ACCOUNT, "twilio", twilio_standin.SECRET)
    with two_hosts(folder, document, access) as hosts:
        yield Front(hosts.port, hosts)


def call_form(**changes: str) -> dict[str, str]:
    return twilio_standin.incoming(**changes)


def signed(stage: str, form: dict[str, str]) -> dict[str, str]:
    url = f"{twilio_standin.PUBLIC_URL}{TWILIO}/{stage}"
    return {"X-Twilio-Signature": twilio_standin.signature(twilio_standin.SECRET, url, form)}


def dialled(response: requests.Response) -> str:
    """The address that TwiML dials."""
    assert response.status_code == 200, response.text
    return ET.fromstring(response.content).findtext("Dial/Sip", "")


def test_a_call_gets_the_servers_own_answer(front: Front) -> None:
    answer = front.ask("plain")
    assert (answer["queue"], answer["reason"]) == ("vip", "branch")
    assert front.ask("plain") == answer
    form = call_form()
    spoken = front.post(form, f"{TWILIO}/voice", headers=signed("voice", form))
    assert dialled(spoken).startswith("sip:8001@pbx.example.net")


def test_half_open_clients_do_not_hinder_normal_calls(front: Front) -> None:
    """Against gunicorn alone these take all of its threads, for HELD_UP_S each."""
    with ExitStack() as opened:
        slow = []
        for number in range(HALF_OPEN):
            client = opened.enter_context(closing(socket.create_connection(("127.0.0.1", front.port))))
            head = b"POST /api/v1/decisions HTTP/1.1\r\nHost: slow\r\n"
            # Half of them never end their headers, half of them never send their body.
            client.sendall(head if number % 2 else head + b"Content-Length: 500\r\n\r\n{")
            slow.append(client)
        with ThreadPoolExecutor(CALLERS_BESIDE) as callers:
            took = [each for some in callers.map(partial(call_on, front), range(CALLERS_BESIDE)) for each in some]
        assert len(took) == CALLERS_BESIDE * CALLS_EACH
        assert median(took) < 1.5
        assert max(took) < HELD_UP_S
        slow[0].settimeout(20)
        assert slow[0].recv(100).startswith(b"HTTP/1.1 408")  # they are shown the door


def call_on(front: Front, caller: int) -> list[float]:
    """Some calls, one after the other, each a 200 that one of the servers decided; the seconds each took."""
    took = []
    with closing(requests.Session()) as session:
        own = replace(front, session=session)
        for number in range(CALLS_EACH):
            began = time.monotonic()
            assert own.ask(f"beside-slow-{caller}-{number}")["reason"] == "branch"
            took.append(time.monotonic() - began)
    return took


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length said", "in chunks"])
def test_a_body_above_64_kb_is_refused_at_the_door(front: Front, chunked: bool) -> None:
    body = b'{"call_id": "large", "to": "' + b"x" * 66_000 + b'"}'
    response = front.post(iter([body[:40_000], body[40_000:]]) if chunked else body, headers={"X-Call-Id": "large"})
    assert response.status_code == 413
    assert response.json()["code"] == "too_large"


def test_metrics_and_health_stay_inside(front: Front) -> None:
    for path in ("/metrics", "/readyz", "/"):
        assert front.session.get(f"http://127.0.0.1:{front.port}{path}", timeout=20).status_code == 404


def decided_by_each(front: Front) -> list[float]:
    """How many decisions each server has counted."""
    pages = [requests.get(f"http://127.0.0.1:{port}/metrics", timeout=20).text for port in front.hosts.behind]
    return [sum(map(float, re.findall(r"^routing_decisions_total{.*} (\S+)", page, re.MULTILINE))) for page in pages]


def test_all_questions_of_one_call_reach_one_host_wherever_its_id_stands(front: Front) -> None:
    used = set()
    for number in range(8):
        before, call = decided_by_each(front), f"call-{number}"
        front.ask(call)
        front.ask("another", headers={"X-Call-Id": call})
        front.ask("another", params={"call_id": call})
        gained = [now - then for now, then in zip(decided_by_each(front), before, strict=True)]
        assert sorted(gained) == [0, 3]
        used.add(gained.index(3))
    assert used == {0, 1}  # and calls are shared among the hosts


def test_with_every_server_killed_each_call_is_still_sent_somewhere(front: Front) -> None:
    for server in front.hosts.servers:
        os.killpg(server.pid, signal.SIGKILL)  # gunicorn's workers with it
        server.wait()
    killed = time.monotonic()
    answers: list[dict[str, Any]] = []
    while time.monotonic() - killed < CHECKS_SEE_IT_WITHIN_S:
        answers.append(front.ask(f"nobody-{len(answers)}"))
        if answers[-1]["queue"] == "priority":  # the checks have seen it: numbers go to their default queue now
            break
        time.sleep(0.02)
    assert {answer["reason"] for answer in answers} == {"no_server"}
    assert answers[-1]["queue"] == "priority"
    assert front.ask("nobody", to=UNKNOWN_NUMBER)["queue"] == "standard"
    lines = front.post({"call_id": "1", "to": UNKNOWN_NUMBER}, headers={"Accept": "text/plain"})
    assert "sip_uri=sip:8003@pbx.example.net\n" in lines.text

    assert dialled(front.post(call_form(), f"{TWILIO}/voice")).startswith("sip:8002@")
    assert dialled(front.post(call_form(To=UNKNOWN_NUMBER), f"{TWILIO}/voice")).startswith("sip:8003@")
    assert dialled(front.post(call_form(DialCallStatus="busy"), f"{TWILIO}/after")).startswith("sip:8003@")
    # Who has talked to somebody is not dialled again, and a report that nobody took must come again.
    assert front.post(call_form(DialCallStatus="completed"), f"{TWILIO}/after").status_code == 503
    assert front.post(json.dumps([]).encode(), "/api/v1/contacts/events").status_code == 503
