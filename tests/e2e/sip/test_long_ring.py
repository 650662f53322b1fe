"""A phone system that answers only when an agent does: a waiting VIP is never thrown out of his queue."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.sip import agents
from tests.e2e.sip.agents import Caller
from tests.e2e.sip.lab import lab
from tests.e2e.sip.ways import DIAMOND, STRANGER, Way

WAYS = {"minute": 60, "minutes": 190}
"""Seconds that a queue rings. The second is longer than Kamailio lets any call ring unless told otherwise."""


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_caller_waits_for_as_long_as_the_answer_allows(tmp_path: Path) -> None:
    with ExitStack() as stack:
        systems = {
            name: stack.enter_context(agents.phone_system(name, tmp_path, "queue.xml", RINGS_MS=str(rings_s * 1000)))
            for name, rings_s in WAYS.items()
        }
        leads = {name: Way((each.host,), rings_s=WAYS[name] + 30) for name, each in systems.items()}
        centre = stack.enter_context(lab(tmp_path, list(systems.values()), lambda main: leads))
        calls = {
            name: stack.enter_context(
                agents.calling(
                    tmp_path,
                    centre.proxy_port,
                    [Caller(DIAMOND, centre.numbers[name]), Caller(STRANGER, centre.numbers[name])],
                    within_s=rings_s + 30,
                )
            )
            for name, rings_s in WAYS.items()
        }
        for name, each in calls.items():
            each.end()
            landings = centre.landings(each)
            assert landings.queues(name) == [(DIAMOND, f"vip-{name}")]
            assert landings.hung_up(name) == 1
            assert landings.queues() == [(STRANGER, "standard")]
