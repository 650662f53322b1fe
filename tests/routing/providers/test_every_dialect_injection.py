"""Whatever text a caller, a CRM or a careless set-up supplies, answers keep their shape and headers their number."""

import re
from itertools import product
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from routing.providers import DIALECTS
from routing.providers.base import VoiceDialect
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, STRANGER
from tests.routing.providers.every_peer import REPORTING, only
from tests.routing.providers.lines import ACCOUNT, PUBLIC_URL, Line
from tests.routing.providers.peers import Heard, Peer, Shape

AFTER = f"{PUBLIC_URL}/api/v1/p/{ACCOUNT}/after?"
QUEUES = {f"sip:800{queue}@pbx.example.net" for queue in (1, 2, 3)}
PRINTABLE = re.compile(r"[ -~]*")
HOSTILE = st.text(
    st.characters(codec="utf-8") | st.sampled_from("\x00\x01\x0b\r\n\x1f\x7f<>&\"'?;:=%,@/\\{}[]\u200f\u2028\ufffe٣"),
    max_size=30,
)
INVITE = st.sampled_from(
    ["\r\nX-Evil: 1", "?X-Evil=1", "&X-Evil=1", ",Evil=1", "]]>", "</Sip><Sip>", '"}]', "${x}", "`id`"]
)
TEXT = HOSTILE | INVITE | st.builds(str.__add__, HOSTILE, INVITE)

CALLER_ANSWER: dict[str, Any] = {"action": "transfer", "decision_id": "d" * 32, "queue": "vip", "priority": 20}


def at(user: str) -> dict[str, Any]:
    """An answer that dials `user` at the phone system."""
    uri = f"sip:{user}@pbx.example.net"
    return {"sip_uri": uri, "routes": [{"uri": uri, "headers": {"extra": ""}, "fr_inv_timer": 10_000}]}


given_time = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def assert_clean(heard: Heard) -> None:
    for text in (heard.address, heard.next_url, *heard.headers, *heard.headers.values()):
        assert PRINTABLE.fullmatch(text)
    assert not any("evil" in name.lower() for name in heard.headers)


SEEN: dict[int, set[tuple[Shape, frozenset[str]]]] = {}


def usual_shapes(line: Line) -> set[tuple[Shape, frozenset[str]]]:
    """What calls look like, known and unknown, with any of their fields empty."""
    if id(line) not in SEEN:
        calls = product((GOLD, STRANGER, "anonymous", ""), (live_folder.VOICE_NUMBER, "+3902999", ""), ("another", ""))
        heard = [line.call(caller, to=to, call_id=call_id) for caller, to, call_id in calls]
        SEEN[id(line)] = {(each.shape, frozenset(each.headers)) for each in heard}
    return SEEN[id(line)]


@settings(given_time, max_examples=8)
@given(data=st.data())
def test_nothing_a_caller_sends_changes_the_shape_of_the_answer(line: Line, peer: Peer, data: st.DataObject) -> None:
    question = line.question()
    changes = data.draw(st.dictionaries(st.sampled_from(sorted(question)) | TEXT, TEXT, max_size=5))
    heard = line.hear(line.send(question | changes))
    assert (heard.shape, frozenset(heard.headers)) in usual_shapes(line)
    assert heard.address in QUEUES
    assert heard.next_url.startswith(AFTER) or peer.slug not in REPORTING
    assert_clean(heard)


@only(REPORTING)
@settings(given_time, max_examples=8)
@given(data=st.data())
def test_nor_does_anything_reported_of_a_leg(line: Line, data: st.DataObject) -> None:
    report = line.question() | line.peer.report("busy")
    changes = data.draw(st.dictionaries(st.sampled_from(sorted(report)) | TEXT, TEXT, max_size=3))
    following = line.hear(line.send(report | changes, line.after(line.call(GOLD))))
    assert following.does in ("dial", "end", "reject")
    assert_clean(following)


@settings(given_time, max_examples=20)
@given(
    headers=st.dictionaries(st.sampled_from(["X-Queue", "X-Customer-Tier"]) | TEXT, TEXT, max_size=6),
    address=st.sampled_from([{}, at("8001")])
    | st.builds(at, TEXT)
    | st.fixed_dictionaries({"phone": TEXT})
    | st.fixed_dictionaries({"provider_queue": TEXT, "tier": TEXT, "queue": TEXT}),
    own_number=TEXT,
)
@example(headers={"X-Queue": "vip&X-Evil=1"}, address=at("8001"), own_number="")
@example(headers={"X-Queue": "vip?X-Evil=1"}, address=at("8001"), own_number="")
@example(headers={"X-Queue": "vip,Evil=1"}, address=at("8001"), own_number="")
@example(headers={"X-Queue": "vip\r\nX-Evil: 1"}, address=at("8001"), own_number="")
@example(headers={"X-Queue\r\nX-Evil": "1"}, address=at("8001"), own_number="")
@example(headers={}, address=at("8001?X-Evil=1"), own_number="")
@example(headers={}, address=at("8001\r\nX-Evil: 1"), own_number="")
@example(headers={}, address={"phone": "+39\r\n"}, own_number="+39\r\n")
def test_nor_does_a_careless_release(
    peer: Peer, headers: dict[str, str], address: dict[str, str], own_number: str
) -> None:
    dialect = DIALECTS[peer.slug]
    assert isinstance(dialect, VoiceDialect)
    answer = CALLER_ANSWER | {"headers": headers} | address
    heard = peer.hear(dialect.render(answer, f"{AFTER}leg=1", own_number).body)
    assert heard.does in ("dial", "enqueue", "go_on", "reject", "end")
    assert len(heard.headers) <= len(headers)
    if heard.does == "dial":
        assert heard.address.endswith("@pbx.example.net") or re.fullmatch(r"\+[0-9]+", heard.address)
        assert_clean(heard)
