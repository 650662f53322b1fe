"""A real Celery worker is killed in the middle of a sync; the dispatcher and a new worker bring it to its end."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from random import Random
from threading import Event
from time import sleep

import pytest
from django.core.management import call_command

from customers.models import Customer, SyncRun
from tests.customers.crm_standin import Standin, connect, standin
from tests.customers.sync_processes import (
    BAD,
    CUSTOMERS,
    PAGE,
    dispatch,
    everything_is_there_once,
    is_over,
    is_over_or_in,
    kill,
    wait_until,
    worker,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crm() -> Iterator[Standin]:
    with standin(CUSTOMERS) as running:
        running.delay_s = 0.05  # long enough to be killed in mid-run
        yield running


@pytest.mark.celery
@pytest.mark.portable
def test_a_killed_sync_goes_on_at_the_page_it_had_reached(crm: Standin, celery_env: dict[str, str]) -> None:
    killed = Event()

    def wait_at_the_eleventh_page() -> None:
        if len(crm.journal) > 10:
            killed.wait(60)

    crm.before_answer = wait_at_the_eleventh_page
    connect(crm.url, page_size=PAGE)
    call_command("sync_customers", "crm")
    dispatch(celery_env)
    with worker(celery_env) as first:
        wait_until(lambda: len(crm.journal) > 10)
        kill(first)
    killed.set()
    asked = len(crm.journal)
    run = SyncRun.objects.get()
    assert (run.state, run.lease_token != "") == ("running", True), "killed while it held the run"
    assert 0 < run.page_no < CUSTOMERS // PAGE
    assert not Customer.objects.exists(), "nothing is altered before all of it has been judged"

    dispatch(celery_env)
    with worker(celery_env):
        wait_until(is_over)

    assert crm.cursors()[asked] == run.cursor, "the page it had reached"
    again = [cursor for cursor, times in Counter(crm.cursors()).items() if times > 1]
    assert len(again) <= 1, "at most the page in hand is asked for twice"
    everything_is_there_once(run)


@pytest.mark.celery
@pytest.mark.parametrize(
    ("phases", "customers"),
    [
        pytest.param(["applying"], CUSTOMERS, id="once while changes are applied"),
        pytest.param(
            [*["reading"] * 10, *["applying"] * 10],
            60_000,
            marks=[pytest.mark.long, pytest.mark.timeout(1800)],
            id="ten times in mid-reading and ten while changes are applied",
        ),
    ],
)
def test_kills_at_any_moment_lose_and_double_nothing(
    celery_env: dict[str, str], phases: list[str], customers: int
) -> None:
    random, killed_in, dead = Random(len(phases)), Counter[str](), ""
    with standin(customers) as crm:
        crm.delay_s = 0.02
        connect(crm.url, page_size=PAGE)
        call_command("sync_customers", "crm")
        for phase in phases:
            dispatch(celery_env)
            with worker(celery_env) as running:
                wait_until(partial(is_over_or_in, phase, dead), 600)
                sleep(random.uniform(0.0, 0.4))
                kill(running)
            if is_over():
                break
            run = SyncRun.objects.get()
            dead = run.lease_token
            killed_in[run.phase] += 1
        assert killed_in[phases[0]] >= 1
        dispatch(celery_env)
        with worker(celery_env):
            wait_until(is_over, 300)
        everything_is_there_once(SyncRun.objects.get(), customers)
        pages = Counter(crm.cursors())
        assert sum(pages.values()) - len(pages) <= len(phases), "at most one page again for each kill"


@pytest.mark.portable
def test_the_command_works_a_sync_without_celery(
    crm: Standin, celery_env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    crm.delay_s = 0.0
    connect(crm.url, page_size=500)
    call_command("sync_customers", "crm", here=True)
    assert f"read {CUSTOMERS}, new {CUSTOMERS - BAD}" in capsys.readouterr().out
