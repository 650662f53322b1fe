"""What a provider's engineer sees of `POST /api/v1/decisions`."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.routing import documents, live_folder
from tests.routing.decide_server import ACCOUNT, GOLD, KEY, SILVER, STRANGER, DecideServer

QUESTION = {"call_id": "c", "to": live_folder.VOICE_NUMBER}


def test_a_gold_caller_reaches_the_vip_queue(decide_server: DecideServer) -> None:
    answer = decide_server.ask(GOLD)
    assert (answer["queue"], answer["branch"], answer["reason"]) == ("vip", "gold-or-platinum", "branch")
    assert answer["sip_uri"] == "sip:8001@pbx.example.net"
    assert answer["overflow_uri"] == "sip:8002@pbx.example.net"
    assert answer["headers"] == {
        "X-Queue": "vip",
        "X-Priority": "20",
        "X-Customer-Tier": "gold",
        "X-Decision-Id": answer["decision_id"],
    }
    assert [route["uri"] for route in answer["routes"]] == [answer["sip_uri"], answer["overflow_uri"]]


@pytest.mark.parametrize(
    ("caller", "queue", "reason"),
    [
        pytest.param(SILVER, "priority", "branch", id="silver"),
        pytest.param(STRANGER, "standard", "last_path", id="a stranger"),
        pytest.param("02 5550 1001", "vip", "branch", id="a national number is read in the called number's country"),
        pytest.param("sip:+390255501001@sbc.example.net;user=phone", "vip", "branch", id="a SIP URI"),
        pytest.param("", "standard", "last_path", id="nothing"),
        pytest.param("anonymous", "standard", "last_path", id="anonymous"),
        pytest.param("Restricted", "standard", "last_path", id="restricted"),
        pytest.param("+266696687", "standard", "last_path", id="anonymous on a keypad"),
        pytest.param("CALLCENTER", "standard", "last_path", id="letters"),
        pytest.param("112", "standard", "last_path", id="a short code"),
        pytest.param("+٣٩٠٢٥٥٥٠١٠٠١", "standard", "last_path", id="Arabic digits"),
        pytest.param("\u200f+390255501001", "standard", "last_path", id="a right-to-left mark"),
        pytest.param("sip:anonymous@anonymous.invalid", "standard", "last_path", id="an anonymous SIP URI"),
        pytest.param("<script>alert(1)</script>", "standard", "last_path", id="markup"),
        pytest.param("+39" + "0" * 5000, "standard", "last_path", id="far too long"),
    ],
)
def test_whatever_the_network_says_of_the_caller_there_is_a_queue(
    decide_server: DecideServer, caller: str, queue: str, reason: str
) -> None:
    answer = decide_server.ask(caller)
    assert (answer["queue"], answer["reason"]) == (queue, reason)


def test_a_number_that_nobody_set_up_goes_to_the_emergency_queue(decide_server: DecideServer) -> None:
    answer = decide_server.ask(to="+390299999999")
    assert (answer["queue"], answer["reason"], answer["fallback"]) == ("standard", "unknown_number", True)


@pytest.mark.parametrize(
    "to",
    [
        "390255500000",
        "00390255500000",
        "sip:+390255500000@sbc.example.net",
        "SIP:%2B390255500000@sbc.example.net",
        "tel:+390255500000",
    ],
)
def test_the_called_number_is_found_however_it_is_written(decide_server: DecideServer, to: str) -> None:
    assert decide_server.ask(to=to)["queue"] == "vip"


def test_a_customer_number_from_the_ivr_counts_before_the_callers_number(decide_server: DecideServer) -> None:
    assert decide_server.ask(STRANGER, context={"customer_no": "4711"})["queue"] == "vip"


def test_a_diverted_call_is_known_by_its_original_caller(decide_server: DecideServer) -> None:
    assert decide_server.ask("anonymous", diverted_from=GOLD)["queue"] == "vip"


def test_a_message_is_assigned_to_a_team(decide_server: DecideServer) -> None:
    answer = decide_server.ask(GOLD, channel="whatsapp", to=live_folder.WHATSAPP_NUMBER)
    assert answer["team"]
    assert "sip_uri" not in answer
    assert "headers" not in answer


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        pytest.param(b"", 400, "invalid_json", None, id="nothing"),
        pytest.param(b"[]", 400, "invalid_json", None, id="a list"),
        pytest.param(b"{", 400, "invalid_json", None, id="cut off"),
        pytest.param(b'{"call_id":"a","call_id":"b","to":"c"}', 400, "duplicate_key", None, id="a key twice"),
        pytest.param(
            b'{"call_id":"a","to":"c","context":{"x":1,"x":2}}', 400, "duplicate_key", None, id="twice inside"
        ),
        pytest.param(b'{"call_id":"a","to":"b","attempt":NaN}', 400, "invalid_json", None, id="NaN"),
        pytest.param(b'{"call_id":"a","to":"b","attempt":Infinity}', 400, "invalid_json", None, id="Infinity"),
        pytest.param(b'{"call_id":"a","to":"b","attempt":1e999}', 400, "invalid_json", None, id="1e999"),
        pytest.param(
            b'{"call_id":"a","to":"b","context":' + b"[" * 30 + b"]" * 30 + b"}", 400, "invalid_json", None, id="deep"
        ),
        pytest.param(b'{"a":' * 30_000, 413, "too_large", None, id="very deep"),
        pytest.param(b'{"call_id":"a","to":"b\\u0000"}', 400, "invalid_json", None, id="an escaped NUL"),
        pytest.param(b'{"call_id":"a","to":"b\x00"}', 400, "invalid_json", None, id="a NUL"),
        pytest.param(b'{"call_id":"a","to":"\\ud800"}', 400, "invalid_json", None, id="a lone surrogate"),
        pytest.param(b'{"call_id":"a","to":"\xff"}', 400, "invalid_json", None, id="bad UTF-8"),
        pytest.param(b" " * 65_537, 413, "too_large", None, id="65,537 bytes"),
        pytest.param({"to": "b"}, 400, "missing_field", "call_id", id="no call id"),
        pytest.param({"call_id": "a"}, 400, "missing_field", "to", id="no called number"),
        pytest.param({"call_id": "x" * 129, "to": "b"}, 400, "invalid_field", "call_id", id="a long call id"),
        pytest.param({"call_id": 7, "to": "b"}, 400, "invalid_field", "call_id", id="a call id that is a number"),
        pytest.param(QUESTION | {"from": 39}, 400, "invalid_field", "from", id="a caller that is a number"),
        pytest.param(QUESTION | {"channel": "fax"}, 400, "invalid_field", "channel", id="a fax"),
        pytest.param(QUESTION | {"attempt": -1}, 400, "invalid_field", "attempt", id="a negative attempt"),
        pytest.param(QUESTION | {"attempt": True}, 400, "invalid_field", "attempt", id="an attempt that is yes"),
        pytest.param(QUESTION | {"context": []}, 400, "invalid_field", "context", id="a context that is a list"),
        pytest.param(QUESTION | {"context": {"x": {}}}, 400, "invalid_field", "context", id="a nested context"),
    ],
)
def test_a_malformed_request_is_a_clean_refusal_that_names_the_field(
    decide_server: DecideServer, body: Any, status: int, code: str, field: str | None
) -> None:
    response = decide_server.post(body)
    problem = json.loads(response.content)
    assert (response.status_code, problem["code"], problem.get("field")) == (status, code, field)
    assert response["Content-Type"] == "application/problem+json"
    assert decide_server.plane.spool.of_call(_contact("a")) == {}


def _contact(call_id: str) -> Any:
    from routing.contacts import Contact

    return Contact(ACCOUNT, call_id, "b")


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Authorization": ""}, id="no key"),
        pytest.param({"Authorization": "Bearer "}, id="an empty key"),
        pytest.param({"Authorization": "Bearer cc_wrong"}, id="a wrong key"),
        pytest.param({"Authorization": "Basic " + KEY}, id="another scheme"),
        pytest.param({"Authorization": "Bearer kéy"}, id="a key that is not ASCII"),
    ],
)
def test_every_wrong_key_gets_the_same_body(decide_server: DecideServer, headers: dict[str, str]) -> None:
    response = decide_server.post(QUESTION, **headers)
    assert response.status_code == 401
    assert response.content == decide_server.post(QUESTION, Authorization="Bearer other").content


@pytest.mark.parametrize(
    ("fields", "enabled", "accepted"),
    [
        pytest.param({"networks": ["127.0.0.0/8"]}, True, True, id="from an allowed network"),
        pytest.param({"networks": ["10.0.0.0/8"]}, True, False, id="from another network"),
        pytest.param({"expires_at": "2020-01-01T00:00:00+00:00"}, True, False, id="expired"),
        pytest.param({"may_decide": False}, True, False, id="a key that may only report"),
        pytest.param({}, False, False, id="a disabled account"),
    ],
)
def test_a_key_counts_only_where_and_while_it_may(
    decide_server: DecideServer, fields: dict[str, Any], enabled: bool, accepted: bool
) -> None:
    key = live_folder.api_key(KEY, **fields)
    decide_server.change(access=live_folder.account(ACCOUNT, "native", keys=[key], enabled=enabled))
    assert decide_server.post(QUESTION).status_code == (200 if accepted else 401)


def test_asked_again_the_first_decision_is_given_even_after_a_publish(decide_server: DecideServer) -> None:
    first = decide_server.ask(GOLD)
    document = live_folder.demo_document()
    document["flows"]["priority-customers"]["branches"] = []
    decide_server.change(document=document, number=2)
    assert decide_server.ask(GOLD) == first
    assert decide_server.ask(GOLD, call_id="another")["queue"] == "standard"


def test_a_repeat_with_another_context_says_so(decide_server: DecideServer) -> None:
    first = decide_server.ask(GOLD)
    again = decide_server.ask(GOLD, context={"language": "it"})
    assert again["decision_id"] == first["decision_id"]
    assert again["warnings"] == ["repeat_differs"]


def test_the_same_call_id_with_another_caller_is_decided_on_its_own(decide_server: DecideServer) -> None:
    decide_server.ask(GOLD)
    other = decide_server.ask(STRANGER)
    assert (other["queue"], other["warnings"]) == ("standard", ["call_id_reused"])


def test_a_later_attempt_is_a_new_decision_that_knows_the_queue_before(decide_server: DecideServer) -> None:
    document = live_folder.demo_document()
    again = {"variable": "call.previous_queue", "operator": "is", "value": "vip"}
    document["flows"]["priority-customers"]["branches"].insert(
        0, {"slug": "again", "label": "Again", "conditions": [[again]], "target_kind": "queue", "queue": "priority"}
    )
    decide_server.change(document=document, number=2)
    assert decide_server.ask(GOLD)["queue"] == "vip"
    assert decide_server.ask(GOLD, attempt=1)["queue"] == "priority"


def test_eight_at_once_get_one_decision(decide_server: DecideServer) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda place: decide_server.ask(GOLD, call_id=f"race-{place % 40}"), range(320)))
    assert len({json.dumps(answer, sort_keys=True) for answer in answers}) == 40


def test_no_database_and_no_socket_is_touched(decide_server: DecideServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a network or database call on the decide path")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.ensure_connection", refuse)
    assert decide_server.ask(GOLD)["queue"] == "vip"


@pytest.mark.parametrize(
    ("query", "accept", "content_type"),
    [
        pytest.param("", "*/*", "application/json", id="JSON"),
        pytest.param("?format=kv", "*/*", "text/plain; charset=utf-8", id="lines by format"),
        pytest.param("", "text/plain", "text/plain; charset=utf-8", id="lines by Accept"),
        pytest.param("?format=flat", "text/xml", "application/json", id="flat"),
        pytest.param("?format=unheard", "text/xml", "application/json", id="an unknown format is JSON"),
    ],
)
def test_the_answer_comes_in_the_shape_asked_for(
    decide_server: DecideServer, query: str, accept: str, content_type: str
) -> None:
    response = decide_server.post(QUESTION | {"from": GOLD}, query, Accept=accept)
    assert (response.status_code, response["Content-Type"]) == (200, content_type)
    assert len(response.content) < 4096
    assert int(response["Content-Length"]) == len(response.content)


def test_lines_carry_headers_with_a_prefix(decide_server: DecideServer) -> None:
    lines = decide_server.post(QUESTION | {"from": GOLD}, "?format=kv").content.decode().splitlines()
    assert "queue=vip" in lines
    assert "h.X-Queue=vip" in lines
    assert all("=" in line for line in lines)


def test_flat_is_strings_only(decide_server: DecideServer) -> None:
    flat = json.loads(decide_server.post(QUESTION | {"from": GOLD}, "?format=flat").content)
    assert {type(value) for value in flat.values()} == {str}


def test_a_line_break_in_a_call_id_breaks_no_line(decide_server: DecideServer) -> None:
    body = QUESTION | {"call_id": "a\nqueue=evil\r\nh.X: y"}
    lines = decide_server.post(body, "?format=kv").content.decode().splitlines()
    assert [line for line in lines if line.startswith(("queue=", "h.X:"))] == ["queue=standard"]


@pytest.mark.parametrize(
    ("state", "queue", "reason"),
    [
        pytest.param({"switch:1": {"kind": "close_queue", "subject": "vip"}}, "priority", "switched", id="closed"),
        pytest.param(
            {"switch:1": {"kind": "close_queue", "subject": "vip", "until": "2020-01-01T00:00:00+00:00"}},
            "vip",
            "branch",
            id="a switch that has ended",
        ),
        pytest.param(
            {"switch:1": {"kind": "send_number", "subject": live_folder.VOICE_NUMBER, "target": "standard"}},
            "standard",
            "switched",
            id="a number sent elsewhere",
        ),
    ],
)
def test_a_switch_is_obeyed(decide_server: DecideServer, state: dict[str, Any], queue: str, reason: str) -> None:
    decide_server.change(state=state)
    answer = decide_server.ask(GOLD)
    assert (answer["queue"], answer["reason"]) == (queue, reason)


def test_a_tier_given_for_a_while_counts_to_the_second(decide_server: DecideServer) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    gone = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    facts = {"v": 1, "customer": "9", "tier": "bronze"}
    decide_server.change(
        facts={f"phone:{STRANGER}": facts | {"spans": [{"tier": "gold", "from": gone, "until": soon}]}}
    )
    assert decide_server.ask(STRANGER)["queue"] == "vip"
    decide_server.change(facts={f"phone:{STRANGER}": facts | {"spans": [{"tier": "gold", "from": soon}]}})
    assert decide_server.ask(STRANGER, call_id="later")["queue"] == "standard"


def test_nobody_is_asked_about_a_customer_who_objects(
    decide_server: DecideServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(*_: Any) -> list[Any]:
        asked.append("crm")
        return []

    monkeypatch.setattr("routing.variables.run_steps", ask)
    document = live_folder.demo_document()
    document["sources"]["crm"] = documents.good()["sources"]["crm"]
    document["flows"]["priority-customers"]["steps"] = [{"slug": "crm", "source": "crm", "precedence": "fill"}]
    objecting = {f"phone:{GOLD}": {"v": 1, "customer": "1", "objects_to_profiling": True}}
    decide_server.change(document=document, number=2, facts=objecting)
    answer = decide_server.ask(GOLD)
    assert (answer["queue"], answer["reason"], answer["degraded"]) == (
        "standard",
        "last_path",
        ["customer:objects_to_profiling"],
    )
    assert asked == []
    decide_server.ask(STRANGER, call_id="another")
    assert asked == ["crm"]


def test_an_account_manager_is_rung_before_the_queue(decide_server: DecideServer) -> None:
    document = live_folder.demo_document()
    document["flows"]["priority-customers"]["branches"][0]["target_kind"] = "account_manager"
    manager = {"address": "8101", "phone_system": "pbx", "answer_timeout_s": 15, "calendar": "", "present": True}
    facts = {f"phone:{GOLD}": {"v": 1, "customer": "1", "tier": "gold", "account_manager": "anna"}}
    decide_server.change(document=document, number=2, facts=facts, state={"manager:anna": manager})
    answer = decide_server.ask(GOLD)
    assert (answer["queue"], answer["sip_uri"]) == ("vip", "sip:8101@pbx.example.net")
    assert answer["overflow_uri"] == "sip:8001@pbx.example.net"
    decide_server.change(state={"manager:anna": manager | {"present": False}})
    assert decide_server.ask(GOLD, call_id="absent")["sip_uri"] == "sip:8001@pbx.example.net"


def test_a_fault_inside_a_flow_still_sends_the_caller_to_the_default_queue(
    decide_server: DecideServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routing.branch_index.BranchIndex.choose", lambda *_: 1 / 0)
    answer = decide_server.ask(GOLD)
    assert (answer["queue"], answer["degraded"], answer["fallback"]) == ("standard", ["flow:error"], True)


def test_unknown_keys_are_ignored_with_a_warning(decide_server: DecideServer) -> None:
    assert decide_server.ask(GOLD, colour="red")["warnings"] == ["unknown_keys"]


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
@pytest.mark.parametrize("address", ["/api/v1/decisions", "/api/v1/contacts/events"])
def test_a_wrong_method_is_a_clean_refusal(decide_server: DecideServer, method: str, address: str) -> None:
    response = getattr(Client(), method)(address)
    assert (response.status_code, json.loads(response.content)["code"]) == (405, "method_not_allowed")


def test_a_fault_outside_the_flow_still_answers_with_the_emergency_target(
    decide_server: DecideServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routing.decide.evaluate", lambda *_: 1 / 0)
    answer = decide_server.ask(GOLD)
    assert answer["sip_uri"] == "sip:emergency@pbx.example.net"
    assert "decide:error" in answer["degraded"]


def test_the_longest_names_there_can_be_stay_below_four_kilobytes(decide_server: DecideServer) -> None:
    long_host = "h" * 60 + "." + "h" * 39 + ":5070;transport=tls"
    vip, behind = "v" * 50, "b" * 50
    document = live_folder.demo_document()
    document["phone_systems"]["pbx"]["hosts"] = [long_host] * 3
    document["tiers"]["g" * 50] = {"name": "Long", "rank": 9}
    document["queues"] = {
        vip: document["queues"]["vip"] | {"voice_address": "8" * 64, "overflow_to": behind},
        behind: document["queues"]["standard"] | {"voice_address": "9" * 64},
    }
    for queue in document["queues"].values():
        queue |= {"skills": ",".join(letter * 11 for letter in "abcde"), "headers": f"X-CC-Long: {'l' * 91}"}
    document["emergency_queue"] = behind
    flow = document["flows"].pop("priority-customers")
    flow["branches"] = [flow["branches"][0] | {"slug": "s" * 50, "queue": vip, "conditions": []}]
    document["flows"]["f" * 50] = flow | {"last_path": behind}
    for number in document["numbers"].values():
        number |= {"flow": "f" * 50, "default_queue": behind}
    decide_server.change(
        document=document, number=2_000_000_000, facts={f"phone:{GOLD}": {"v": 1, "customer": "1", "tier": "g" * 50}}
    )
    response = decide_server.post(QUESTION | {"call_id": "c" * 128, "from": GOLD, "colour": "red"})
    assert json.loads(response.content)["queue"] == vip
    assert len(response.content) < 4096
