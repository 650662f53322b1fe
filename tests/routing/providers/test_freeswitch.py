"""FreeSWITCH's own ways: a secret that is said, networks that are named, a dialplan that tries several targets."""

import base64
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from routing.access import Account, compile_access
from routing.providers.base import RawRequest, SignatureError
from routing.providers.freeswitch import FreeSwitch
from tests.routing import live_folder
from tests.routing.decide_server import GOLD
from tests.routing.providers.every_peer import only
from tests.routing.providers.json_peers import FreeSwitchPeer
from tests.routing.providers.lines import Line

SECRET, OLD_SECRET = "s" * 32, "o" * 40
FIRST = ("set", "hangup_after_bridge=true"), ("set", "continue_on_fail=true")
LAST = ("respond", "480 Temporarily Unavailable")


def request(user: str, secret: str, scheme: str = "Basic") -> RawRequest:
    told = base64.b64encode(f"{user}:{secret}".encode()).decode()
    return RawRequest("POST", "/voice", headers={"authorization": f"{scheme} {told}"})


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(request("freeswitch", SECRET), id="the live secret"),
        pytest.param(request("freeswitch", OLD_SECRET), id="the previous secret"),
        pytest.param(request("", SECRET, "basic"), id="without a user, in small letters"),
    ],
)
def test_a_secret_counts(sent: RawRequest) -> None:
    FreeSwitch().verify(sent, [SECRET, OLD_SECRET], "", 0)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(request("freeswitch", "x" * 32), id="another secret"),
        pytest.param(request("freeswitch", "s" * 31), id="a secret that is too short, although an account has it"),
        pytest.param(request("freeswitch", ""), id="an empty secret"),
        pytest.param(request(SECRET, ""), id="the secret as user"),
        pytest.param(request("freeswitch", SECRET, "Bearer"), id="another scheme"),
        pytest.param(RawRequest("POST", "/voice"), id="nothing said"),
        pytest.param(RawRequest("POST", "/voice", headers={"authorization": "Basic é"}), id="not ASCII"),
        pytest.param(RawRequest("POST", "/voice", headers={"authorization": "Basic ="}), id="no base64"),
    ],
)
def test_anything_else_is_refused(sent: RawRequest) -> None:
    with pytest.raises(SignatureError):
        FreeSwitch().verify(sent, [SECRET, "s" * 31, ""], "", 0)


@pytest.mark.parametrize(
    ("networks", "address", "signed", "admitted"),
    [
        pytest.param(["192.0.2.0/24"], "192.0.2.7", False, True, id="from a named network"),
        pytest.param(["192.0.2.0/24"], "::ffff:192.0.2.7", False, True, id="as an IPv6 socket writes it"),
        pytest.param(["192.0.2.0/24", "2001:db8::/32"], "2001:db8::1", False, True, id="from the second one"),
        pytest.param(["192.0.2.0/24"], "198.51.100.7", False, False, id="from elsewhere"),
        pytest.param(["192.0.2.0/24"], "198.51.100.7", True, False, id="from elsewhere, although signed"),
        pytest.param(["192.0.2.0/24"], "", False, False, id="from nobody knows where"),
        pytest.param([], "192.0.2.7", False, False, id="unsigned and no network named"),
        pytest.param([], "192.0.2.7", True, True, id="signed and no network named"),
        pytest.param(None, "192.0.2.7", True, True, id="signed, a document of the version before"),
    ],
)
def test_an_account_admits(networks: list[str] | None, address: str, signed: bool, admitted: bool) -> None:
    fields = {} if networks is None else {"networks": networks}
    assert account(**fields).admits(address, signed) is admitted


@only({"freeswitch": FreeSwitchPeer()})
@pytest.mark.parametrize(
    ("networks", "forwarded", "status"),
    [
        pytest.param(["127.0.0.0/8"], "", 200, id="from a named network"),
        pytest.param(["192.0.2.0/24"], "", 403, id="from elsewhere"),
        pytest.param([], "", 403, id="no network named"),
        pytest.param(["192.0.2.0/24"], "192.0.2.7", 200, id="as a trusted proxy says"),
        pytest.param(["192.0.2.0/24"], "192.0.2.7, 198.51.100.7", 403, id="as a stranger says to the proxy"),
        pytest.param(["127.0.0.0/8"], "198.51.100.7", 403, id="from elsewhere through the proxy"),
    ],
)
def test_a_request_is_answered_by_where_it_comes_from(
    line: Line, settings: Settings, networks: list[str], forwarded: str, status: int
) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.0/8"]
    line.server.change(access=line.account(line.peer.stored, networks=networks))
    told = line.peer.prove("POST", "", b"", line.peer.stored, 0) | {"X-Forwarded-For": forwarded}
    response = line.send(line.question(), proof=told)
    assert response.status_code == status
    if status == 403:
        assert response.content == line.send(line.question(), secret="a-guess").content
        assert line.spooled("decision") == []


