"""Each provider of calls, through the real webhook: who calls reaches his queue, and an unanswered leg goes on."""

import pytest

from routing.providers import DIALECTS
from routing.providers.base import VoiceDialect
from tests.routing.decide_server import GOLD, SILVER, STRANGER
from tests.routing.providers.every_peer import PEERS, REPORTING, only
from tests.routing.providers.lines import ACCOUNT, PUBLIC_URL, Line
from tests.routing.providers.peers import OUTCOMES

AFTER = f"{PUBLIC_URL}/api/v1/p/{ACCOUNT}/after?"
GOES_ON = {"busy", "no_answer", "failed"}


def test_every_provider_of_calls_has_its_peer() -> None:
    assert set(PEERS) == {slug for slug, dialect in DIALECTS.items() if isinstance(dialect, VoiceDialect)}


PEOPLE = {GOLD: ("8001", "vip"), SILVER: ("8002", "priority"), STRANGER: ("8003", "standard")}


def test_each_caller_reaches_his_queue(line: Line) -> None:
    for caller, (extension, queue) in PEOPLE.items():
        heard = line.call(caller)
        decision = line.spooled("decision")[-1]
        sent = {"X-Queue": queue, "X-Decision-Id": decision["answer"]["decision_id"]}
        assert (heard.does, heard.address) == ("dial", f"sip:{extension}@pbx.example.net")
        assert line.peer.arrives_as(sent).items() <= heard.headers.items()
        assert heard.next_url.startswith(AFTER) or line.peer.slug not in REPORTING


@only(REPORTING)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_leg_that_was_not_answered_goes_on_to_the_overflow_queue(line: Line, outcome: str) -> None:
    following = line.report(line.call(GOLD), outcome)
    if outcome in GOES_ON:
        assert (following.does, following.address) == ("dial", "sip:8002@pbx.example.net")
    else:
        assert following.does in ("end", "reject")
    [event] = line.spooled("event")
    assert (event["details"]["outcome"], event["queue"]) == (outcome, "vip")


@only(REPORTING)
def test_a_call_that_nobody_answers_ends_at_the_emergency_queue(line: Line) -> None:
    leg, rung = line.call(GOLD), []
    while leg.does == "dial":
        rung.append(leg.address)
        leg = line.report(leg, "no_answer")
    numbers = ["8001", "8002", "8003", "8003"]
    assert rung == [f"sip:{number}@pbx.example.net" for number in numbers]


def test_asked_again_the_same_answer_is_given(line: Line) -> None:
    first = line.send(line.question())
    line.server.change(state={"switch:1": {"kind": "close_queue", "subject": "vip"}})
    assert line.send(line.question()).content == first.content
    assert line.call(GOLD, call_id="another").address == "sip:8002@pbx.example.net"
    assert len(line.spooled("decision")) == 2
