"""Each provider of calls, through the real webhook: what is not proven gets one constant 403 and leaves nothing.

What is proven is always answered, in the provider's own form, however little of it makes sense.
"""

from typing import Any

import pytest

from tests.routing import live_folder
from tests.routing.decide_server import GOLD
from tests.routing.providers.every_peer import BOUND, REPORTING, TIMED, only
from tests.routing.providers.lines import ACCOUNT, VOICE, Line
from tests.routing.providers.peers import Peer

OTHER_ACCOUNT = "55555555-5555-4555-8555-555555555555"
REFUSED = b'{"type":"about:blank","status":403,"code":"refused","detail":"The request could not be verified."}'


def assert_refused(line: Line, **sent: Any) -> None:
    response = line.send(line.question(), **sent)
    assert (response.status_code, response.content) == (403, REFUSED)
    assert response["Content-Type"] == "application/problem+json"
    assert line.spooled("decision") == []


def test_whoever_proves_nothing_is_refused(line: Line) -> None:
    assert_refused(line, proof={})
    assert_refused(line, proof={"empty": "1"})
    assert_refused(line, secret="a-guess")


def test_a_proof_that_is_broken_is_refused(line: Line) -> None:
    proof = line.peer.prove("POST", "https://calls.example.com/", b"", line.peer.stored, 0.0)
    for broken in ("", "é" * 28, "AAAA", "=", "\x7f", "Basic !", "v1=,t="):
        assert_refused(line, proof=dict.fromkeys(proof, broken))


@only(BOUND)
def test_what_was_altered_on_the_way_is_refused(line: Line) -> None:
    assert_refused(line, sent_body=line.peer.encode(line.question("+390255501009")))
    assert_refused(line, sent_body=line.peer.encode(line.question()) + b" ")


@only(TIMED)
def test_a_signature_is_good_for_its_minutes_only(line: Line) -> None:
    window = line.peer.window_s or 0
    for late_s in (window + 5, -window - 5, 86_400, 10.0**9):
        assert_refused(line, late_s=late_s)
    for late_s in (0, window - 5, 5 - window):
        assert line.hear(line.send(line.question(), late_s=late_s)).does == "dial"


@pytest.mark.parametrize(
    "account",
    [
        pytest.param({"enabled": False}, id="disabled"),
        pytest.param({"secrets": []}, id="without a secret"),
        pytest.param({"secrets": ["lost key"]}, id="with a secret under a lost key"),
    ],
)
def test_an_account_that_cannot_be_asked_refuses_with_the_same_words(line: Line, account: dict[str, Any]) -> None:
    secrets = () if "secrets" in account else (line.peer.stored,)
    line.server.change(access=line.account(*secrets, **account))
    assert_refused(line)


def test_an_unknown_account_refuses_with_the_same_words(line: Line) -> None:
    assert_refused(line, url=VOICE.replace(ACCOUNT, OTHER_ACCOUNT))


def test_while_a_secret_is_changed_both_are_good(line: Line) -> None:
    newer = line.peer.newer
    line.server.change(access=line.account(newer, line.peer.stored))
    assert line.call().does == "dial"
    assert line.hear(line.send(line.question(), secret=newer)).does == "dial"
    line.server.change(access=line.account(newer))
    response = line.send(line.question())
    assert (response.status_code, response.content) == (403, REFUSED)


@only(REPORTING)
def test_an_after_address_that_was_altered_is_refused(line: Line) -> None:
    url = line.after(line.call(GOLD))
    for name in ("decision_id", "release", "queue", "index", "host", "signature"):
        response = line.send(line.question() | line.peer.report("busy"), url.replace(f"{name}=", f"{name}=0"))
        assert (name, response.status_code, response.content) == (name, 403, REFUSED)
    assert line.spooled("event") == []


def test_other_methods_other_stages_and_large_bodies_are_refused(line: Line) -> None:
    assert line.send(line.question(), method="PUT").status_code == 405
    assert line.send(line.question(), VOICE.replace("/voice", "/anything")).status_code == 404
    assert line.send(line.question() | {"Padding": "x" * 70_000}).status_code == 413


SENSELESS = {
    "nothing": b"",
    "an empty object": b"{}",
    "a list": b"[]",
    "null": b"null",
    "JSON of other kinds": b'{"from": [1, {}], "to": null, "call": 3}',
    "broken JSON in a broken charset": b'{"from": "\xff\xfe"',
    "bytes": b"\xff\xfe\x00\x80=%ff%fe&&&=",
    "XML": b"<xml/>",
    "another charset": "From=ù".encode("utf-16"),
    "a deep nest": b"[" * 50_000,
    "many fields": b"a&" * 3_000,
}


def test_a_proven_request_without_sense_reaches_the_emergency_queue(line: Line) -> None:
    for name, body in SENSELESS.items():
        heard = line.hear(line.send({}, body=body))
        assert (name, heard.does, heard.address) == (name, "dial", "sip:8003@pbx.example.net")


def test_the_content_type_decides_nothing(line: Line) -> None:
    for kind in ("text/plain", "application/json; charset=klingon", "multipart/form-data", "x"):
        heard = line.hear(line.send(line.question(), content_type=kind))
        assert (kind, heard.address) == (kind, "sip:8001@pbx.example.net")


NOBODY = (
    "",
    "anonymous",
    "Restricted",
    "unavailable",
    "+266696687",
    "sip:a@example.org",
    "+39\r\n\x00",
    "٣٣",
    "9" * 5000,
)


def test_a_caller_without_a_usable_address_reaches_the_standard_queue(line: Line) -> None:
    for caller in NOBODY:
        assert (caller, line.call(caller).address) == (caller, "sip:8003@pbx.example.net")


def test_each_field_may_be_missing(line: Line) -> None:
    question = line.question()
    for name in question:
        heard = line.hear(line.send({key: value for key, value in question.items() if key != name}))
        assert heard.does == "dial"


@only(REPORTING)
def test_each_field_of_a_report_may_be_missing(line: Line) -> None:
    leg = line.call(GOLD)
    report = line.question() | line.peer.report("busy")
    for name in report:
        left = {key: value for key, value in report.items() if key != name}
        assert line.hear(line.send(left, line.after(leg))).does in ("dial", "end", "reject")


def test_numbers_and_secrets_are_not_logged(line: Line, peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        line.send(line.question(), secret="a-guess")
        line.call(GOLD, call_id="")
    assert caplog.records
    for private in (GOLD, GOLD[1:], live_folder.VOICE_NUMBER, "a-guess", peer.stored):
        assert private not in caplog.text
