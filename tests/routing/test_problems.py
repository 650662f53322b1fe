"""What keeps a draft from going live, in the words that a supervisor reads."""

from collections.abc import Iterator
from typing import Any

import pytest

from routing import problems
from routing.problems import WARNING, Problem
from tests.routing.bad_documents import BAD, Bad
from tests.routing.documents import (
    Document,
    branch,
    changed,
    condition,
    flow_of,
    good,
    is_one_of,
    queue,
    with_branches,
    with_conditions,
)


def _rings_too_short(document: Document) -> None:
    document["phone_systems"]["pbx"]["answers_at_once"] = False
    document["queues"]["vip"].update(answer_timeout_s=60, promised_wait_s=300)


def errors(document: Document) -> list[Problem]:
    return [problem for problem in problems.find(document) if problem.severity == problems.ERROR]


@pytest.mark.parametrize("bad", [pytest.param(bad, id=bad.about) for bad in BAD])
def test_a_bad_draft_has_exactly_this_error(bad: Bad) -> None:
    assert [(problem.path, problem.message) for problem in errors(bad.document)] == [(bad.path, bad.message)]


def test_a_good_draft_has_no_problem() -> None:
    assert problems.find(good()) == []


def test_an_empty_draft_lacks_an_emergency_queue_and_nothing_more() -> None:
    empty = {key: {} if isinstance(value, dict) else value for key, value in good().items()} | {"format": 1}
    del empty["emergency_queue"]
    assert [problem.path for problem in problems.find(empty)] == [("emergency_queue",)]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        pytest.param(
            changed(lambda document: document["flows"].update(spare={**flow_of(document), "name": "Spare"})),
            "Flow “Spare” has no number.",
            id="a flow without number",
        ),
        pytest.param(
            changed(lambda document: document["queues"]["standard"].update(calendar="office")),
            "Queue “Standard” closes, but no overflow queue takes its callers then.",
            id="a queue that closes without overflow",
        ),
        pytest.param(
            changed(_rings_too_short),
            "“Head office” rings until an agent answers, but queue “VIP” gives up after 60 seconds: "
            "callers who still wait then lose their place. Its longest promised wait needs 330.",
            id="a queue that gives up while its callers wait",
        ),
    ],
)
def test_a_doubtful_draft_is_warned_about(document: Document, message: str) -> None:
    found = problems.find(document)
    assert [(problem.severity, problem.message) for problem in found] == [(WARNING, message)]


def test_numbers_of_an_account_that_is_switched_off_are_warned_about() -> None:
    found = problems.find(good(), {"telco": "Telco"})
    assert [problem.message for problem in found] == [
        "Number “Hotline” is not answered: its provider account “Telco” is switched off.",
        "Number “WhatsApp” is not answered: its provider account “Telco” is switched off.",
    ]


def test_errors_come_before_warnings() -> None:
    document = changed(lambda document: document["numbers"].clear())
    document["queues"]["standard"]["overflow_to"] = "vip"
    assert [problem.severity for problem in problems.find(document)] == ["error", "warning"]


