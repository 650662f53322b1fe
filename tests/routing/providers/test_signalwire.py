"""SignalWire's own signing rule, against proofs made by its own validator (signalwire-sdk 3.7.5)."""

import pytest

from routing.providers.base import RawRequest, SignatureError
from routing.providers.signalwire import SignalWire

PUBLIC_URL = "https://calls.example.com"
KEY = "PSK-of-signalwire"
FIELDS = b"CallSid=c-1&From=%2B15550100&To=%2B15550199"
REPEATED = b"b=2&a=z&a=y&a=z&c="


def verify(body: bytes, proof: str, query: str = "", public_url: str = PUBLIC_URL, method: str = "POST") -> None:
    headers = {"x-signalwire-signature": proof}
    request = RawRequest(method, "/api/v1/p/1/voice", query, headers, body)
    SignalWire().verify(request, ["", "an-older-key", KEY], public_url, 0.0)


@pytest.mark.parametrize(
    ("body", "query", "proof"),
    [
        pytest.param(FIELDS, "", "atTen/eAV6T2muRJVX7wWOAuRp0=", id="a call"),
        pytest.param(FIELDS, "", "W+seXOSkoRYAEX/a40lukbaShZQ=", id="with the port written out"),
        pytest.param(REPEATED, "", "i75c5ffVDRHfjmFa7c2BTdvhBME=", id="repeated fields in their order"),
        pytest.param(b"", "x=1&w=", "mB2jJGvUGyZpDILsVcpfRQ2nqxI=", id="a query alone"),
        pytest.param(b"Name=Zo%C3%AB+%26", "", "hJBy58tc0BGIMXEb5G71ZR0mbD0=", id="other alphabets"),
    ],
)
def test_what_signalwire_signed_is_accepted(body: bytes, query: str, proof: str) -> None:
    verify(body, proof, query)


def test_an_address_with_its_port_is_the_same_one() -> None:
    verify(FIELDS, "atTen/eAV6T2muRJVX7wWOAuRp0=", public_url="https://calls.example.com:443")


@pytest.mark.parametrize(
    ("body", "query", "public_url", "method"),
    [
        pytest.param(b"b=2&a=y&a=z&a=z&c=", "", PUBLIC_URL, "POST", id="repeated fields in another order"),
        pytest.param(REPEATED + b"&d=1", "", PUBLIC_URL, "POST", id="a field more"),
        pytest.param(REPEATED, "x=1", PUBLIC_URL, "POST", id="a query added"),
        pytest.param(REPEATED, "", "http://calls.example.com", "POST", id="another scheme"),
        pytest.param(REPEATED, "", "https://calls.example.com:8443", "POST", id="another port"),
        pytest.param(REPEATED, "", "", "POST", id="no public address"),
        pytest.param(REPEATED, "", PUBLIC_URL, "GET", id="by GET"),
    ],
)
def test_anything_else_is_refused(body: bytes, query: str, public_url: str, method: str) -> None:
    with pytest.raises(SignatureError):
        verify(body, "i75c5ffVDRHfjmFa7c2BTdvhBME=", query, public_url, method)
