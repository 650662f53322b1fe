"""A day with the demo as a newcomer starts it: callers, a provider, a supervisor in her browser, and an outage.

One `make run` for all of it, in the order of the day; each step is asked of the real processes.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect
from twilio.request_validator import RequestValidator

from demo.people import GOLD, STRANGER
from demo.processes import PORTS
from demo.seed import VOICE_NUMBER
from tests.e2e.test_run import ENDED_WITHIN_S, READY_WITHIN_S, ROOT, left_over, make_run, paste, the_line_to_paste
from tests.services import free_port

FOLLOWS_WITHIN_S = 20.0
"""On a busy machine; on an idle one it takes a second or two."""
TOGETHER_S, SOME = 3.0, 20
RUNS = "SELECT id FROM customers_syncrun"
CALLS = count(1)


@dataclass
class Demo:
    """A running demo: where it is, and what it is opened with."""

    environment: dict[str, str]
    process: subprocess.Popen[bytes]
    line_to_paste: str
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def var(self) -> Path:
        return Path(self.environment["VAR_DIR"])

    def url(self, port: str, path: str) -> str:
        return f"http://127.0.0.1:{self.environment[port]}{path}"

    def ask(self, caller: str, call_id: str = "") -> dict[str, Any]:
        """A decision over HTTP for a new call."""
        body = {"call_id": call_id or f"day-{next(CALLS)}", "to": VOICE_NUMBER, "from": caller}
        headers = {"Authorization": f"Bearer {self.settings['DEMO_API_KEY']}", "Content-Type": "application/json"}
        request = urllib.request.Request(
            self.url("DECIDE_PORT", "/api/v1/decisions"), json.dumps(body).encode(), headers
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            found: dict[str, Any] = json.load(response)
        return found

    def wait_until(self, queue: str, caller: str = GOLD) -> float:
        """Seconds until new calls of `caller` land in `queue`."""
        began = time.monotonic()
        while self.ask(caller)["queue"] != queue:
            assert time.monotonic() - began < FOLLOWS_WITHIN_S, f"calls of {caller} never reached {queue}"
            time.sleep(0.05)
        return time.monotonic() - began

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.var / "db.sqlite3", timeout=20)) as database:
            return database.execute(query).fetchall()


LIKE_AN_OPTION = "-a-token-that-begins-like-an-option"
"""One token in 64 that `make run` makes up begins so."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`make run` with ports and a folder of its own."""
    folder = tmp_path_factory.mktemp("demo-day")
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PIP_CERT") if name in os.environ}
    environment = inherited | {name: str(free_port()) for name in PORTS} | {"VAR_DIR": str(folder / "var")}
    (folder / "var").mkdir()
    (folder / "var" / "run.env").write_text(f"DEMO_CRM_TOKEN={LIKE_AN_OPTION}\n")
    with make_run(environment, folder / "said") as process:
        running = Demo(environment, process, the_line_to_paste(process, folder / "said"))
        lines = (running.var / "run.env").read_text().splitlines()
        running.settings = dict(line.split("=", 1) for line in lines if "=" in line)
        yield running


pytestmark = pytest.mark.timeout(READY_WITHIN_S + ENDED_WITHIN_S + 120)


def test_1_the_pasted_line_sends_a_gold_caller_to_vip_and_a_stranger_waits_with_everybody(demo: Demo) -> None:
    decision = paste(demo.line_to_paste)
    assert (decision["queue"], decision["tier"], decision["release"]) == ("vip", "gold", 1)
    assert demo.ask(STRANGER)["queue"] == "standard"
    assert (demo.var / "run.env").stat().st_mode & 0o777 == 0o600


def test_2_a_signed_twilio_form_dials_the_vip_address(demo: Demo) -> None:
    ((uuid,),) = demo.rows("SELECT uuid FROM routing_provideraccount WHERE slug = 'demo-twilio'")
    path = f"/api/v1/p/{uuid[:8]}-{uuid[8:12]}-{uuid[12:16]}-{uuid[16:20]}-{uuid[20:]}/voice"
    form = {"CallSid": "CA1", "From": GOLD, "To": VOICE_NUMBER, "Direction": "inbound"}
    validator = RequestValidator(demo.settings["DEMO_TWILIO_SECRET"])
    signature = validator.compute_signature("https://calls.example.com" + path, form)
    body = urllib.parse.urlencode(form).encode()
    signed = urllib.request.Request(demo.url("DECIDE_PORT", path), body, {"X-Twilio-Signature": signature})
    with urllib.request.urlopen(signed, timeout=20) as response:
        dial = ElementTree.fromstring(response.read()).find("Dial")
    assert dial is not None
    assert str(dial.findtext("Sip")).startswith("sip:8001@pbx.example.net")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(urllib.request.Request(demo.url("DECIDE_PORT", path), body), timeout=20)


