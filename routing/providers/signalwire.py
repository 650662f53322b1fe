"""SignalWire, for calls by its compatibility XML, cXML (developer.signalwire.com/compatibility-api)."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Sequence
from urllib.parse import urlsplit

from routing.providers import forms, twiml
from routing.providers.base import Capabilities, RawRequest, SignatureError
from routing.providers.twiml_dialect import TwimlDialect

_PORTS = {"https": 443, "http": 80}


class SignalWire(TwimlDialect):
    """SignalWire cXML. Signed like Twilio's, with the Signing Key, but repeated fields keep the order they came in."""

    slug = "signalwire"
    label = "SignalWire"
    capabilities = Capabilities(
        target_kinds=frozenset({"sip", "phone", "provider_queue"}),
        custom_headers=True,
        ring_timeout=True,
        several_targets=False,
        after_stage=True,
        signed=True,
        header_names=twiml.HEADER_NAMES,
        caller_id=frozenset({"callerId"}),
    )
    speech = twiml.Speech(workflows=False)

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        if not public_url:
            raise SignatureError("the account has no public address")
        pairs = forms.body_pairs(request) if request.method == "POST" else []
        # Sorted by name alone: the sort is stable, so a repeated field keeps its order.
        fields = "".join(name + value for name, value in sorted(pairs, key=lambda pair: pair[0]))
        proof = request.header("x-signalwire-signature").encode("utf-8", "surrogatepass")
        texts = [(url + fields).encode("utf-8", "surrogatepass") for url in _spellings(request.url(public_url))]
        valid = [hmac.compare_digest(_proof(text, key), proof) for key in secrets if key for text in texts]
        if not any(valid):
            raise SignatureError("no live secret signed this request")


def _proof(text: bytes, key: str) -> bytes:
    return b64encode(hmac.digest(key.encode(), text, hashlib.sha1))


def _spellings(url: str) -> list[str]:
    """`url` as it is, and with the scheme's own port written out or left out: the provider may do either."""
    parts = urlsplit(url)
    own = _PORTS.get(parts.scheme)
    if own is None or parts.port not in (None, own):
        return [url]
    bare = parts.netloc.removesuffix(f":{own}")
    return [parts._replace(netloc=bare).geturl(), parts._replace(netloc=f"{bare}:{own}").geturl()]
