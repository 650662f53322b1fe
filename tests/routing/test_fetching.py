"""Fetch steps: at once where they can be, one after another where they must, all within one deadline."""

import os
import socket
from collections.abc import Iterator
from threading import Barrier, Thread
from time import monotonic, sleep

import pytest

from contactcenter.foundation.clock import SystemClock
from customers.sources import Source, asking
from routing import fetching
from routing.fetching import CycleError, Step, order, run_steps
from tests.customers import source_standin
from tests.customers.asking_source import CALLER, source
from tests.customers.source_standin import Standin, running_standin

CLOCK = SystemClock()
SOON_S = 4.0
"""On a machine that may stand still for a moment; what does not end by the deadline of a test takes 5 s or more."""


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    asking.MEMORY.forget()
    asking.BREAKERS.clear()


@pytest.fixture
def crm() -> Iterator[Standin]:
    with running_standin() as standin:
        yield standin


def step(slug: str, source_slug: str = "") -> Step:
    return Step(slug, source_slug or slug, "fill")


def run(
    steps: list[Step], sources: dict[str, Source], deadline_s: float = 9.0
) -> tuple[dict[str, fetching.Fetched], float]:
    """How each step ended, and the seconds it all took."""
    started = monotonic()
    answers = run_steps(steps, sources, lambda slug: f"secret of {slug}", CALLER, deadline_s, CLOCK)
    assert [each for each, _fetched in answers] == [each for ready in order(steps, sources) for each in ready]
    return {each.slug: fetched for each, fetched in answers}, monotonic() - started


