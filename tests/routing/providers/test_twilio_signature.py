"""Only what Twilio signed, for our public address, gets an answer; everything else gets one constant 403."""

from typing import Any

import pytest

from routing.providers import DIALECTS
from routing.providers.base import RawRequest, SignatureError
from tests.routing import live_folder
from tests.routing.providers.twilio_standin import (
    ACCOUNT,
    OLD_SECRET,
    PUBLIC_URL,
    SECRET,
    TwilioStandIn,
    incoming,
    signature,
)

PATH = f"/api/v1/p/{ACCOUNT}/voice"
WITHOUT_TLS = PUBLIC_URL.replace("https", "http")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({}, id="the live secret"),
        pytest.param({"secret": OLD_SECRET}, id="the previous secret"),
        pytest.param({"Host": "somebody.example.org"}, id="another Host header decides nothing"),
        pytest.param({"url": f"{PATH}?site=rome&x="}, id="a query in our URL is signed too"),
        pytest.param({"method": "GET"}, id="by GET, with the fields in the query"),
        pytest.param({"signed_url": f"{PUBLIC_URL}:443{PATH}"}, id="with the port written out"),
        pytest.param({"Accept": "application/json"}, id="whatever it accepts"),
    ],
)
def test_a_signed_request_is_answered(twilio: TwilioStandIn, sent: dict[str, Any]) -> None:
    assert twilio.read(twilio.send(incoming(), **sent)).verb == "Dial"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"secret": "a-guess"}, id="signed with another secret"),
        pytest.param({"secret": ""}, id="signed with an empty secret"),
        pytest.param({"signed": ""}, id="no signature at all"),
        pytest.param({"signed": "é" * 28}, id="a signature that is not ASCII"),
        pytest.param({"signed": signature(SECRET, PUBLIC_URL + PATH, incoming("+390255501003"))}, id="another caller"),
        pytest.param({"signed_url": WITHOUT_TLS + PATH}, id="signed for http"),
        pytest.param({"signed_url": f"https://testserver{PATH}"}, id="signed for the Host header"),
        pytest.param({"url": f"{PATH}?site=rome", "signed_url": PUBLIC_URL + PATH}, id="a query added afterwards"),
        pytest.param({"signed_url": f"{PUBLIC_URL}/api/v1/p/{ACCOUNT}/after"}, id="signed for another stage"),
        pytest.param({"method": "GET", "signed_url": PUBLIC_URL + PATH}, id="by GET, the query not signed"),
    ],
)
def test_anything_else_is_refused_and_leaves_nothing(twilio: TwilioStandIn, sent: dict[str, Any]) -> None:
    response = twilio.send(incoming(), **sent)
    assert (response.status_code, response["Content-Type"]) == (403, "application/problem+json")
    assert twilio.spooled("decision") == []


@pytest.mark.parametrize(
    "account",
    [
        pytest.param({f"account:{ACCOUNT}": None}, id="unknown"),
        pytest.param(live_folder.account(ACCOUNT, "twilio", SECRET, enabled=False), id="disabled"),
        pytest.param(live_folder.account(ACCOUNT, "native", SECRET), id="of a dialect without webhooks"),
        pytest.param(live_folder.account(ACCOUNT, "carrier-pigeon", SECRET), id="of a dialect that does not exist"),
        pytest.param(live_folder.account(ACCOUNT, "twilio"), id="without a secret"),
        pytest.param(live_folder.account(ACCOUNT, "twilio", SECRET, public_url=""), id="without a public address"),
        pytest.param(live_folder.account(ACCOUNT, "twilio", secrets=["lost key"]), id="with a secret under a lost key"),
        pytest.param(live_folder.account(ACCOUNT, "twilio", SECRET, public_url="https://a:99999"), id="port too high"),
    ],
)
def test_an_account_that_cannot_be_asked_refuses_with_the_same_words(
    twilio: TwilioStandIn, account: dict[str, Any]
) -> None:
    wrong_signature = twilio.send(incoming(), secret="a-guess")
    twilio.server.change(access=account)
    response = twilio.send(incoming())
    assert response.status_code == 403
    assert response.content == wrong_signature.content
    assert twilio.spooled("decision") == []


@pytest.mark.parametrize("account", ["1", "not-an-id", ACCOUNT.upper() + "A", "٣"])
def test_an_account_that_cannot_even_be_one_is_refused_likewise(twilio: TwilioStandIn, account: str) -> None:
    wrong_signature = twilio.send(incoming(), secret="a-guess")
    response = twilio.send(incoming(), url=f"/api/v1/p/{account}/voice")
    assert (response.status_code, response.content) == (403, wrong_signature.content)


@pytest.mark.parametrize("secrets", [[], [""]], ids=["no secret", "an empty secret"])
def test_without_a_secret_even_a_matching_signature_is_refused(secrets: list[str]) -> None:
    proof = signature("", PUBLIC_URL + PATH, {})
    request = RawRequest("POST", PATH, headers={"x-twilio-signature": proof})
    with pytest.raises(SignatureError):
        DIALECTS["twilio"].verify(request, secrets, PUBLIC_URL, 0.0)


@pytest.mark.parametrize("stage", ["message", "status", "anything"])
def test_a_stage_that_twilio_has_not_is_not_found(twilio: TwilioStandIn, stage: str) -> None:
    path = f"/api/v1/p/{ACCOUNT}/{stage}"
    assert twilio.send(incoming(), url=path).status_code == 404
    assert twilio.send(incoming(), url=path, secret="a-guess").status_code == 403


def test_a_body_beyond_the_limit_is_refused(twilio: TwilioStandIn) -> None:
    assert twilio.send(incoming(Padding="x" * 70_000)).status_code == 413


def test_other_methods_are_refused(twilio: TwilioStandIn) -> None:
    assert twilio.send(incoming(), method="PUT").status_code == 405
