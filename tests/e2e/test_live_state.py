"""What is true right now reaches real calls: over the portal's API, a courier and a decide server of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contactcenter.foundation import changes
from queues import switches
from queues.models import AccountManager, PhoneSystem, Queue, Switch
from routing.document import checksum
from routing.keys import fingerprint
from routing.models import ApiKey, ProviderAccount, Release
from tests.faults.contact_centre import DECIDE, ROOT, ContactCentre, Database, wait_until
from tests.routing import live_folder
from tests.routing.decide_server import KEY
from tests.routing.documents import branch, condition

STALE_AFTER_S = 6
NOWHERE = "postgresql://postgres@127.0.0.1:1/nothing"
WITHIN_S = 30.0
"""Two seconds in practice; a busy machine may take its time."""


def documented() -> dict[str, Any]:
    """Everybody to VIP; over a minute's wait there, to Priority; nobody logged in at VIP counts as closed."""
    document = live_folder.demo_document()
    slow = [[condition("queue.vip.estimated_wait_s", "at_least", 60)]]
    document["flows"]["priority-customers"]["branches"] = [
        branch("vip-is-slow", "VIP is slow", "priority", slow),
        branch("vip", "VIP", "vip", []),
    ]
    document["queues"]["vip"]["max_waiting"] = 10
    document["queues"]["vip"]["overflow_to"] = "standard"
    return document


@pytest.fixture
def centre(process_env: dict[str, str], tmp_path: Path) -> Iterator[ContactCentre]:
    """A release, a key, and a decide host whose courier and decide server run."""
    system = PhoneSystem.objects.create(name="PBX", slug="pbx", kind="asterisk", hosts=live_folder.HOST)
    for slug in ("vip", "priority", "standard"):
        Queue.objects.create(name=slug, slug=slug, phone_system=system)
    AccountManager.objects.create(name="Anna", slug="anna", address="8101", phone_system=system)
    text = live_folder.canonical(documented())
    Release.objects.create(number=1, document=text, sha256=checksum(text), note="First.")
    changes.mark(changes.RELEASE, ["1"])
    account = ProviderAccount.objects.create(name="SBC", slug="main", dialect="native")
    ApiKey.objects.create(
        account=account, label="SBC", prefix="cc_", sha256=fingerprint(KEY), may_report=True, may_set_presence=True
    )
    host = ContactCentre(tmp_path, Database(process_env["DATABASE_URL"]))
    try:
        host.start_courier()
        host.start(DECIDE, {"DECIDE_PORT": str(host.port), "STATISTICS_STALE_AFTER_S": str(STALE_AFTER_S)})
        wait_until(host.is_up, 60)
        yield host
    finally:
        host.end()


CALL = (live_folder.VOICE_NUMBER, "+390255501001")


def report(age_s: int = 0, **numbers: int) -> None:
    body = {"as_of": (timezone.now() - timedelta(seconds=age_s)).isoformat(), **numbers}
    headers = {"Authorization": f"Bearer {KEY}"}
    response = Client().put("/api/v1/queues/vip/stats", body, "application/json", headers=headers)
    assert response.status_code == 200, response.content


def becomes(host: ContactCentre, expected: dict[str, Any], keep: Callable[[], None] | None = None) -> float:
    """Seconds until calls are answered like this; `keep` says again what a phone system goes on saying."""

    def answered() -> bool:
        if keep:
            keep()
        answer = host.ask(*CALL)
        return {key: answer.get(key) for key in expected} == expected

    took = wait_until(answered, WITHIN_S)
    print(f"{expected}: {took:.2f} s")
    return took


def command(host: ContactCentre, *arguments: str) -> str:
    """`host_switch` as an operator types it, where no database answers."""
    environment = {"DJANGO_SETTINGS_MODULE": "contactcenter.settings", "DATABASE_URL": NOWHERE}
    return subprocess.run(
        [sys.executable, "manage.py", "host_switch", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment, "LIVE_DIR": str(host.live), "VAR_DIR": str(host.folder)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.django_db(transaction=True)
def test_statistics_presence_and_switches_reach_calls_and_a_host_switches_on_its_own(centre: ContactCentre) -> None:
    becomes(centre, {"queue": "vip", "reason": "branch"})

    becomes(centre, {"queue": "priority", "branch": "vip-is-slow"}, lambda: report(waiting=4, estimated_wait_s=90))
    becomes(centre, {"queue": "standard", "reason": "full"}, lambda: report(waiting=10))
    becomes(centre, {"queue": "standard", "reason": "no_agents"}, lambda: report(agents_logged_in=0))
    silent_since = time.monotonic()
    becomes(centre, {"queue": "vip", "reason": "branch"})
    assert time.monotonic() - silent_since > 1, "it must not have been forgotten at once"

    announcement = switches.announce("*", PhoneSystem.objects.get(), "8900", "fire alarm", None, None)
    becomes(centre, {"action": "announce", "sip_uri": "sip:8900@pbx.example.net"})
    switches.end(announcement, None)
    becomes(centre, {"queue": "vip", "action": "transfer"})

    centre.end_one(centre.courier)  # from here on nobody carries anything
    assert "Set on this host" in command(centre, "close", "vip", "--reason", "water", "--until", "ended")
    becomes(centre, {"queue": "standard", "reason": "switched"})
    assert not Switch.objects.filter(reason="water").exists()

    centre.start_courier()
    wait_until(lambda: Switch.objects.filter(reason="water", ended_at__isnull=True).exists(), WITHIN_S)
    assert centre.ask(*CALL)["reason"] == "switched", "it never stopped"
    switches.end(Switch.objects.get(reason="water"), None)
    becomes(centre, {"queue": "vip", "reason": "branch"})