def account(**fields: Any) -> Account:
    return compile_access(live_folder.account("1", "freeswitch", SECRET, **fields)).accounts["1"]


def test_what_freeswitch_tells_of_a_call() -> None:
    fields = {
        "Unique-ID": "u-1",
        "Caller-Caller-ID-Number": GOLD,
        "Caller-Destination-Number": "transferred",
        "Hunt-Destination-Number": live_folder.VOICE_NUMBER,
        "Caller-RDNIS": "+390255501003",
        "variable_sip_h_X-Customer-No": "4711",
        "variable_sip_h_Via": "x",
    }
    contact = FreeSwitch().parse(RawRequest("POST", "/voice", body=urlencode(fields).encode()), "account")
    assert (contact.call_id, contact.caller, contact.to) == ("u-1", GOLD, live_folder.VOICE_NUMBER)
    assert contact.diverted_from == "+390255501003"
    assert dict(contact.context) == {"customer_no": "4711"}


def actions(answer: dict[str, Any], own_number: str = "") -> list[tuple[str, str]]:
    reply = FreeSwitch().render(answer, "", own_number)
    assert (reply.status, reply.content_type) == (200, "text/xml; charset=utf-8")
    [section] = ET.fromstring(reply.body)
    [context] = section
    assert context.attrib == {"name": "global"}
    [[condition]] = context
    return [(action.attrib["application"], action.attrib["data"]) for action in condition]


def route(uri: str, extra: str = "", ring_ms: int = 10_000) -> dict[str, Any]:
    return {"uri": uri, "headers": {"extra": extra}, "fr_timer": 1500, "fr_inv_timer": ring_ms}


@pytest.mark.parametrize(
    ("answer", "legs"),
    [
        pytest.param(
            {
                "sip_uri": "sip:8001@pbx.example.net",
                "routes": [
                    route("sip:8001@pbx.example.net:5080", "X-Queue: vip\r\nX-Priority: 300\r\n", 20_000),
                    route("sips:8002@pbx.example.net;transport=tls"),
                ],
            },
            [
                ("set", "call_timeout=20"),
                ("bridge", "[sip_h_X-Queue=vip,sip_h_X-Priority=300]sofia/external/8001@pbx.example.net:5080"),
                ("set", "call_timeout=10"),
                ("bridge", "sofia/external/sips:8002@pbx.example.net;transport=tls"),
            ],
            id="SIP targets one after the other, each with its headers and its time",
        ),
        pytest.param(
            {"phone": "+390299900000", "answer_timeout_ms": 30_000, "routes": [route("sip:8002@pbx.example.net")]},
            [
                ("set", "call_timeout=30"),
                (
                    "bridge",
                    f"[origination_caller_id_number={live_folder.VOICE_NUMBER}]sofia/gateway/pstn/+390299900000",
                ),
                ("set", "call_timeout=10"),
                ("bridge", "sofia/external/8002@pbx.example.net"),
            ],
            id="a phone number, a hidden caller, then the overflow",
        ),
        pytest.param(
            {"provider_queue": "support", "priority": 300},
            [("set", "cc_base_score=300"), ("callcenter", "support@default")],
            id="a queue of FreeSWITCH with its base score",
        ),
        pytest.param({"team": "Desk"}, [], id="a team"),
        pytest.param({"action": "reject"}, [], id="nobody takes the call"),
        pytest.param(
            {"routes": [route("sip:${x}@pbx.example.net"), route("sip:a,b@pbx.example.net"), route("sip:1@a|b")]},
            [],
            id="signs that mean something in a dial string",
        ),
    ],
)
def test_each_kind_of_target(answer: dict[str, Any], legs: list[tuple[str, str]]) -> None:
    assert actions({"action": "transfer"} | answer, live_folder.VOICE_NUMBER) == [*FIRST, *legs, LAST]


@given(name=st.text(max_size=20), value=st.text(max_size=40))
def test_no_header_adds_a_variable_or_a_target(name: str, value: str) -> None:
    extra = f"X-Queue: vip\r\nX-{name}: {value}\r\n"
    [bridge] = [data for what, data in actions({"routes": [route("sip:1@pbx", extra)]}) if what == "bridge"]
    assert bridge.startswith("[sip_h_X-Queue=vip")
    assert bridge.endswith("]sofia/external/1@pbx")
    assert bridge.count("]") == bridge.count("[") == 1
    assert not set(bridge) & set("|{}$()' \r\n\\")
    assert bridge.count("=") == bridge.count("sip_h_X-")


def test_the_emergency_target_is_dialled_and_without_one_the_call_is_refused() -> None:
    [section] = ET.fromstring(FreeSwitch().error_reply("sip:reception@pbx.example.net").body)
    assert [action.attrib["data"] for action in section.iter("action")][-2:] == [
        "sofia/external/reception@pbx.example.net",
        LAST[1],
    ]
    [section] = ET.fromstring(FreeSwitch().error_reply("").body)
    assert [action.attrib["application"] for action in section.iter("action")] == ["set", "set", "respond"]
