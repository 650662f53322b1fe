"""Asking a source that answers, fails, hangs or recovers: what a caller gets, and what the source feels."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from customers.sources import asking
from customers.sources.asking import ask
from customers.sources.breaker import Admission, Breaker
from customers.sources.memory import Copy, Memory
from tests.customers.asking_source import CALLER, MovedClock, source
from tests.customers.source_standin import Standin, running_standin

QUERY = "?phone={call.from}"
GRACE_S = 4.0  # a busy machine may stand still; what is not ended in time takes 5 s


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    asking.MEMORY.forget()
    asking.BREAKERS.clear()


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def crm() -> Iterator[Standin]:
    with running_standin() as standin:
        yield standin


def test_a_caller_that_is_found_brings_his_values(crm: Standin, clock: MovedClock) -> None:
    fetched = ask(source(crm.url("/json" + QUERY)), CALLER, "s3cret", clock, 9.0)
    assert (fetched.status, fetched.values, fetched.stale) == ("ok", {"tier": "gold", "orders": 12}, False)
    assert crm.journal[0].target == "/json?phone=%2B393471234567"
    assert crm.journal[0].headers["authorization"] == "Bearer s3cret"


def test_a_body_is_posted_as_json(crm: Standin, clock: MovedClock) -> None:
    asked = source(crm.url(), method="POST", body='{"phone": "{call.from}"}')
    assert ask(asked, {"call.from": 'a"b'}, "", clock, 9.0).status == "ok"
    assert crm.journal[0].body == b'{"phone": "a\\"b"}'
    assert crm.journal[0].headers["content-type"] == "application/json"


ENDS = [
    pytest.param("/status/404", "not_found", "", {"orders": 0}, id="nobody of that number"),
    pytest.param("/status/500", "error", "http 500", {}, id="a broken source"),
    pytest.param("/status/401", "error", "http 401", {}, id="a wrong secret"),
    pytest.param("/redirect", "error", "http 302", {}, id="a redirect"),
    pytest.param("/html", "error", "not json", {}, id="a login page"),
    pytest.param("/reset", "error", "reset", {}, id="a reset"),
    pytest.param("/huge", "error", "too_large", {}, id="a huge answer"),
    pytest.param("/hang", "timeout", "deadline", {}, id="a source that hangs"),
    pytest.param("/drip", "timeout", "deadline", {}, id="a source that drips"),
]


@pytest.mark.parametrize(("path", "status", "detail", "values"), ENDS)
def test_a_question_ends_within_its_budget_as(
    path: str, status: str, detail: str, values: dict[str, int], crm: Standin, clock: MovedClock
) -> None:
    budget_ms = 300 if status == "timeout" else 5000
    started = monotonic()
    fetched = ask(source(crm.url(path + QUERY), budget_ms=budget_ms), CALLER, "", clock, 9.0)
    assert monotonic() - started < GRACE_S
    assert (fetched.status, fetched.detail, fetched.values) == (status, detail, values)


def test_the_time_that_remains_cuts_the_budget(crm: Standin, clock: MovedClock) -> None:
    started = monotonic()
    assert ask(source(crm.url("/hang" + QUERY)), CALLER, "", clock, 0.1).status == "timeout"
    assert monotonic() - started < GRACE_S


def test_without_time_nothing_is_asked(crm: Standin, clock: MovedClock) -> None:
    assert ask(source(crm.url("/json" + QUERY)), CALLER, "", clock, 0.0).status == "timeout"
    assert crm.connections == 0


def test_a_question_without_its_variable_is_not_asked(crm: Standin, clock: MovedClock) -> None:
    fetched = ask(source(crm.url("/json" + QUERY)), {}, "", clock, 9.0)
    assert (fetched.status, fetched.detail) == ("error", "missing: call.from")
    assert crm.connections == 0


def test_an_answer_is_remembered_for_its_time_and_for_its_caller_only(crm: Standin, clock: MovedClock) -> None:
    asked = source(crm.url("/json" + QUERY), cache_seconds=60)
    ask(asked, CALLER, "", clock, 9.0)
    clock.ahead_s = 59
    again = ask(asked, CALLER, "", clock, 9.0)
    assert (again.values["tier"], again.stale, round(again.age_s), len(crm.journal)) == ("gold", False, 59, 1)
    ask(asked, {"call.from": "+390"}, "", clock, 9.0)
    assert len(crm.journal) == 2
    clock.ahead_s = 61
    ask(asked, CALLER, "", clock, 9.0)
    assert len(crm.journal) == 3


def test_not_found_is_believed_for_half_a_minute(crm: Standin, clock: MovedClock) -> None:
    asked = source(crm.url("/status/404" + QUERY), cache_seconds=3600)
    for clock.ahead_s, times_asked in ((0, 1), (29, 1), (31, 2)):
        assert ask(asked, CALLER, "", clock, 9.0).status == "not_found"
        assert len(crm.journal) == times_asked


def test_zero_seconds_ask_anew_each_time(crm: Standin, clock: MovedClock) -> None:
    asked = source(crm.url("/json" + QUERY), cache_seconds=0)
    for _ in range(3):
        ask(asked, CALLER, "", clock, 9.0)
    assert len(crm.journal) == 3


def test_a_source_that_changed_is_asked_anew(crm: Standin, clock: MovedClock) -> None:
    ask(source(crm.url("/json" + QUERY)), CALLER, "", clock, 9.0)
    ask(source(crm.url("/json" + QUERY), variables=[]), CALLER, "", clock, 9.0)
    assert len(crm.journal) == 2


@pytest.mark.parametrize(("age_s", "helps"), [(3600, True), (24 * 3600 - 5, True), (24 * 3600 + 5, False)])
def test_an_earlier_answer_stands_in_while_the_source_fails(
    age_s: float, helps: bool, crm: Standin, clock: MovedClock
) -> None:
    asked = source(crm.url("/json" + QUERY))
    ask(asked, CALLER, "", clock, 9.0)
    crm.failing = True
    clock.ahead_s = age_s
    fetched = ask(asked, CALLER, "", clock, 9.0)
    assert (fetched.status, fetched.detail, fetched.stale) == ("error", "http 500", helps)
    assert fetched.values == ({"tier": "gold", "orders": 12} if helps else {})
    assert round(fetched.age_s) == (age_s if helps else 0)


def test_a_value_that_cannot_be_read_is_named_without_being_told(crm: Standin, clock: MovedClock) -> None:
    crm.content = b'{"customer": {"tier": ["gold"], "orders": 3}}'
    fetched = ask(source(crm.url("/json" + QUERY)), CALLER, "", clock, 9.0)
    assert (fetched.status, fetched.values, fetched.detail) == ("ok", {"orders": 3}, "unreadable: tier")


def test_a_failing_source_is_left_alone_but_for_a_probe_each_15_seconds(crm: Standin, clock: MovedClock) -> None:
    asked = source(crm.url("/json" + QUERY), cache_seconds=0)
    ask(asked, {"call.from": "known"}, "", clock, 9.0)
    crm.failing = True
    for number in range(9):
        ask(asked, {"call.from": f"n{number}"}, "", clock, 9.0)
    felt = len(crm.journal)
    assert felt == 10
    for number in range(50):
        fetched = ask(asked, {"call.from": f"n{number}"}, "", clock, 9.0)
        assert (fetched.status, fetched.detail) == ("error", "breaker open")
    assert len(crm.journal) == felt
    assert ask(asked, {"call.from": "known"}, "", clock, 9.0).values["tier"] == "gold"

    for minute in range(1, 5):
        clock.ahead_s = 15.5 * minute
        for number in range(20):
            ask(asked, {"call.from": f"n{number}"}, "", clock, 9.0)
        assert len(crm.journal) == felt + minute

    crm.failing = False
    clock.ahead_s += 15.5
    assert ask(asked, CALLER, "", clock, 9.0).status == "ok"
    assert all(ask(asked, {"call.from": f"m{number}"}, "", clock, 9.0).status == "ok" for number in range(5))


def test_not_found_is_no_failure(crm: Standin, clock: MovedClock) -> None:
    asked = source(crm.url("/status/404" + QUERY), cache_seconds=0)
    for _ in range(15):
        assert ask(asked, CALLER, "", clock, 9.0).status == "not_found"


def test_a_probe_goes_to_one_of_many_who_ask_at_once() -> None:
    breaker = Breaker()
    for _ in range(10):
        breaker.record(breaker.admit(100.0), False, 100.0)
    assert breaker.is_open
    with ThreadPoolExecutor(8) as crowd:
        admitted = list(crowd.map(lambda _: breaker.admit(115.0), range(64)))
    assert admitted.count(Admission.PROBE) == 1
    assert admitted.count(Admission.NO) == 63


@pytest.mark.parametrize(
    ("outcomes", "is_open"),
    [
        pytest.param([False] * 9, False, id="nine are too few"),
        pytest.param([True] * 5 + [False] * 5, True, id="half of ten"),
        pytest.param([True] * 6 + [False] * 5, False, id="less than half"),
    ],
)
def test_a_breaker_opens_at_half_of_ten(outcomes: list[bool], is_open: bool) -> None:
    breaker = Breaker()
    for outcome in outcomes:
        breaker.record(Admission.YES, outcome, 5.0)
    assert breaker.is_open is is_open


def test_failures_older_than_half_a_minute_do_not_count() -> None:
    breaker = Breaker()
    for at in (0.0, 31.0):
        for _ in range(5):
            breaker.record(Admission.YES, False, at)
    assert not breaker.is_open


def test_memory_drops_what_was_used_least_lately() -> None:
    memory = Memory(2)
    copy = Copy("ok", {}, 0.0)
    memory.keep(b"a", copy)
    memory.keep(b"b", copy)
    memory.find(b"a")
    memory.keep(b"c", copy)
    assert len(memory) == 2
    assert [key for key in (b"a", b"b", b"c") if memory.find(key)] == [b"a", b"c"]


@pytest.mark.parametrize(("status", "stands_in"), [("ok", True), ("not_found", False)])
def test_only_a_good_answer_stands_in_for_a_failing_source(status: str, stands_in: bool) -> None:
    assert Copy(status, {}, 0.0).may_stand_in(60.0) is stands_in
