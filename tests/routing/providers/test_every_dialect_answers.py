"""What each dialect says, word by word and read back: golden/<dialect>/<case>.xml or .json.

After a change that was meant, run this file with WRITE_GOLDEN=1 and look at the difference.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from routing.providers import DIALECTS
from routing.providers.base import Reply, VoiceDialect
from tests.routing.providers.every_peer import PEERS, REPORTING
from tests.routing.providers.peers import Heard, Peer

GOLDEN = Path(__file__).with_name("golden")
OWN = "+390255500000"
NEXT = "https://calls.example.com/api/v1/p/44444444-4444-4444-8444-444444444444/after?queue=vip&index=1&signature=ab"
HEADERS = {"X-Queue": "vip", "X-Priority": "20", "X-Customer-Tier": "gold", "X-Decision-Id": "0123456789abcdef" * 2}
DECIDED: dict[str, Any] = {
    "decision_id": "0123456789abcdef" * 2,
    "call_id": "call-1",
    "action": "transfer",
    "queue": "vip",
    "priority": 20,
    "priority_class": 1,
    "tier": "gold",
    "answer_timeout_ms": 20_000,
    "caller_id": "+390255501001",
}


def sip(uri: str, rings_ms: int = 20_000, headers: dict[str, str] = HEADERS) -> dict[str, Any]:
    """A decision for one SIP address, as routing.answers gives it."""
    extra = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    route = {"uri": uri, "headers": {"extra": extra}, "fr_timer": 1500, "fr_inv_timer": rings_ms}
    dialled = {"sip_uri": uri, "answer_timeout_ms": rings_ms, "headers": headers, "sip_headers": extra}
    return DECIDED | dialled | {"version": "1.0", "routing": "serial", "routes": [route]}


PHONE = DECIDED | {"phone": "+390299900000"}
CASES: dict[str, dict[str, Any]] = {
    "queue": sip("sip:8001@pbx.example.net"),
    "queue-over-tls": sip("sips:8001@pbx.example.net:5061"),
    "queue-at-a-transport": sip("sip:8001@pbx.example.net;transport=tcp"),
    "queue-that-rings-for-a-minute": sip("sip:8001@pbx.example.net", 60_000),
    "phone": PHONE,
    "phone-of-a-hidden-caller": {key: value for key, value in PHONE.items() if key != "caller_id"},
    "queue-of-the-provider": DECIDED | {"provider_queue": "support"},
    "workflow-of-the-provider": DECIDED | {"provider_queue": "WW" + "0123456789abcdef" * 2},
    "team": DECIDED | {"team": "Desk"},
    "turned-away": {key: value for key, value in DECIDED.items() if key != "answer_timeout_ms"} | {"action": "reject"},
    "nobody": {"action": "reject", "decision_id": "0123456789abcdef" * 2},
    "end": {},
}
ALL = [
    pytest.param(slug, case, id=f"{slug} {case}")
    for slug in PEERS
    for case in CASES
    if case != "end" or slug in REPORTING
]


def reply(slug: str, case: str) -> Reply:
    dialect = DIALECTS[slug]
    assert isinstance(dialect, VoiceDialect)
    return dialect.render(CASES[case], NEXT, OWN) if CASES[case] else dialect.end()


def heard(peer: Peer, case: str) -> Heard:
    return peer.hear(reply(peer.slug, case).body)


@pytest.mark.parametrize(("slug", "case"), ALL)
def test_the_words_are_those_that_were_looked_at(slug: str, case: str) -> None:
    said = reply(slug, case)
    assert said.status in (200, 204)
    ending = "json" if "json" in said.content_type or not said.body else "xml"
    file = GOLDEN / slug / f"{case}.{ending}"
    if os.environ.get("WRITE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(said.body)
    assert said.body == file.read_bytes()


def test_no_file_is_left_over() -> None:
    files = {f"{file.parent.name} {file.stem}" for file in GOLDEN.rglob("*.*")}
    assert files == {param.id for param in ALL}


def test_a_queue_is_dialled_with_its_headers(peer: Peer) -> None:
    said = heard(peer, "queue")
    assert (said.does, said.address) == ("dial", "sip:8001@pbx.example.net")
    assert said.headers == peer.arrives_as(HEADERS)
    assert said.ring_s in (20, None)
    assert said.next_url == (NEXT if peer.slug in REPORTING else "")


def test_a_host_may_name_its_transport(peer: Peer) -> None:
    assert heard(peer, "queue-over-tls").address == "sips:8001@pbx.example.net:5061"
    assert heard(peer, "queue-at-a-transport").address == "sip:8001@pbx.example.net;transport=tcp"


def test_a_queue_that_answers_only_when_an_agent_does_may_ring_for_a_minute(peer: Peer) -> None:
    expected = 60 if DIALECTS[peer.slug].capabilities.ring_timeout else None
    assert heard(peer, "queue-that-rings-for-a-minute").ring_s == expected


def test_no_header_of_ours_reaches_a_phone(peer: Peer) -> None:
    said = heard(peer, "phone")
    assert (said.does, said.address, said.headers) == ("dial", "+390299900000", {})
    assert said.shows in ("", "+390255501001", OWN)


def test_a_hidden_caller_is_shown_as_the_called_number_or_not_at_all(peer: Peer) -> None:
    can = "callerId" in DIALECTS[peer.slug].capabilities.caller_id
    assert heard(peer, "phone-of-a-hidden-caller").shows == (OWN if can else "")


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        pytest.param("queue-of-the-provider", "provider_queue", id="a queue of the provider's own"),
        pytest.param("team", "team", id="a team of a help desk"),
    ],
)
def test_what_a_provider_cannot_reach_leads_on_or_is_refused(peer: Peer, case: str, kind: str) -> None:
    can = kind in DIALECTS[peer.slug].capabilities.target_kinds
    assert heard(peer, case).does in ({"enqueue"} if can else {"go_on", "reject"})


@pytest.mark.parametrize("case", ["nobody", "turned-away"])
def test_a_call_that_nobody_takes_is_refused(peer: Peer, case: str) -> None:
    assert heard(peer, case).does in ("reject", "end")
