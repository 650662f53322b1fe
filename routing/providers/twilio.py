"""Twilio, for calls: a signed form in, TwiML out (twilio.com/docs/voice/twiml, usage/security)."""

from collections.abc import Sequence

from twilio.request_validator import RequestValidator, get_signature_algorithm

from routing.providers import forms, twiml
from routing.providers.base import Capabilities, RawRequest, SignatureError
from routing.providers.twiml_dialect import TwimlDialect


class Twilio(TwimlDialect):
    """Twilio Programmable Voice. Its signature carries no time: a repeated CallSid gets the same answer."""

    slug = "twilio"
    label = "Twilio"
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
    speech = twiml.TWILIO

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        if not public_url:
            raise SignatureError("the account has no public address")
        signature = request.header("x-twilio-signature")
        # An Auth Token signs with SHA-1; a shared key with what this header names. Another algorithm is never valid.
        algorithm = get_signature_algorithm(request.header("x-twilio-webhooks-signature-settings"))
        fields = forms.read(request) if request.method == "POST" else forms.Form()
        url = request.url(public_url)
        # All secrets are tried, so that time does not tell which one is live. The validator wants text, never None.
        valid = [RequestValidator(secret).validate(url, fields, signature, algorithm) for secret in secrets if secret]
        if not any(valid):
            raise SignatureError("no live secret signed this request")
