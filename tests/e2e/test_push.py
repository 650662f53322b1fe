"""A CRM tells of a customer, and his calls go elsewhere: real worker, scheduler, courier and decide server."""

import hashlib
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from contactcenter.foundation import changes
from customers.models import CrmPush
from routing.models import ApiKey, ProviderAccount, Release
from tests.customers.push_standin import TellingCrm, standard, tell, telling_crm, told
from tests.faults.contact_centre import ContactCentre, Database, wait_until
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, KEY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.celery]

CELERY = [sys.executable, "-m", "celery", "-A", "contactcenter.celery"]
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
KNOWN_WITHIN_S = 5.0
PATIENCE_S = 60.0
"""For a busy machine; the figure itself is printed."""

CALLS = count(1)


@pytest.fixture
def crm() -> Iterator[TellingCrm]:
    with telling_crm() as running:
        yield running


@pytest.fixture
def push(crm: TellingCrm) -> CrmPush:
    push = crm.connect()
    text = live_folder.canonical(live_folder.demo_document())
    Release.objects.create(number=1, document=text, sha256=hashlib.sha256(text.encode()).hexdigest(), note="First.")
    changes.mark(changes.RELEASE, ["1"])
    account = ProviderAccount.objects.create(name="SBC", slug="main", dialect="native")
    ApiKey.objects.create(account=account, label="SBC", prefix="cc_", sha256=hashlib.sha256(KEY.encode()).hexdigest())
    return push


@pytest.fixture
def centre(push: CrmPush, process_env: dict[str, str], tmp_path: Path) -> Iterator[ContactCentre]:
    """Everything that lies between the CRM's word and a call."""
    for folder in ("messages", "processed", "control"):
        (tmp_path / "broker" / folder).mkdir(parents=True)
    centre = ContactCentre(tmp_path, Database(process_env["DATABASE_URL"]))
    try:
        centre.start([*CELERY, "worker", "-c", "1", *QUIET], process_env)
        centre.start([*CELERY, "beat", "-s", str(tmp_path / "beat")], process_env)
        centre.start_courier()
        centre.start_decide()
        wait_until(lambda: queue_of(centre, GOLD) == "standard", 60)
        yield centre
    finally:
        centre.end()


def queue_of(centre: ContactCentre, caller: str) -> str:
    """Where a new call goes; nowhere while the courier has not brought the key."""
    body = {"call_id": f"push-{next(CALLS)}", "to": live_folder.VOICE_NUMBER, "from": caller}
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{centre.port}/api/v1/decisions"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=20) as got:
            return str(json.load(got)["queue"])
    except urllib.error.HTTPError:
        return ""


def test_a_push_is_in_decisions_within_seconds(centre: ContactCentre, crm: TellingCrm, push: CrmPush) -> None:
    took = []
    for number, (tier, queue) in enumerate([("silver", "priority"), ("gold", "vip"), ("silver", "priority")]):
        crm.put("c1", tier, GOLD)
        body = told("c1")
        began = time.monotonic()
        assert tell(push, body, standard(body, event=f"msg_{number}")).status_code == 202
        answered = time.monotonic() - began
        wait_until(lambda queue=queue: queue_of(centre, GOLD) == queue, PATIENCE_S)  # type: ignore[misc]
        took.append((round(answered, 3), round(time.monotonic() - began, 2)))
    # The first one also waits for the worker and the scheduler to start.
    print(f"answered and known after, in seconds: {took}; promised: {KNOWN_WITHIN_S}")
