"""Telnyx, for calls by TeXML (developers.telnyx.com: TeXML instruction fetching, verbs, webhook signatures)."""

from base64 import b64decode
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils.translation import gettext_noop as _

from routing.providers import twiml
from routing.providers.base import Capabilities, RawRequest, SignatureError, is_recent
from routing.providers.twiml_dialect import TwimlDialect

TOLERANCE_S = 300


class Telnyx(TwimlDialect):
    """Telnyx TeXML, a dialect of TwiML. The account's secret is the public key that Telnyx shows in its portal."""

    slug = "telnyx"
    label = "Telnyx"
    capabilities = Capabilities(
        target_kinds=frozenset({"sip", "phone", "provider_queue"}),
        custom_headers=True,
        ring_timeout=True,
        several_targets=False,
        after_stage=True,
        signed=True,
        replay_window_s=TOLERANCE_S,
        header_names=twiml.HEADER_NAMES,
        caller_id=frozenset({"callerId"}),
        longest_ring_s=120,
    )
    speech = twiml.Speech(longest_ring_s=120, answer_on_bridge=False, workflows=False, queue_results=False)

    def misfit(self, secret: str) -> str:
        try:
            _public_key(secret)
        except ValueError:
            return _(
                "This is not Telnyx’s public key: 44 characters that end in =. "
                "It stands in its portal under Keys & Credentials, Public Key; the API key is another one."
            )
        return ""

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        """The body is signed with its time, the address is not: so nothing counts that stands in a query."""
        if request.method != "POST":
            raise SignatureError("only a posted body is signed")
        timestamp = request.header("telnyx-timestamp")
        if not is_recent(timestamp, now, TOLERANCE_S):
            raise SignatureError("the signature is too old or from the future")
        signed = f"{timestamp}|".encode() + request.body
        proof = request.header("telnyx-signature-ed25519")
        if not any(_signed(signed, proof, key) for key in secrets):
            raise SignatureError("no live key signed this request")


def _public_key(text: str) -> Ed25519PublicKey:
    """The key as Telnyx shows it. Raises ValueError for what is none."""
    return Ed25519PublicKey.from_public_bytes(b64decode(text, validate=True))


def _signed(signed: bytes, proof: str, public_key: str) -> bool:
    """Whether the owner of `public_key` signed these bytes; a key or proof that is none counts as no."""
    try:
        _public_key(public_key).verify(b64decode(proof, validate=True), signed)
    except (ValueError, InvalidSignature):
        return False
    return True
