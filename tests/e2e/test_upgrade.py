"""This release takes over from the former one while callers ask, and gives the host back to it."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import requests

from routing import spool
from tests import services
from tests.e2e import two_releases
from tests.e2e.two_releases import ROOT, Host, Installed, end
from tests.faults.callers import Call, Callers, ask, connected, decision
from tests.faults.contact_centre import wait_until
from tests.routing.decide_server import GOLD, KEY
from tests.services import free_port

pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]

SOME = 40
PATIENCE_S = 60.0
LOOKS_EVERY_S = 0.05
NO_ANSWER = 0
IN_USE = f"""
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("seed_demo")
from contactcenter.foundation import changes
from customers.models import Customer, Handle, LoyaltyTier
from routing.models import ApiKey, FetchStep
FetchStep.objects.all().delete()
ApiKey.objects.update(may_report=True)
gold = Customer.objects.create(tier=LoyaltyTier.objects.get(slug="gold"))
Handle.objects.create(customer=gold, kind="phone", value="{GOLD}")
changes.mark(changes.FACTS, ["phone:{GOLD}"])
call_command("publish", note="The demo")
"""
PUBLISHED_ANEW = """
from django.core.management import call_command
from queues.models import Queue
Queue.objects.filter(slug="vip").update(name="Very important")
call_command("publish", note="By the new release")
"""


@pytest.fixture
def database_url() -> Iterator[str]:
    with services.postgres() as url:
        yield url


@pytest.fixture
def former(tmp_path: Path, database_url: str) -> Iterator[Installed]:
    """The former release in use: demo published, gold caller known, everything carried to the host."""
    with two_releases.host(tmp_path, database_url) as host:
        release = Installed(two_releases.unpack_former_release(tmp_path / "former"), host)
        release.manage("shell", "-c", IN_USE)
        yield release


@pytest.fixture
def newest(former: Installed) -> Installed:
    """This release, on the same host; nothing of it runs yet."""
    return Installed(ROOT, former.host)


@contextmanager
def phone_system(port: int) -> Iterator[list[int]]:
    """Reports statistics to the portal without end; the status of each report, or NO_ANSWER."""
    statuses: list[int] = []
    done = threading.Event()

    def report() -> None:
        while not done.wait(LOOKS_EVERY_S):
            body = {"as_of": datetime.now(UTC).isoformat(), "waiting": 1}
            address = f"http://127.0.0.1:{port}/api/v1/queues/vip/stats"
            key = {"Authorization": f"Bearer {KEY}"}
            try:
                statuses.append(requests.put(address, json=body, headers=key, timeout=PATIENCE_S).status_code)
            except requests.RequestException:
                statuses.append(NO_ANSWER)

    reporting = threading.Thread(target=report)
    reporting.start()
    try:
        yield statuses
    finally:
        done.set()
        reporting.join()


def test_callers_do_not_notice_an_upgrade_nor_the_way_back(
    former: Installed, newest: Installed, database_url: str
) -> None:
    host = former.host
    courier = former.courier()
    wait_until(host.spool.parent.joinpath("live.sqlite3").exists, PATIENCE_S)
    server = former.decide_server()
    wait_until(lambda: two_releases.is_ready(host.decide_port), PATIENCE_S)
    portal_port = free_port()
    former.portal(portal_port)

    with Callers(host.decide_port, keep_alive=False) as callers:
        by_the_former = some_more(callers)
        with phone_system(portal_port) as statuses:
            newest.manage("migrate", "--verbosity", "0")
            some_more(callers)
        # What the new release publishes, the former one's decide servers still have to understand.
        newest.manage("shell", "-c", PUBLISHED_ANEW)
        wait_until(lambda: release_held(host) == 2, PATIENCE_S)
        end(courier)
        some_more(callers)
        assert unshipped(host) > 0  # the former release's rows wait for the new one's courier
        courier = newest.courier()
        successor = newest.decide_server()
        some_more(callers)  # both answer on one socket and write to one spool
        server.stop()
        by_the_newest = some_more(callers)
        # And back: the former code must bear what the new one has written.
        former.decide_server()
        successor.stop()
        end(courier)
        former.courier()
        some_more(callers)

    assert set(statuses) == {200}
    assert callers.lost == []
    assert callers.answered_in_two_ways == []
    assert {call.answer["queue"] for call in by_the_newest if call.caller == GOLD} == {"vip"}
    with connected(host.decide_port) as connection:
        for call in (by_the_former[0], by_the_newest[0]):
            assert decision(ask(connection, call.call_id, call.caller).answer) == decision(call.answer)
    wait_until(lambda: unshipped(host) == 0, PATIENCE_S)
    assert Counter(in_database(database_url)) == Counter(callers.decisions.keys())


def some_more(callers: Callers) -> list[Call]:
    """Let some more calls end; those."""
    before = len(callers.calls)
    wait_until(lambda: len(callers.calls) >= before + SOME, PATIENCE_S)
    return callers.calls[before:]


def release_held(host: Host) -> int:
    """The release that a decide server of the host says it decides by."""
    return int(requests.get(f"http://127.0.0.1:{host.decide_port}/readyz", timeout=10).json()["release"])


def unshipped(host: Host) -> int:
    with spool.courier_end(host.spool) as rows:
        return len(spool.unshipped(rows, 1_000_000))


def in_database(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT decision_id FROM routing_decision")]
