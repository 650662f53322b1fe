"""A leg that was not answered leads to the next one, without a look-up and never in circles."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.routing import live_folder
from tests.routing.decide_server import GOLD, STRANGER
from tests.routing.providers.twilio_standin import ACCOUNT, SECRET, TwilioStandIn, incoming

CLOSE_PRIORITY = {"switch:1": {"kind": "close_queue", "subject": "priority"}}
OTHER_ACCOUNT = "33333333-3333-4333-8333-333333333333"


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "a-word-of-tomorrow"])
def test_an_unanswered_leg_goes_on_to_the_overflow_queue(twilio: TwilioStandIn, status: str) -> None:
    following = twilio.report(twilio.call(GOLD), DialCallStatus=status)
    assert (following.verb, following.address) == ("Dial", "sip:8002@pbx.example.net")
    assert following.headers["X-Queue"] == "priority"


@pytest.mark.parametrize("status", ["completed", "answered", "canceled"])
def test_a_leg_that_was_answered_or_given_up_ends_the_call(twilio: TwilioStandIn, status: str) -> None:
    assert twilio.report(twilio.call(GOLD), DialCallStatus=status).verb == ""


@pytest.mark.parametrize(
    ("result", "verb"),
    [("bridged", ""), ("leave", ""), ("hangup", ""), ("queue-full", "Dial"), ("system-error", "Dial")],
)
def test_a_queue_of_twilios_own_reports_in_its_own_words(twilio: TwilioStandIn, result: str, verb: str) -> None:
    assert twilio.report(twilio.call(GOLD), QueueResult=result).verb == verb


def test_a_caller_who_overflows_keeps_his_rank_tier_and_decision(twilio: TwilioStandIn) -> None:
    first = twilio.call(GOLD)
    following = twilio.report(first, DialCallStatus="busy")
    assert following.headers == first.headers | {"X-Queue": "priority"}
    assert following.headers["X-Priority"] == "20"
    assert following.headers["X-Customer-Tier"] == "gold"


def test_the_whole_chain_ends_at_the_emergency_queue_once(twilio: TwilioStandIn) -> None:
    leg, rung = twilio.call(GOLD), []
    while leg.verb:
        rung.append(leg.headers["X-Queue"])
        leg = twilio.report(leg, DialCallStatus="no-answer")
    assert rung == ["vip", "priority", "standard", "standard"]


def test_queues_that_overflow_in_a_circle_end_at_the_emergency_queue_too(twilio: TwilioStandIn) -> None:
    document = live_folder.demo_document() | {"emergency_queue": "vip"}
    document["queues"]["standard"]["overflow_to"] = "vip"
    twilio.server.change(document=document)
    leg, rung = twilio.call(GOLD), []
    while leg.verb:
        rung.append(leg.headers["X-Queue"])
        leg = twilio.report(leg, DialCallStatus="failed")
    assert rung == ["vip", "priority", "standard", "vip", "priority", "vip"]


def test_an_overflow_queue_that_is_switched_off_is_passed_over(twilio: TwilioStandIn) -> None:
    dialled = twilio.call(GOLD)
    twilio.server.change(state=CLOSE_PRIORITY)
    assert twilio.report(dialled, DialCallStatus="busy").headers["X-Queue"] == "standard"


def test_an_overflow_queue_that_has_closed_speaks_for_itself(twilio: TwilioStandIn) -> None:
    document = live_folder.demo_document()
    document["calendars"]["never"] = {"name": "Never", "time_zone": "Europe/Rome", "hours": [], "exceptions": []}
    document["queues"]["priority"] |= {"calendar": "never", "when_closed": "announce", "closed_address": "9002"}
    twilio.server.change(document=document)
    assert twilio.report(twilio.call(GOLD), DialCallStatus="busy").address == "sip:9002@pbx.example.net"


def test_a_full_overflow_queue_is_passed_over(twilio: TwilioStandIn) -> None:
    document = live_folder.demo_document()
    document["queues"]["priority"]["max_waiting"] = 5
    now = twilio.server.plane.clock.now().isoformat()
    twilio.server.change(document=document, state={"queue:priority": {"as_of": now, "statistics": {"waiting": 5}}})
    assert twilio.report(twilio.call(GOLD), DialCallStatus="busy").headers["X-Queue"] == "standard"


@pytest.mark.parametrize(
    ("status", "address"),
    [
        pytest.param("failed", "sip:8001@pbx2.example.net", id="the host is down: the same queue at the next host"),
        pytest.param("busy", "sip:8002@pbx.example.net", id="the queue is busy: its overflow"),
    ],
)
def test_hosts_of_a_phone_system_are_tried_in_their_order(twilio: TwilioStandIn, status: str, address: str) -> None:
    document = live_folder.demo_document()
    document["phone_systems"]["pbx"] = live_folder.phone_system("pbx.example.net", "pbx2.example.net")
    twilio.server.change(document=document)
    following = twilio.report(twilio.call(GOLD), DialCallStatus=status)
    assert following.address == address
    assert following.headers["X-Decision-Id"]


def test_an_account_manager_who_does_not_answer_is_followed_by_the_queue_itself(twilio: TwilioStandIn) -> None:
    document = live_folder.demo_document()
    document["flows"]["priority-customers"]["branches"][0]["target_kind"] = "account_manager"
    manager = {"address": "4001", "phone_system": "pbx", "answer_timeout_s": 15, "calendar": "", "present": True}
    gold = live_folder.person(1, tier="gold", account_manager="anna")
    twilio.server.change(document=document, state={"manager:anna": manager}, facts={f"phone:{GOLD}": gold})
    ringing = twilio.call(GOLD)
    assert ringing.address == "sip:4001@pbx.example.net"
    queue = twilio.report(ringing, DialCallStatus="no-answer")
    assert queue.address == "sip:8001@pbx.example.net"
    assert twilio.report(queue, DialCallStatus="no-answer").address == "sip:8002@pbx.example.net"


def test_a_queue_that_was_deleted_meanwhile_is_followed_by_the_emergency_queue(twilio: TwilioStandIn) -> None:
    dialled = twilio.call(GOLD)
    document = live_folder.demo_document()
    document["flows"]["priority-customers"]["branches"] = []
    del document["queues"]["vip"]
    twilio.server.change(document=document, number=2)
    assert twilio.report(dialled, DialCallStatus="busy").headers["X-Queue"] == "standard"


def test_without_an_emergency_queue_the_emergency_target_is_dialled_once(twilio: TwilioStandIn) -> None:
    document = live_folder.demo_document()
    del document["emergency_queue"]
    twilio.server.change(document=document)
    emergency = twilio.report(twilio.call(STRANGER), DialCallStatus="busy")
    assert emergency.address == "sip:emergency@pbx.example.net"
    assert twilio.report(emergency, DialCallStatus="busy").verb == ""


def test_a_call_in_progress_is_not_lost_when_the_release_is(twilio: TwilioStandIn, request: Any) -> None:
    dialled = twilio.call(GOLD)
    request.getfixturevalue("no_release")
    emergency = twilio.report(dialled, DialCallStatus="no-answer")
    assert emergency.address == "sip:emergency@pbx.example.net"
    assert twilio.report(emergency, DialCallStatus="no-answer").verb == ""


def test_each_leg_is_noted_once_with_its_outcome(twilio: TwilioStandIn) -> None:
    dialled = twilio.call(GOLD)
    for _ in range(2):
        following = twilio.report(dialled, DialCallStatus="busy", DialSipResponseCode="486", DialCallDuration="0")
    twilio.report(following, DialCallStatus="completed", DialCallDuration="61")
    busy, answered = twilio.spooled("event")
    assert busy["details"] == {"outcome": "busy", "sip_code": "486", "seconds": 0, "index": 1, "host": 0, "release": 1}
    assert answered["details"] == {"outcome": "answered", "seconds": 61, "index": 2, "host": 0, "release": 1}
    assert [event["queue"] for event in (busy, answered)] == ["vip", "priority"]
    assert {event["kind"] for event in (busy, answered)} == {"leg"}
    assert {event["decision_id"] for event in (busy, answered)} == {dialled.headers["X-Decision-Id"]}
    assert busy["event_id"] != answered["event_id"]


FIELDS = ["decision_id", "release", "queue", "index", "host", "priority_class", "head_start_s", "tier", "signature"]


@pytest.mark.parametrize("name", FIELDS)
def test_an_altered_after_address_is_refused_and_leaves_nothing(twilio: TwilioStandIn, name: str) -> None:
    parts = urlsplit(twilio.call(GOLD).action)
    carried = {key: values[0] for key, values in parse_qs(parts.query).items()}
    refused = twilio.send(incoming(), secret="a-guess")
    del carried[name]
    for altered in (carried, carried | {name: "2"}, carried | {name: ""}):
        response = twilio.send(incoming(DialCallStatus="busy"), url=f"{parts.path}?{urlencode(altered)}")
        assert (response.status_code, response.content) == (403, refused.content)
    assert twilio.spooled("event") == []


def test_an_after_address_of_another_account_is_refused(twilio: TwilioStandIn) -> None:
    twilio.server.change(access=live_folder.account(OTHER_ACCOUNT, "twilio", SECRET))
    path = twilio.after_path(twilio.call(GOLD)).replace(ACCOUNT, OTHER_ACCOUNT)
    assert twilio.send(incoming(DialCallStatus="busy"), url=path).status_code == 403
