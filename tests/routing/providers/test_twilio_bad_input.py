"""Whatever a caller or a careless set-up sends, signed, the caller hears a queue and the XML keeps its shape."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.api import providers
from tests.routing import live_folder
from tests.routing.decide_server import GOLD
from tests.routing.providers.twilio_standin import SECRET, TwilioStandIn, incoming

NASTY = st.text(
    st.characters(codec="utf-8") | st.sampled_from("\x00\x01\x0b\r\n\x1f\x7f<>&\"'?;=%\u200f\ufffe٣"), max_size=40
)
NAMES = st.sampled_from(["CallSid", "From", "To", "ForwardedFrom", "Digits", "Direction", "SipHeader_X-Queue"]) | NASTY


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(changes=st.dictionaries(NAMES, NASTY, max_size=6))
def test_no_field_changes_the_structure_of_the_answer(twilio: TwilioStandIn, changes: dict[str, str]) -> None:
    dialled = twilio.read(twilio.send(incoming() | changes))
    assert (dialled.verb, dialled.noun) == ("Dial", "Sip")
    assert dialled.address in {f"sip:800{queue}@pbx.example.net" for queue in (1, 2, 3)}
    assert {"X-Queue", "X-Priority", "X-Decision-Id"} <= dialled.headers.keys()
    assert len(dialled.headers) == (4 if "X-Customer-Tier" in dialled.headers else 3)
    assert set(dialled.attributes) == {"action", "answerOnBridge", "method", "timeout"}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    said=NASTY, name=st.sampled_from(["DialCallStatus", "QueueResult", "DialSipResponseCode", "DialCallDuration", "To"])
)
def test_no_report_does_either(twilio: TwilioStandIn, name: str, said: str) -> None:
    following = twilio.report(twilio.call(GOLD), **({"DialCallStatus": "busy"} | {name: said}))
    assert following.verb in ("Dial", "")


def test_a_call_without_an_id_reaches_the_numbers_own_queue(twilio: TwilioStandIn) -> None:
    dialled = twilio.call(CallSid="")
    assert (dialled.verb, dialled.headers["X-Queue"]) == ("Dial", "standard")
    assert twilio.spooled("decision") == []


def test_nothing_but_a_signature_reaches_the_emergency_queue(twilio: TwilioStandIn) -> None:
    assert twilio.read(twilio.send({})).headers["X-Queue"] == "standard"


def test_a_call_without_an_id_and_without_a_release_reaches_the_emergency_target(
    twilio: TwilioStandIn, no_release: None
) -> None:
    assert twilio.call(CallSid="").address == "sip:emergency@pbx.example.net"


def test_an_unknown_number_reaches_the_emergency_queue(twilio: TwilioStandIn) -> None:
    assert twilio.call(To="+390299999999").headers["X-Queue"] == "standard"


def test_control_characters_never_reach_the_record(twilio: TwilioStandIn) -> None:
    twilio.call(From="+39\x0002\r\n5550", ForwardedFrom="\x01")
    [decision] = twilio.spooled("decision")
    assert decision["contact"]["from"] == "+39025550"


@pytest.mark.parametrize("broken", ["decide", "following", "undecided"])
def test_a_fault_of_ours_is_never_heard(twilio: TwilioStandIn, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    ringing = twilio.call(GOLD)
    monkeypatch.setattr(providers, broken, fail)
    if broken == "following":
        assert twilio.report(ringing, DialCallStatus="busy").address == "sip:emergency@pbx.example.net"
    elif broken == "undecided":
        assert twilio.call(GOLD, CallSid="").address == "sip:emergency@pbx.example.net"
    else:
        assert twilio.call(GOLD).headers["X-Queue"] == "standard"


def test_neither_numbers_nor_secrets_are_logged(twilio: TwilioStandIn, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        twilio.send(incoming(), secret="a-guess")
        twilio.report(twilio.call(CallSid=""), DialCallStatus="busy")
    assert "call_without_id" in caplog.text
    for private in (GOLD, GOLD[3:], live_folder.VOICE_NUMBER, "a-guess", SECRET):
        assert private not in caplog.text
