"""A queue that does not take a call: the next target gets it, with what the caller's rank is worth there."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.sip import agents, kamailio
from tests.e2e.sip.agents import Caller, PhoneSystem
from tests.e2e.sip.lab import Lab, Landings, lab
from tests.e2e.sip.ways import DIAMOND, PLATINUM, STRANGER, Way

MOBILE = "+393330000001"
WAYS = ("refusing", "busy", "silent", "impatient", "patient", "pair", "alone", "phone")
BEST = sorted((DIAMOND, PLATINUM))


RTJSON = agents.SCENARIOS / "rtjson.cfg"


@dataclass(frozen=True)
class Evening:
    """All callers have called all numbers at once; `centre` is where they did."""

    centre: Lab
    landings: dict[str, Landings]


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    folder = tmp_path_factory.mktemp("sip")
    with ExitStack() as stack:
        refusing, busy, slow, deaf = (
            stack.enter_context(agents.phone_system("refusing", folder, "refusing.xml", STATUS="503")),
            stack.enter_context(agents.phone_system("busy", folder, "refusing.xml", STATUS="486")),
            stack.enter_context(agents.phone_system("slow", folder, "queue.xml", RINGS_MS="4000")),
            stack.enter_context(agents.phone_system("deaf", folder, "queue.xml", RINGS_MS="30000")),
        )
        silent = stack.enter_context(agents.silent_phone_system("silent", folder))

        def ways(main: PhoneSystem) -> dict[str, Way]:
            return {
                "refusing": Way((refusing.host,)),
                "busy": Way((busy.host,)),
                "silent": Way((silent.host,)),
                "impatient": Way((deaf.host,), rings_s=2),
                "patient": Way((slow.host,), rings_s=20),
                "pair": Way((refusing.host, main.host)),
                "alone": Way((busy.host,), overflows=False),
                "phone": Way(phone=MOBILE),
                "long": Way((refusing.host, deaf.host), rings_s=2),
            }

        # The proxy's own idea of how long to ring is shorter than what the answer says.
        own = {"DEFAULT_RINGS_MS": "1000", "PHONE_GATEWAY": busy.host}
        centre = stack.enter_context(lab(folder, (refusing, busy, slow, deaf), ways, own))
        yield Evening(centre, _all_call(folder, centre))


def _all_call(folder: Path, centre: Lab) -> dict[str, Landings]:
    with ExitStack() as stack:
        calls = {}
        for name in WAYS:
            callers = [Caller(each, centre.numbers[name]) for each in (*BEST, STRANGER)]
            calls[name] = stack.enter_context(agents.calling(folder, centre.proxy_port, callers))
        for each in calls.values():
            each.end()
        return {name: centre.landings(each) for name, each in calls.items()}


@pytest.mark.parametrize(
    ("way", "queue", "overflow"),
    [
        pytest.param("refusing", "priority", "vip-refusing;cause=503", id="out of order"),
        pytest.param("busy", "priority", "vip-busy;cause=486", id="busy"),
        pytest.param("silent", "priority", "vip-silent;cause=408", id="says nothing at all"),
        pytest.param("impatient", "priority", "vip-impatient;cause=408", id="rings for longer than its queue allows"),
        pytest.param("pair", "vip-pair", "vip-pair;cause=503", id="the next host of the same queue"),
        pytest.param("phone", "priority", "vip-phone;cause=486", id="a phone that is engaged"),
    ],
)
def test_a_call_overflows_and_keeps_its_rank(evening: Evening, way: str, queue: str, overflow: str) -> None:
    landings = evening.landings[way]
    assert landings.queues() == sorted([*((each, queue) for each in BEST), (STRANGER, "standard")])
    for invite in landings.at():
        best = invite.caller in BEST
        assert invite["X-Overflow"] == (overflow if best else "")
        assert invite["X-Queue"] == invite.called
        assert invite["X-Priority"] == ("20" if best else "10")
        assert invite["X-Fallback"] == ""
    assert landings.hung_up() == 3


def test_a_queue_may_ring_for_as_long_as_the_answer_allows(evening: Evening) -> None:
    """Longer than the proxy's own limit: a waiting VIP is not thrown out of his queue."""
    landings = evening.landings["patient"]
    assert landings.queues("slow") == [(each, "vip-patient") for each in BEST]
    assert landings.hung_up("slow") == 2
    assert landings.queues() == [(STRANGER, "standard")]


def test_without_a_target_left_the_proxys_own_queue_takes_the_call(evening: Evening) -> None:
    landings = evening.landings["alone"]
    assert landings.queues() == sorted([*((each, "reception") for each in BEST), (STRANGER, "standard")])
    own = [each for each in landings.at() if each.called == "reception"]
    assert {(each["X-Fallback"], each["X-Overflow"]) for each in own} == {("last", "vip-alone;cause=486")}
    assert {(each["X-Queue"], each["X-Decision-Id"]) for each in own} == {("", "")}


def test_a_phone_is_dialled_by_the_gateway_and_is_told_nothing_of_ours(evening: Evening) -> None:
    dialled = evening.landings["phone"].at("busy")
    assert [each.called for each in dialled] == [MOBILE, MOBILE]
    assert [name for each in dialled for name, _ in each.headers if name.startswith("x-")].count("x-queue") == 0


def test_kamailios_own_rtjson_understands_the_answer(evening: Evening) -> None:
    """Targets in order, each with its headers and timers."""
    centre = evening.centre
    callers = [Caller(each, centre.numbers["long"]) for each in (DIAMOND, STRANGER)]
    with kamailio.proxy(centre.folder, centre.settings, configuration=RTJSON) as port:
        with agents.calling(centre.folder, port, callers) as calls:
            calls.end()
        landings = centre.landings(calls)
    for host in ("refusing", "deaf"):
        assert landings.queues(host) == [(DIAMOND, "vip-long")]
    assert landings.queues() == sorted([(DIAMOND, "priority"), (STRANGER, "standard")])
    # This configuration leaves what the caller says of himself in: the last one is ours.
    for invite in (*landings.at("refusing"), *landings.at("deaf"), *landings.at()):
        assert invite.all("X-Queue")[-1] == invite.called
