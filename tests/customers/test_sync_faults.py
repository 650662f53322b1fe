"""A CRM that is busy, broken or wrong: what may heal is tried again, what will not is said."""

from collections.abc import Iterator
from itertools import cycle, islice
from time import monotonic

import pytest
from django.utils import timezone

from customers import runs, sync
from customers.models import SyncRun
from tests.customers.crm_standin import Fault, Standin, connect, page, run_to_end, standin

pytestmark = pytest.mark.django_db


@pytest.fixture
def crm() -> Iterator[Standin]:
    with standin() as running:
        yield running


@pytest.mark.parametrize(
    ("status", "header", "least", "most"),
    [
        pytest.param(429, "45", 44, 46, id="seconds"),
        pytest.param(503, "3600", 3595, 3601, id="an hour"),
        pytest.param(503, "", 0, 6, id="nothing said, a short pause"),
        pytest.param(429, "soon", 0, 6, id="nonsense, a short pause"),
    ],
)
def test_a_crm_that_asks_us_to_wait_is_left_alone_that_long(
    crm: Standin, status: int, header: str, least: float, most: float
) -> None:
    connection = connect(crm.url)
    crm.faults = [None, Fault(status, headers=(("Retry-After", header),))]
    run = run_to_end(connection)
    assert (run.state, run.page_no, run.lease_token) == ("waiting", 1, "")
    assert run.not_before is not None
    assert least <= (run.not_before - timezone.now()).total_seconds() <= most
    assert sync.step(run.pk, monotonic() + 5) is None, "not before its time"
    assert len(crm.journal) == 2
    SyncRun.objects.filter(pk=run.pk).update(not_before=timezone.now())
    sync.step(run.pk, monotonic() + 20)
    run.refresh_from_db()
    assert (run.state, run.read, run.error) == ("partial", 60, "")
    assert crm.cursors() == ["", "C-000020", "C-000020", "C-000040"]


MAY_HEAL = (
    (Fault(body=b"<html>Down for maintenance</html>"), "web page"),
    (Fault(body=b'{"records": [{"id"'), "broke off"),
    (Fault(500), "error of its own"),
)


def test_what_may_heal_is_tried_again_and_fails_in_the_end(crm: Standin) -> None:
    run = sync.start(connect(crm.url), SyncRun.Trigger.MANUAL)
    met = list(islice(cycle(MAY_HEAL), runs.MOST_FAILURES))
    crm.faults = [None, *(fault for fault, _said in met)]
    for failures, (_fault, said) in enumerate(met, start=1):
        SyncRun.objects.filter(pk=run.pk, state="waiting").update(not_before=timezone.now())
        sync.step(run.pk, monotonic() + 20)
        run.refresh_from_db()
        assert (said in run.error, run.state) == (True, "waiting" if failures < len(met) else "failed")
    assert (run.page_no, run.read) == (1, 20)
    assert len(crm.journal) == 1 + runs.MOST_FAILURES
    connection = run.connection
    connection.refresh_from_db()
    assert connection.synced_until is None


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        pytest.param(Fault(401), "refused our token", id="a wrong token"),
        pytest.param(Fault(403), "refused our token", id="a wrong token, said as 403"),
        pytest.param(Fault(404), "refused the question", id="no such address"),
        pytest.param(Fault(body=b'{"data": []}'), "no list of customers", id="the list under another name"),
        pytest.param(Fault(302, headers=(("Location", "http://127.0.0.1:1/"),)), "refused the question", id="redirect"),
        pytest.param(page([], "C-000020"), "came back", id="the same cursor again"),
    ],
)
def test_what_will_not_heal_fails_at_once_and_says_why(crm: Standin, fault: Fault, said: str) -> None:
    crm.faults = [None, fault]
    run = run_to_end(connect(crm.url))
    assert (run.state, run.read) == ("failed", 20)
    assert said in run.error
    assert len(crm.journal) == 2


def test_a_longer_circle_is_found_too(crm: Standin) -> None:
    crm.faults = [page([], cursor) for cursor in "abcdecdecdecdecdecde"]
    run = run_to_end(connect(crm.url))
    assert (run.state, "came back" in run.error) == ("failed", True)
    assert len(crm.journal) < 15


def test_the_same_customers_under_ever_new_cursors_are_a_circle(crm: Standin) -> None:
    again = [{"id": str(number), "name": "Somebody"} for number in range(3)]
    crm.faults = [page(again, cursor) for cursor in "abcdef"]
    run = run_to_end(connect(crm.url))
    assert (run.state, "came back" in run.error, run.read) == ("failed", True, 3)
