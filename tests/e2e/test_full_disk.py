"""No room on the disk, and then the decide server ends: what was answered is written, or counted as lost."""

import json
import os
import re
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from routing import spool
from tests.e2e.full_disk import fill, may_mount, small_disk
from tests.faults.contact_centre import ContactCentre, Server, wait_until
from tests.routing.decide_server import GOLD, KEY
from tests.routing.live_folder import VOICE_NUMBER

CALLS = 40


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ContactCentre]:
    """A decide host without a courier; its live folder lies on a disk of 4 MB where one may be mounted."""
    centre = ContactCentre(tmp_path)
    with ExitStack() as disks:
        if may_mount():
            disks.enter_context(small_disk(centre.live))
        centre.build_live_folder()
        yield centre
        centre.end()


@contextmanager
def no_room(host: ContactCentre, server: Server) -> Iterator[None]:
    """A disk that is really full; without a disk of our own no file may grow."""
    if not os.path.ismount(host.live):
        with server.no_room_on_disk(allowed=4096):
            yield
        return
    filler = fill(host.live)
    try:
        yield
    finally:
        filler.unlink()


def ask(host: ContactCentre, call_id: str) -> str:
    """The decision's id; whoever asks has to be answered."""
    body = json.dumps({"call_id": call_id, "to": VOICE_NUMBER, "from": GOLD}).encode()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{host.port}/api/v1/decisions", body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        found = json.loads(answer.read())
    assert found["queue"] == "vip"
    return str(found["decision_id"])


def shown(host: ContactCentre) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{host.port}/metrics", timeout=30) as page:
        found = re.findall(r"^(\w+(?:\{.*\})?) (\S+)$", page.read().decode(), re.MULTILINE)
    return {name: float(value) for name, value in found}


def recorded(host: ContactCentre) -> set[str]:
    with spool.courier_end(host.live / "spool.sqlite3") as rows:
        return {json.loads(row.document)["answer"]["decision_id"] for row in spool.unshipped(rows, 10_000)}


def test_rows_in_memory_are_written_when_the_server_is_told_to_end_and_space_returns(host: ContactCentre) -> None:
    server = host.start_decide()
    answered = {ask(host, f"before-{number}") for number in range(3)}
    with no_room(host, server):
        answered |= {ask(host, f"full-{number}") for number in range(CALLS)}
        waiting = shown(host)["routing_unwritten"]
        server.process.terminate()
        wait_until(lambda: "Worker exiting" in host.said)
    server.process.wait(60)
    assert waiting > CALLS / 2
    assert answered == recorded(host)
    assert "rows_lost" not in host.said


def test_what_a_killed_worker_had_in_memory_is_counted(host: ContactCentre) -> None:
    server = host.start_decide()
    with no_room(host, server):
        answered = {ask(host, f"full-{number}") for number in range(CALLS)}
        waiting = shown(host)["routing_unwritten"]
        os.kill(server.workers[0], signal.SIGKILL)
        wait_until(lambda: "rows_lost" in host.said)
        wait_until(host.is_up)
    figures = shown(host)
    assert waiting > CALLS / 2
    assert figures["routing_lost_total"] == waiting
    assert figures["routing_unwritten"] == 0, "of the dead nothing waits any more"
    assert len(answered - recorded(host)) <= waiting, "nothing is missing that is not counted"


def test_several_workers_give_one_right_page(host: ContactCentre) -> None:
    server = host.start_decide(workers=2)
    wait_until(lambda: len(server.workers) == 2)
    for number in range(CALLS):
        ask(host, f"call-{number}")
    first = shown(host)
    assert first['routing_decisions_total{queue="vip",reason="branch"}'] == CALLS
    assert first["routing_release"] == 1
    killed = server.workers[0]
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: len(server.workers) == 2 and killed not in server.workers)
    wait_until(host.is_up)
    ask(host, "one more")
    wait_until(lambda: shown(host)["routing_release"] == 1)  # the other is up before the new one
    later = shown(host)
    assert later['routing_decisions_total{queue="vip",reason="branch"}'] == CALLS + 1, "the dead have counted too"
    assert (later["routing_release"], later["routing_unwritten"]) == (1, 0)