def test_independent_steps_are_asked_at_once(crm: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source answers nobody before all four have asked."""
    all_asked, answer = Barrier(4), source_standin.BEHAVIOURS["json"]

    def together(standin: Standin, connection: socket.socket, target: str) -> None:
        all_asked.wait(SOON_S)
        answer(standin, connection, target)

    monkeypatch.setitem(source_standin.BEHAVIOURS, "json", together)
    sources = {slug: source(crm.url(f"/json?{slug}={{call.from}}")) for slug in "abcd"}
    answers, _took_s = run([step(slug) for slug in sources], sources)
    assert [fetched.status for fetched in answers.values()] == ["ok"] * 4


def test_a_step_uses_what_another_has_found(crm: Standin) -> None:
    sources = {
        "orders": source(crm.url("/json?tier={crm.tier}&n={crm.orders}&was={crm.status}")),
        "crm": source(crm.url("/json?p={call.from}")),
    }
    answers, _took_s = run([step("orders"), step("crm")], sources)
    assert [fetched.status for fetched in answers.values()] == ["ok", "ok"]
    assert [asked.target.split("?")[1] for asked in crm.journal] == [
        "p=%2B393471234567",
        "tier=gold&n=12&was=ok",
    ]


def test_a_step_whose_forerunner_fails_is_not_asked(crm: Standin) -> None:
    crm.failing = True
    sources = {"orders": source(crm.url("/json?t={crm.tier}")), "crm": source(crm.url("/json?p={call.from}"))}
    answers, _took_s = run([step("orders"), step("crm")], sources)
    assert (answers["orders"].status, answers["orders"].detail) == ("error", "missing: crm.tier")
    assert len(crm.journal) == 1


def test_one_source_serves_two_steps(crm: Standin) -> None:
    answers, _took_s = run([step("a", "crm"), step("b", "crm")], {"crm": source(crm.url())})
    assert [fetched.status for fetched in answers.values()] == ["ok", "ok"]


@pytest.mark.parametrize("path", ["/hang", "/drip", "/slow-headers"])
def test_everything_ends_by_the_deadline(path: str, crm: Standin) -> None:
    slow = {slug: source(crm.url(f"{path}/{slug}?p={{call.from}}")) for slug in "abc"}
    after = {"d": source(crm.url("/json?s={a.status}"))}
    answers, took_s = run([step(slug) for slug in "abcd"], slow | after, deadline_s=0.4)
    assert took_s < SOON_S
    assert {fetched.status for fetched in answers.values()} == {"timeout"}


def test_a_late_step_gives_its_earlier_answer(crm: Standin) -> None:
    sources = {"crm": source(crm.url("/json?p={call.from}"), cache_seconds=0)}
    run([step("crm")], sources)
    crm.delay_s = 20.0
    answers, took_s = run([step("crm")], sources, deadline_s=0.2)
    assert took_s < SOON_S
    assert (answers["crm"].status, answers["crm"].stale, answers["crm"].values["tier"]) == ("timeout", True, "gold")


def test_a_full_house_answers_at_once(crm: Standin) -> None:
    known = {"crm": source(crm.url("/json?p={call.from}"))}
    with running_standin() as slow:
        hanging = {f"s{place}": source(slow.url(f"/hang/{place}")) for place in range(40)}
        crowd = Thread(target=lambda: run([step(slug) for slug in hanging], hanging))
        crowd.start()
        ends_at = monotonic() + SOON_S
        while slow.connections < fetching.MOST_AT_ONCE and monotonic() < ends_at:
            sleep(0.01)
        answers, _took_s = run([step("crm")], known)
        assert (answers["crm"].status, answers["crm"].detail) == ("error", "busy"), "and not: the time is up"
        assert run([], {})[0] == {}
        assert slow.connections == fetching.MOST_AT_ONCE
    crowd.join()  # the slow source has hung up
    ends_at = monotonic() + SOON_S
    while (status := run([step("crm")], known)[0]["crm"].status) == "error" and monotonic() < ends_at:
        sleep(0.01)
    assert status == "ok"


def test_what_is_remembered_needs_no_room(crm: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = {"crm": source(crm.url("/json?p={call.from}"))}
    run([step("crm")], sources)
    monkeypatch.setattr(fetching._crew, "room", None)
    assert run([step("crm")], sources)[0]["crm"].values["tier"] == "gold"


def test_a_secret_that_cannot_be_read_is_an_error_of_its_step(crm: Standin) -> None:
    def unreadable(_slug: str) -> str:
        raise ValueError("This secret was encrypted with a key that is no longer configured.")

    answers = run_steps([step("crm")], {"crm": source(crm.url())}, unreadable, CALLER, 9.0, CLOCK)
    assert [(fetched.status, fetched.detail) for _step, fetched in answers] == [("error", "secret unreadable")]
    assert crm.connections == 0


def test_an_unknown_source_is_an_error_of_its_step() -> None:
    assert run([step("crm")], {})[0]["crm"].detail == "unknown source"


def test_a_fault_of_ours_is_an_error_of_its_step(crm: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*_args: object) -> fetching.Fetched:
        raise ZeroDivisionError

    monkeypatch.setattr(fetching, "ask", faulty)
    assert run([step("crm")], {"crm": source(crm.url())})[0]["crm"].detail == "failed"


CIRCLES = [
    pytest.param({"a": "a.id"}, id="a step that needs itself"),
    pytest.param({"a": "b.id", "b": "c.id", "c": "a.id"}, id="three in a circle"),
]


@pytest.mark.parametrize("needs", CIRCLES)
def test_steps_that_wait_for_each_other_are_refused_and_harmless_on_a_call(needs: dict[str, str]) -> None:
    sources = {slug: source(f"https://crm.example.com/?x={{{name}}}") for slug, name in needs.items()}
    steps = [step(slug) for slug in needs]
    with pytest.raises(CycleError):
        order(steps, sources)
    answers = run_steps(steps, sources, lambda _slug: "", CALLER, 9.0, CLOCK)
    assert {fetched.detail for _step, fetched in answers} == {"cycle"}


def test_steps_go_in_as_few_rounds_as_they_can() -> None:
    needs = {"d": "b.x", "a": "call.from", "b": "a.x", "c": "customer.tier"}
    sources = {slug: source(f"https://crm.example.com/?x={{{name}}}") for slug, name in needs.items()}
    rounds = order([step(slug) for slug in needs], sources)
    assert [[each.slug for each in ready] for ready in rounds] == [["a", "c"], ["b"], ["d"]]


def test_a_forked_process_asks_with_threads_of_its_own(crm: Standin) -> None:
    sources = {"crm": source(crm.url("/json?p={call.from}"), cache_seconds=0)}
    run([step("crm")], sources)  # the parent's threads exist now
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if run([step("crm")], sources)[0]["crm"].status == "ok" else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
