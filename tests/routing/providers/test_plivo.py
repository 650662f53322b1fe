"""Plivo's own ways: its signature, against proofs made by its own package (plivo 4.63.0), and its header names."""

import pytest

from routing.providers import base
from routing.providers.base import RawRequest, SignatureError
from routing.providers.plivo import Plivo
from tests.routing.providers.peers import PlivoPeer

PUBLIC_URL = "https://calls.example.com"
NEXT = f"{PUBLIC_URL}/api/v1/p/1/after?leg=1&signature=2"
NONCE = "05429567804466091622"
CALL = b"CallUUID=c-1&From=15550100&To=15550199"
PROOF = "cfnyijcIL3VjtHEoa+QjRqktgMcxI6X/TquATJo/aDM="


def verify(body: bytes, query: str, proof: str, nonce: str = NONCE, method: str = "POST") -> None:
    headers = {"x-plivo-signature-v3": proof, "x-plivo-signature-v3-nonce": nonce}
    request = RawRequest(method, "/api/v1/p/1/voice", query, headers, body)
    Plivo().verify(request, ["", "an-older-token", "token-of-plivo"], PUBLIC_URL, 0.0)


@pytest.mark.parametrize(
    ("method", "body", "query", "proof"),
    [
        pytest.param("POST", CALL, "", PROOF, id="a call"),
        pytest.param("POST", b"", "", "uOycDFuy4gv2YkXZfOJC5vfB/6pLAwCYCcW8s3LlVOY=", id="nothing posted"),
        pytest.param(
            "POST",
            b"To=15550199&From=15550100",
            "b=2&a=1",
            "NagjXcleGf0HP/xfrsCMtIZjT6YA1efxZhx5pbIreho=",
            id="a query in our address",
        ),
        pytest.param("POST", b"", "b=2&a=1&a=0", "NhhV2yM4HpNXJMcCRikFBMyaWmtgzvHYhosfue0dW+A=", id="a query alone"),
        pytest.param(
            "POST",
            b"To=2&To=1&From=&Name=Zo%C3%AB+%26+C%C5%93",
            "",
            "gjdIJ34BS0SbbslrVHlfb+1RN/3bWi5fU8qPJYhByHM=",
            id="repeated fields, empty ones, other alphabets",
        ),
        pytest.param(
            "GET", b"", "To=15550199&From=15550100", "p1fAG1V9dDj3pufvbAEfzJGmf9ViNH2t9P/3LNq7JWc=", id="by GET"
        ),
        pytest.param("POST", CALL, "", f"c29tZXRoaW5n,{PROOF}", id="several proofs while a token is changed"),
    ],
)
def test_what_plivo_signed_is_accepted(method: str, body: bytes, query: str, proof: str) -> None:
    verify(body, query, proof, method=method)


@pytest.mark.parametrize(
    ("body", "query", "proof", "nonce"),
    [
        pytest.param(CALL + b"&x=1", "", PROOF, NONCE, id="a field more"),
        pytest.param(CALL, "x=1", PROOF, NONCE, id="a query added"),
        pytest.param(CALL, "", PROOF, "1", id="another nonce"),
        pytest.param(CALL, "", PROOF, "", id="no nonce"),
        pytest.param(CALL, "", f"{PROOF}x", NONCE, id="a proof with something behind it"),
        pytest.param(CALL, "", ",,", NONCE, id="a list of nothing"),
    ],
)
def test_anything_else_is_refused(body: bytes, query: str, proof: str, nonce: str) -> None:
    with pytest.raises(SignatureError):
        verify(body, query, proof, nonce)


def headers_of(**headers: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = {"action": "transfer", "sip_uri": "sip:8001@pbx.example.net", "headers": named}
    return dict(PlivoPeer().hear(Plivo().render(answer, NEXT).body).headers)


def test_header_names_become_what_plivo_lets_through() -> None:
    assert headers_of(X_Queue="vip-it", X_Customer_Tier="gold", X_Decision_Id="a1", X_Priority="20") == {
        "X-PH-Queue": "vipit",
        "X-PH-Customertier": "gold",
        "X-PH-Decisionid": "a1",
        "X-PH-Priority": "20",
    }


@pytest.mark.parametrize(
    "name", ["X_PH_A", "X_Plivo_A", "X_FS_A", "X_SipAuth", "X_ZT_A", "X_Twilio", "X_" + "a" * 25, "Other"]
)
def test_names_that_plivo_drops_are_not_sent(name: str) -> None:
    assert headers_of(**{name: "1"}) == {}


def test_header_values_are_letters_and_digits() -> None:
    assert headers_of(X_A="a,B=b\r\nX-Evil: 1;é") == {"X-PH-A": "aBbXEvil1"}
    assert headers_of(X_A="a" * 300) == {"X-PH-A": "a" * 120}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("15550100", "+15550100", id="a number without its plus"),
        pytest.param("+15550100", "+15550100", id="a number with it"),
        pytest.param("112", "112", id="a short number"),
        pytest.param("0255501001", "0255501001", id="a national number"),
        pytest.param("anonymous", "anonymous", id="nobody"),
        pytest.param("sip:alice@phone.plivo.com", "sip:alice@phone.plivo.com", id="an endpoint"),
    ],
)
def test_numbers_are_read_as_plivo_writes_them(written: str, read: str) -> None:
    body = f"CallUUID=1&From={written.replace('+', '%2B')}&To=1".encode()
    assert Plivo().parse(RawRequest("POST", "/voice", body=body), "account").caller == read


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("completed", base.ANSWERED),
        ("busy", base.BUSY),
        ("no-answer", base.NO_ANSWER),
        ("timeout", base.NO_ANSWER),
        ("cancel", base.CANCELED),
        ("failed", base.FAILED),
        ("a-word-of-tomorrow", base.FAILED),
        ("", base.FAILED),
    ],
)
def test_each_end_of_a_leg_has_its_word(status: str, outcome: str) -> None:
    request = RawRequest("POST", "/after", body=f"CallUUID=1&DialStatus={status}".encode())
    assert Plivo().parse_leg(request).outcome == outcome
