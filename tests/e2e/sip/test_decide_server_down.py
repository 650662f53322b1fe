"""The decide server dies or stands still in the middle of the traffic: not one call is lost."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.e2e.sip import agents, kamailio
from tests.e2e.sip.agents import Caller
from tests.e2e.sip.lab import Lab, Landings, lab
from tests.e2e.sip.ways import DIAMOND, GOLD, STRANGER, queue_of

EVERYBODY = (DIAMOND, GOLD, STRANGER)
CALLS, RATE, BEFORE = 240, 60, 60


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    # Two workers only: of calls that come while both wait for an answer, some are saved by the time limit alone.
    settings = {"BREAKER_OPEN_S": "2", "LOOKUP_WORKERS": "2", "LOOKUP_EXPIRES_MS": "700"}
    with lab(tmp_path_factory.mktemp("sip"), settings=settings) as running:
        yield running


def everybody(centre: Lab) -> list[Caller]:
    return [Caller(each, centre.numbers["main"]) for each in EVERYBODY]


def whys(landings: Landings) -> Counter[str]:
    """How many calls went to the default queue, by reason; "": decided."""
    return Counter(each["X-Fallback"] for each in landings.at())


def each_is_in_a_right_queue(landings: Landings) -> None:
    """Where the tier asks for, or in the proxy's own queue with the reason: nowhere else."""
    for invite in landings.at():
        right = "reception" if invite["X-Fallback"] else queue_of(invite.caller)
        assert invite.called == right


def test_killed_in_mid_run_every_call_is_still_answered(centre: Lab) -> None:
    times = CALLS // len(EVERYBODY)
    with agents.calling(centre.folder, centre.proxy_port, everybody(centre), times=times, rate=RATE) as calls:
        agents.wait_until(lambda: len(centre.main.received("INVITE", calls)) >= BEFORE)
        centre.kill_decide()
        calls.end()
    landings = centre.landings(calls)
    each_is_in_a_right_queue(landings)
    assert (len(landings.at()), landings.hung_up()) == (CALLS, CALLS)
    why = whys(landings)
    assert why[""] >= BEFORE
    assert why["lookup"] >= 5  # the breaker opens at the fifth
    assert why["breaker"] > why["lookup"]  # and then nobody asks in vain any more
    for reason in ("breaker", "lookup"):
        assert kamailio.statistic(centre.folder, centre.proxy_port, f"default_{reason}") == why[reason]


def test_after_a_restart_callers_are_told_apart_again(centre: Lab) -> None:
    if centre.decide is None:
        centre.start_decide()
    agents.wait_until(lambda: not whys(centre.call(everybody(centre))).keys() - {""})
    landings = centre.call(everybody(centre), times=7)
    assert Counter(landings.queues()) == {(each, queue_of(each)): 7 for each in EVERYBODY}


def test_a_server_that_accepts_and_says_nothing_holds_nobody_up(centre: Lab) -> None:
    with (
        centre.frozen_decide(),
        agents.calling(centre.folder, centre.proxy_port, everybody(centre), times=20, rate=40) as calls,
    ):
        calls.end()
        landings = centre.landings(calls)
    each_is_in_a_right_queue(landings)
    assert (len(landings.at()), landings.hung_up()) == (60, 60)
    why = whys(landings)
    assert why["late"] > 0
    assert why[""] == 0
