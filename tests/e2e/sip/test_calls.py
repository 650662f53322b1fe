"""A real call: SIPp calls, Kamailio asks the real decide server, and a phone system played by SIPp answers."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.sip import agents, kamailio, messages
from tests.e2e.sip.added_delay import measure
from tests.e2e.sip.agents import Caller
from tests.e2e.sip.lab import Lab, lab
from tests.e2e.sip.messages import Message
from tests.e2e.sip.softphone import soft_phone
from tests.e2e.sip.ways import BRONZE, DIAMOND, GOLD, O_BRIEN, PEOPLE, STRANGER, queue_of

EVERYBODY = [*PEOPLE, STRANGER, O_BRIEN]
ABSURD_MS = 250
OURS = ("X-Queue", "X-Priority", "X-Customer-Tier", "X-Decision-Id", "X-Overflow", "X-Fallback")


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with lab(tmp_path_factory.mktemp("sip")) as running:
        yield running


def lands(centre: Lab, user: str, header: str = "X-Nothing: else", number: str = "", **how: Any) -> Message:
    """The INVITE that reached a queue when this caller called."""
    landed = centre.call([Caller(user, number or centre.numbers["main"], header)], **how).at()
    assert len(landed) == 1
    return landed[0]


def test_each_caller_lands_in_the_queue_that_his_tier_asks_for(centre: Lab) -> None:
    landings = centre.call([Caller(each, centre.numbers["main"]) for each in EVERYBODY], times=5)
    assert Counter(landings.queues()) == {(each, queue_of(each)): 5 for each in EVERYBODY}
    assert landings.hung_up() == 5 * len(EVERYBODY)


@pytest.mark.parametrize("caller", [DIAMOND, GOLD, BRONZE, STRANGER])
def test_a_queue_gets_the_headers_that_were_decided_and_none_of_the_callers_lies(centre: Lab, caller: str) -> None:
    invite = lands(centre, caller)
    decided = centre.ask(call_id=invite.call_id, to=centre.numbers["main"], **{"from": caller})
    assert {name: invite[name] for name in OURS if invite[name]} == decided["headers"]
    assert re.fullmatch(r"[0-9a-f]{32}", invite["X-Decision-Id"])
    assert "repeat_differs" not in decided["warnings"]
    assert invite["X-Trunk"] == "7"  # what is not ours is left alone


@pytest.mark.parametrize(
    ("user", "header", "queue"),
    [
        pytest.param("anonymous", f"P-Asserted-Identity: <sip:{DIAMOND}@carrier>", "vip", id="who hides his number"),
        pytest.param("anonymous", "Privacy: id", "standard", id="who is nobody to us"),
        pytest.param(STRANGER, f"Diversion: <sip:{GOLD}@carrier>;reason=no-answer", "priority", id="diverted to us"),
        pytest.param("x" * 600, "X-Nothing: else", "standard", id="a caller with a very long name"),
        pytest.param("%22,%22to%22:%22", "X-Nothing: else", "standard", id="a caller who writes JSON"),
    ],
)
def test_a_caller_is_known_by_what_the_network_says_of_him(centre: Lab, user: str, header: str, queue: str) -> None:
    invite = lands(centre, user, header)
    assert (invite.called, invite["X-Fallback"]) == (queue, "")


def test_a_very_long_call_id_is_no_reason_to_lose_ones_rank(centre: Lab) -> None:
    invite = lands(centre, DIAMOND, call_id=f"{'c' * 200}-%u-%p@%s")
    assert (invite.called, invite["X-Queue"]) == ("vip", "vip")


def test_a_number_that_nobody_has_set_up_still_lands_in_a_queue(centre: Lab) -> None:
    invite = lands(centre, DIAMOND, number="+390255588888")
    assert (invite.called, invite["X-Fallback"]) == ("standard", "")


def test_who_is_not_among_the_peers_is_refused(centre: Lab) -> None:
    with kamailio.proxy(centre.folder, centre.settings | {"SIP_PEERS": "192.0.2.0/24"}, answers=403) as port:
        assert kamailio.options(port) == 403
    assert kamailio.options(centre.proxy_port) == 200


def test_a_soft_phone_talks_to_the_vip_queue_and_hangs_up(centre: Lab) -> None:
    def heard() -> dict[str, Message]:
        own = [each for each in messages.read(centre.main.trace) if each.received]
        return {each.method: each for each in own if "baresip" in each["user-agent"]}

    with soft_phone(centre.folder, DIAMOND) as phone:
        phone.dial(centre.numbers["main"], centre.proxy_port)
        phone.wait_for("CALL_ESTABLISHED")
        phone.wait_for("CALL_RTPESTAB")  # its own tone comes back from the queue
        phone.hang_up()
        agents.wait_until(lambda: "BYE" in heard())
    invite = heard()["INVITE"]
    assert (invite.caller, invite.called, invite["X-Queue"]) == (DIAMOND, "vip", "vip")
    assert heard()["BYE"].call_id == invite.call_id


def test_the_question_adds_little_to_a_call(centre: Lab) -> None:
    """The figure is for people; here only that it can be taken, and is not absurd."""
    delays = measure(centre, 30)
    print(delays)
    assert (len(delays.asked), len(delays.not_asked)) == (30, 30)
    assert delays.added_ms < ABSURD_MS
