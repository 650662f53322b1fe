"""Three times as many calls as the hosts can decide: each still hears whom to dial, and the admin gives way."""

import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from django.test import Client

from routing import spool
from tests.e2e.open_loop import ANSWER_WITHIN_S, Answer, as_fast_as_they_are_answered, at_a_rate, run
from tests.e2e.two_hosts import answers, process, two_hosts
from tests.faults.callers import Callers
from tests.faults.contact_centre import Server, wait_until
from tests.routing import live_folder
from tests.routing.decide_server import ACCOUNT, KEY
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]

RUNS_S, STANDS_S = 0.02, 0.18
"""A decide host whose processor belongs to others nine tenths of the time: it is soon asked too much."""

MEASURED_FOR_S, OVERLOADED_FOR_S = 1.5, 3.0
CLIENTS = 256
SOME = 20
TOO_SLOW_TO_ASK = 408
"""A caller whose question takes seconds to come: these are ours, on a machine that has no time for them."""

PEOPLE, SWAMPED_FOR_S = 16, 2.0


@dataclass
class Front:
    """HAProxy as it is shipped, two decide servers behind it."""

    port: int
    folder: Path
    servers: list[Server]

    @contextmanager
    def slowed_down(self) -> Iterator[None]:
        """The decide servers stand still most of the time, as on a host that others use up."""
        done = threading.Event()

        def stop_and_go() -> None:
            while not done.wait(RUNS_S):
                self._signal(signal.SIGSTOP)
                done.wait(STANDS_S)
                self._signal(signal.SIGCONT)

        slowing = threading.Thread(target=stop_and_go)
        slowing.start()
        try:
            yield
        finally:
            done.set()
            slowing.join()

    def _signal(self, which: signal.Signals) -> None:
        for server in self.servers:
            for pid in server.workers:
                with suppress(ProcessLookupError):
                    os.kill(pid, which)

    def recorded(self) -> Counter[str]:
        """How often each decision id stands in the spool."""
        with spool.courier_end(self.folder / "live" / "spool.sqlite3") as rows:
            documents = [json.loads(row.document) for row in spool.unshipped(rows, 1_000_000)]
        return Counter(document["answer"]["decision_id"] for document in documents)


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    access = live_folder.account(ACCOUNT, "native", keys=[live_folder.api_key(KEY)])
    with two_hosts(tmp_path, live_folder.demo_document(), access) as hosts:
        yield Front(hosts.port, tmp_path, [Server(server) for server in hosts.servers])


def test_at_three_times_what_they_can_every_call_is_still_sent_somewhere(front: Front) -> None:
    with front.slowed_down():
        measured = run(as_fast_as_they_are_answered(front.port, CLIENTS, MEASURED_FOR_S))
        capacity = sum(not answer.shed for answer in measured) / MEASURED_FOR_S
        heard = until_it_is_too_much(front.port, 3 * capacity)
    asked = [answer for answer in heard if answer.status != TOO_SLOW_TO_ASK]
    decided = [answer for answer in asked if not answer.shed]
    assert [answer for answer in asked if not answer.dialable] == []
    assert len(decided) < len(asked), "it was not too much for them"
    assert len(decided) > SOME, "they went on deciding"
    ids = [str(answer.body["decision_id"]) for answer in decided]
    # A row that the other server kept from the spool for too long is written a moment later.
    wait_until(lambda: set(ids) <= set(front.recorded()))
    stored = front.recorded()
    assert {stored[each] for each in ids} == {1}


def until_it_is_too_much(port: int, each_second: float) -> list[Answer]:
    """What callers hear at this rate; at twice it if that can be decided: a measure taken in a bad moment is low."""
    heard: list[Answer] = []
    for times in (1, 2, 4):
        heard += run(at_a_rate(port, times * each_second, OVERLOADED_FOR_S, f"overload-{times}"))
        if any(answer.shed for answer in heard):
            break
    return heard


@contextmanager
def swamped(port: int, session: str) -> Iterator[list[int]]:
    """More people than the portal has threads open its first page again and again; the status of each page."""
    done, statuses = threading.Event(), list[int]()

    def look() -> None:
        while not done.is_set():
            headers = {"Cookie": f"sessionid={session}"}
            page = requests.get(f"http://127.0.0.1:{port}/admin/", headers=headers, timeout=ANSWER_WITHIN_S)
            statuses.append(page.status_code)

    people = [threading.Thread(target=look) for _ in range(PEOPLE)]
    for person in people:
        person.start()
    try:
        yield statuses
    finally:
        done.set()
        for person in people:
            person.join()


def test_a_swamped_portal_takes_no_call_from_the_decide_servers(
    front: Front, process_env: dict[str, str], supervisor_client: Client, tmp_path: Path
) -> None:
    port = free_port()
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn_portal.py"]
    with process(tmp_path, gunicorn, process_env | {"PORTAL_PORT": str(port), "PORTAL_WORKERS": "1"}):
        wait_until(lambda: answers(port, "/livez"))
        session = supervisor_client.cookies["sessionid"].value
        with swamped(port, session) as statuses, Callers(front.port) as callers:
            callers.go_on(SWAMPED_FOR_S, calls=4 * SOME)
    assert set(statuses) == {200}
    assert len(statuses) >= PEOPLE
    assert callers.lost == []
    given_up = [call for call in callers.calls if call.answer["reason"] == "no_server"]
    assert len(given_up) < len(callers.calls) / 4, "the calls of a moment in which the machine stood still"


def weight(unit: str) -> int:
    """The share of a busy processor that systemd gives to a service; 100 is what everybody has."""
    read = ConfigParser(interpolation=None, strict=False)
    read.read_string((ROOT / f"deploy/systemd/contactcenter-{unit}.service").read_text())
    return int(read["Service"].get("CPUWeight", "100"))


def test_on_a_busy_host_decide_servers_come_first_and_the_admin_and_its_work_last() -> None:
    assert weight("decide") >= 5 * weight("courier")
    assert weight("courier") > weight("portal") > weight("worker")
