"""What must not wait for a sync has a worker that takes no step of one."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from django.core.management import call_command

from contactcenter.celery import STEPS, URGENT, app
from customers.models import CrmConnection, CrmEvent, Customer, SyncRun
from tests.customers.crm_standin import TOKEN, Standin, standin
from tests.customers.push_standin import TellingCrm, tell, telling_crm, told
from tests.customers.sync_processes import wait_until, worker

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("customers.tasks.sync_step", STEPS),
        ("contactcenter.tasks.forget_what_is_old", STEPS),
        ("contactcenter.tasks.go_on_erasing", STEPS),
        ("customers.tasks.dispatch_due", URGENT),
        ("customers.tasks.nightly_sync", URGENT),
        ("customers.push.tasks.apply_events", URGENT),
        ("routing.tasks.decide_messages", URGENT),
        ("routing.tasks.deliver", URGENT),
        ("routing.tasks.notify", URGENT),
    ],
)
def test_what_works_for_a_minute_has_a_queue_of_its_own(task: str, queue: str) -> None:
    app.loader.import_default_modules()
    assert task in app.tasks
    sent_to = app.amqp.router.route({}, task)["queue"]
    assert (sent_to.name, sent_to.exchange.name, sent_to.routing_key) == (queue, queue, queue)


@pytest.mark.parametrize(
    "place", ["deploy/systemd/contactcenter-worker-urgent.service", "deploy/compose.yml", "demo/Procfile"]
)
def test_wherever_we_run_a_worker_takes_what_is_urgent_alone(place: str) -> None:
    commands = [line for line in (ROOT / place).read_text().splitlines() if "celery --app contactcenter worker" in line]
    assert any(f"--queues {URGENT}" in line for line in commands)
    assert place.endswith("urgent.service") or any("--queues" not in line for line in commands)


@pytest.fixture
def slow_crm() -> Iterator[tuple[Standin, Event]]:
    """A CRM that answers its first page when it is told to."""
    go_on = Event()
    with standin() as running:
        running.before_answer = lambda: (go_on.wait(60), None)[1]
        yield running, go_on
        go_on.set()


@pytest.fixture
def pushing() -> Iterator[TellingCrm]:
    with telling_crm() as running:
        yield running


@pytest.mark.django_db(transaction=True)
@pytest.mark.celery
def test_a_push_is_applied_while_a_step_of_a_sync_runs(
    slow_crm: tuple[Standin, Event], pushing: TellingCrm, celery_env: dict[str, str]
) -> None:
    crm, go_on = slow_crm
    push = pushing.connect(name="Pushing CRM", slug="pushing")
    CrmConnection.objects.create(name="Slow CRM", slug="crm", url=crm.url, token=TOKEN)
    pushing.put("c1", "gold", "+390255501999")
    with worker(celery_env, "--hostname", "any@%h"):
        call_command("sync_customers", "crm")
        wait_until(lambda: len(crm.journal) == 1)
        with worker(celery_env, "--hostname", "urgent@%h", "--queues", URGENT):
            assert tell(push, told("c1")).status_code == 202
            app.send_task("customers.push.tasks.apply_events")
            wait_until(lambda: CrmEvent.objects.filter(state="applied").exists())
        run = SyncRun.objects.get(trigger="manual")
        assert (run.state, run.page_no, run.lease_token != "") == ("running", 0, True), "the step is still at it"
        assert Customer.objects.filter(tier__slug="gold").count() == 1
        go_on.set()