@contextmanager
def window(browser: Browser, demo: Demo, session: StorageState | None = None) -> Iterator[Page]:
    """A window on the portal; its console stays empty."""
    context = browser.new_context(base_url=demo.url("PORTAL_PORT", ""), locale="en", storage_state=session)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error.stack}"))
    yield page
    context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def session(demo: Demo, browser: Browser) -> StorageState:
    """The supervisor's, who logs in by the form."""
    with window(browser, demo) as page:
        page.goto("/admin/")
        page.locator("[name=login]").fill("admin")
        page.locator("[name=password]").fill(demo.settings["DEMO_ADMIN_PASSWORD"])
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="Home")).to_be_visible()
        return page.context.storage_state()


@pytest.fixture
def supervisor(demo: Demo, browser: Browser, session: StorageState) -> Iterator[Page]:
    with window(browser, demo, session) as page:
        yield page


def test_3_the_supervisors_round(demo: Demo, supervisor: Page) -> None:
    add_a_queue(supervisor)
    send_gold_to_priority(supervisor)
    assert demo.ask(GOLD)["queue"] == "vip", "the draft is not live"
    try_a_gold_call(supervisor)
    publish(supervisor)
    demo.wait_until("priority")
    close_the_priority_queue(supervisor)
    demo.wait_until("standard")
    roll_back_to_the_first_release(supervisor)
    demo.wait_until("vip")


def saved(page: Page, button: str = "Save") -> None:
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".messagelist .success").first).to_be_visible()


def add_a_queue(page: Page) -> None:
    page.goto("/admin/queues/queue/add/")
    page.get_by_label("Name:", exact=True).press_sequentially("Night service")
    expect(page.locator("[name=slug]")).to_have_value("night-service")
    page.locator("[name=phone_system]").select_option(label="Demo PBX")
    page.locator("[name=voice_address]").fill("8009")
    saved(page)


def send_gold_to_priority(page: Page) -> None:
    page.goto("/admin/routing/flow/")
    page.get_by_role("link", name="Priority customers").first.click()
    page.locator("[name=branches-0-queue]").select_option(label="Priority")
    saved(page)


def try_a_gold_call(page: Page) -> None:
    page.goto("/admin/routing/flow/try/")
    page.get_by_label("Number called").select_option(label=f"Service hotline (\u200e{VOICE_NUMBER}\u200e)")
    page.get_by_label("Who calls").select_option(value="tier:gold")
    page.get_by_role("button", name="Try").click()
    expect(page.locator(".trial-sentence")).to_have_text("Goes to Priority, because loyalty tier is Gold.")


def publish(page: Page) -> None:
    page.goto("/admin/routing/release/publish/")
    expect(page.get_by_text("Priority instead of VIP")).to_be_visible()
    page.locator("[name=note]").fill("Gold goes to priority today.")
    saved(page, "Publish")


def close_the_priority_queue(page: Page) -> None:
    page.goto("/admin/queues/queue/")
    page.get_by_role("link", name="Priority", exact=True).click()
    page.get_by_role("link", name="Close now").click()
    page.locator("[name=reason]").fill("Fire alarm on the second floor")
    page.locator("input[type=submit].default").click()
    expect(page.locator(".messagelist .success").first).to_be_visible()


def roll_back_to_the_first_release(page: Page) -> None:
    page.goto("/admin/routing/release/")
    page.get_by_role("link", name="Release 1", exact=True).click()
    page.get_by_role("link", name="Roll back to this release").click()
    page.locator("[name=note]").fill("Back to normal.")
    page.locator("input[type=submit].default").click()
    expect(page.locator(".messagelist .success").first).to_be_visible()