TIER, BOUGHT = "customer.tier", "customer.purchases"


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        pytest.param(is_one_of("gold"), is_one_of("gold", "silver"), id="a wider list behind a narrower one"),
        pytest.param([[condition(BOUGHT, "at_least", 10)]], [[condition(BOUGHT, "at_least", 9)]], id="a lower bound"),
        pytest.param([[condition(TIER, "is_known")]], [[condition(TIER, "is_unknown")]], id="strangers behind known"),
        pytest.param([[condition(TIER, "is_not", "gold")]], is_one_of("gold"), id="what the first leaves out"),
        pytest.param([[condition(TIER, "is", "gold"), condition(BOUGHT, "is", 1)]], is_one_of("gold"), id="fewer"),
        pytest.param(is_one_of("gold"), [], id="everybody comes last"),
        pytest.param(
            [[condition("time.window", "within_window", {"days": [0], "from": "09:00", "until": "12:00"})]],
            [[condition("time.window", "within_window", {"days": [0], "from": "09:00", "until": "12:01"})]],
            id="one minute more",
        ),
    ],
)
def test_a_branch_that_somebody_can_still_take_is_no_problem(earlier: Any, later: Any) -> None:
    document = with_branches(branch("a", "A", "vip", earlier), branch("b", "B", "vip", later))
    assert errors(document) == []


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        pytest.param([[condition(TIER, "is_known")]], [[condition(TIER, "is_not", "gold")]], id="known covers is not"),
        pytest.param([[condition(TIER, "is_not", "gold")]], is_one_of("silver"), id="not gold covers silver"),
        pytest.param(
            [[condition("customer.plan", "starts_with", "pro")]],
            [[condition("customer.plan", "starts_with", "Professional")]],
            id="a longer beginning",
        ),
        pytest.param(
            [[condition("time.window", "within_window", {"days": [0], "from": "22:00", "until": "06:00"})]],
            [[condition("time.window", "within_window", {"days": [1], "from": "01:00", "until": "05:00"})]],
            id="a window past midnight covers the next morning",
        ),
    ],
)
def test_a_branch_that_nobody_can_take_any_more_is_found(earlier: Any, later: Any) -> None:
    document = with_branches(branch("a", "A", "vip", earlier), branch("b", "B", "vip", later))
    assert [problem.path[-1] for problem in errors(document)] == [1]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(condition("call.context.menu", "at_least", 3), id="what an IVR sends along"),
        pytest.param(condition("customer.contract", "is", "yearly"), id="a customer attribute"),
        pytest.param(condition("crm.status", "is", "ok"), id="the outcome of a fetch step"),
        pytest.param(condition("queue.vip.waiting", "at_most", 3), id="the state of a queue"),
        pytest.param(condition(TIER, "is", "GOLD"), id="a tier in capitals"),
    ],
)
def test_variables_that_exist_are_no_problem(row: dict[str, Any]) -> None:
    assert errors(with_conditions([row])) == []


def test_a_queue_for_calls_only_is_fine_behind_a_branch_for_calls_only() -> None:
    only_calls = branch("calls", "Calls", "phones", [[condition("call.channel", "is", "voice")]])
    document = with_branches(only_calls)
    document["queues"]["phones"] = queue("Phones", "8009")
    del document["queues"]["phones"]["team"], document["queues"]["phones"]["help_desk"]
    assert errors(document) == []


RINGS = "rings until an agent answers and needs"


@pytest.mark.parametrize(
    ("promised_s", "at_once", "limit_s", "warned"),
    [
        pytest.param(90, False, 120, [], id="exactly as long as is needed"),
        pytest.param(91, False, 120, ["vip"], id="a second longer than the provider rings"),
        pytest.param(91, True, 120, [], id="the phone system answers at once"),
        pytest.param(None, False, 600, ["vip"], id="no promise counts as fifteen minutes"),
    ],
)
def test_a_provider_that_rings_too_short_is_warned_of_once(
    promised_s: int | None, at_once: bool, limit_s: int, warned: list[str]
) -> None:
    document = good()
    document["phone_systems"]["agents"] = document["phone_systems"]["pbx"] | {"answers_at_once": at_once}
    document["queues"]["vip"]["phone_system"] = "agents"
    if promised_s:
        document["queues"]["vip"]["promised_wait_s"] = promised_s
    found = problems.find(document, ring_limits={"telco": problems.RingLimit("Telco", limit_s)})
    assert [problem.path for problem in found if RINGS in problem.message] == [
        ("queues", slug, "promised_wait_s") for slug in warned
    ]
    assert {problem.severity for problem in found} <= {WARNING}


def test_the_limit_of_another_account_and_of_messages_does_not_count() -> None:
    document = good()
    document["phone_systems"]["pbx"]["answers_at_once"] = False
    limit = problems.RingLimit("Telco", 5)
    assert not [each for each in problems.find(document, ring_limits={"other": limit}) if RINGS in each.message]
    document["numbers"] = {"whatsapp:+390212345678": document["numbers"]["whatsapp:+390212345678"]}
    assert not [each for each in problems.find(document, ring_limits={"telco": limit}) if RINGS in each.message]


def test_numbers_that_go_the_same_ways_are_walked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    walked: list[str] = []

    def reached(_document: Any, number: Any, _channel: str) -> Iterator[tuple[str, str]]:
        walked.append(number["label"])
        return iter(())

    monkeypatch.setattr("routing.problems.numbers.reached", reached)
    document = good()
    number = document["numbers"]["voice:+390212345678"]
    document["numbers"] = {f"voice:+3902{place:08}": number for place in range(60)}
    problems.find(document)
    assert walked == [number["label"]]