def test_4_all_processes_write_at_once_without_a_lock_error(demo: Demo, supervisor: Page) -> None:
    """Sync (worker), schedule (beat), courier, portal and decisions on one SQLite file."""
    before = len(demo.rows(RUNS))
    with ThreadPoolExecutor(3) as pool:
        syncing = pool.submit(sync, demo)
        while len(demo.rows(RUNS)) == before and not syncing.done():
            time.sleep(0.1)
        ends = time.monotonic() + TOGETHER_S
        asking = [pool.submit(ask_until, demo, ends, f"together-{number}-") for number in range(2)]
        while time.monotonic() < ends:
            supervisor.goto("/admin/customers/loyaltytier/1/change/")
            saved(supervisor)
    asked = sum(each.result() for each in asking)
    syncing.result()
    assert len(demo.rows(f"{RUNS} WHERE state IN ('succeeded', 'partial')")) > before
    # A call waits 50 ms for the spool, no longer: on a machine that stands still its row is written a moment later.
    log = [line for line in (demo.var / "log" / "run.log").read_text().splitlines() if "spool_refused" not in line]
    for sign in ("database is locked", "courier_round_failed", "Traceback"):
        assert [line for line in log if sign in line] == []
    wait_until_recorded(demo, "together-", asked)


def wait_until_recorded(demo: Demo, beginning: str, asked: int) -> None:
    """Every call is in the database, and none twice."""
    query = f"SELECT count(*), count(DISTINCT call_id) FROM routing_decision WHERE call_id LIKE '{beginning}%'"
    ends = time.monotonic() + 60
    while (found := demo.rows(query)) != [(asked, asked)]:
        assert time.monotonic() < ends, f"{asked} asked, recorded and different ones: {found}"
        time.sleep(0.1)


def ask_until(demo: Demo, ends: float, beginning: str) -> int:
    asked = 0
    while time.monotonic() < ends or asked < SOME:
        assert demo.ask(GOLD, f"{beginning}{asked}")["queue"] == "vip"
        asked += 1
    return asked


def sync(demo: Demo) -> None:
    """One more sync, worked by the Celery worker."""
    command = [sys.executable, "manage.py", "sync_customers", "demo-crm", "--wait"]
    subprocess.run(command, cwd=ROOT, env=django_environment(demo), check=True, capture_output=True, timeout=120)


def django_environment(demo: Demo) -> dict[str, str]:
    return demo.environment | {"DJANGO_SETTINGS_MODULE": "contactcenter.settings"}


def test_5_sigterm_ends_every_process(demo: Demo) -> None:
    assert len(left_over(demo.environment)) > 5
    wait_until_shipped(demo)
    demo.process.terminate()
    demo.process.wait(ENDED_WITHIN_S)
    assert left_over(demo.environment) == []


def test_6_with_everything_else_gone_vips_are_still_vips(demo: Demo) -> None:
    """No portal, worker, beat, courier or CRM, the database moved away, and the decide server started anew."""
    database = demo.var / "db.sqlite3"
    shutil.move(database, demo.var / "elsewhere.sqlite3")
    gunicorn = [str(Path(sys.executable).parent / "gunicorn"), "--config", "deploy/gunicorn_decide.py"]
    decide = subprocess.Popen(gunicorn, cwd=ROOT, env=demo.environment)
    try:
        wait_until_it_answers(demo)
        asked = {f"outage-{number}": demo.ask(GOLD, f"outage-{number}") for number in range(50)}
        assert {answer["queue"] for answer in asked.values()} == {"vip"}
        assert demo.ask(STRANGER)["queue"] == "standard"
        shutil.move(demo.var / "elsewhere.sqlite3", database)
        carried_home(demo, asked)
    finally:
        decide.terminate()
        decide.wait(60)


def carried_home(demo: Demo, asked: dict[str, dict[str, Any]]) -> None:
    """The courier is back: each decision of the outage is in the database, once."""
    courier = subprocess.Popen([sys.executable, "manage.py", "courier"], cwd=ROOT, env=django_environment(demo))
    try:
        wait_until_shipped(demo)
        query = "SELECT call_id, count(*) FROM routing_decision WHERE call_id LIKE 'outage-%' GROUP BY call_id"
        assert dict(demo.rows(query)) == dict.fromkeys(asked, 1)
    finally:
        courier.terminate()
        courier.wait(60)


def wait_until_shipped(demo: Demo) -> None:
    ends = time.monotonic() + 60
    with closing(sqlite3.connect(demo.var / "live" / "spool.sqlite3", timeout=20)) as spool:
        while spool.execute("SELECT count(*) FROM spool WHERE shipped = 0").fetchone() != (0,):
            assert time.monotonic() < ends
            time.sleep(0.1)


def wait_until_it_answers(demo: Demo) -> None:
    ends = time.monotonic() + 60
    while True:
        try:
            demo.ask(STRANGER)
            return
        except OSError:
            assert time.monotonic() < ends
            time.sleep(0.1)
