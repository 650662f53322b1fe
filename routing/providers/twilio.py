"""Twilio, for calls: a signed form in, TwiML out (twilio.com/docs/voice/twiml, usage/security)."""

from collections.abc import Sequence
from urllib.parse import parse_qs

from twilio.request_validator import RequestValidator

from contactcenter.foundation.values import Value
from routing.answers import Answer
from routing.contacts import Contact
from routing.providers import base, twiml
from routing.providers.base import Capabilities, LegReport, RawRequest, Reply, SignatureError, VoiceDialect

LONGEST_CALL_ID = 128
LONGEST_TEXT = 256
MOST_CONTEXT = 50

_SIP_HEADER = "SipHeader_"
_PLAIN_CONTEXT = ("Digits", "Direction")

_DIALLED = {
    "completed": base.ANSWERED,
    "answered": base.ANSWERED,
    "busy": base.BUSY,
    "no-answer": base.NO_ANSWER,
    "canceled": base.CANCELED,
}
"""DialCallStatus of the Dial verb's action."""

_QUEUED = {
    "bridged": base.ANSWERED,
    "bridging-in-process": base.ANSWERED,
    "redirected": base.ANSWERED,
    "redirected-from-bridged": base.ANSWERED,
    "leave": base.ANSWERED,
    "queue-full": base.BUSY,
    "hangup": base.CANCELED,
}
"""QueueResult of the Enqueue verb's action."""


class Form(dict[str, list[str]]):
    """A form's fields, each with all its values, as the validator wants to read them."""

    def getlist(self, name: str) -> list[str]:
        return self[name]

    def first(self, name: str, longest: int = LONGEST_TEXT) -> str:
        return base.one_line(self.get(name, [""])[0], longest)


class Twilio(VoiceDialect):
    """Twilio Programmable Voice. Its signature carries no time: a repeated CallSid gets the same answer."""

    slug = "twilio"
    label = "Twilio"
    channels = frozenset({"voice"})
    capabilities = Capabilities(
        target_kinds=frozenset({"sip", "phone", "provider_queue"}),
        custom_headers=True,
        ring_timeout=True,
        several_targets=False,
        after_stage=True,
        signed=True,
    )

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str) -> None:
        if not public_url:
            raise SignatureError("the account has no public address")
        signature = request.header("x-twilio-signature")
        fields = _form(request) if request.method == "POST" else Form()
        url = request.url(public_url)
        # All secrets are tried, so that time does not tell which one is live. The validator wants text, never None.
        valid = [RequestValidator(secret).validate(url, fields, signature) for secret in secrets if secret]
        if not any(valid):
            raise SignatureError("no live secret signed this request")

    def parse(self, request: RawRequest, account: str) -> Contact:
        form = _form(request)
        return Contact(
            account=account,
            call_id=form.first("CallSid", LONGEST_CALL_ID),
            to=form.first("To"),
            caller=form.first("From"),
            channel="voice",
            diverted_from=form.first("ForwardedFrom"),
            context=_context(form),
        )

    def parse_leg(self, request: RawRequest) -> LegReport:
        form = _form(request)
        outcome = _QUEUED if "QueueResult" in form else _DIALLED
        said = form.first("QueueResult") or form.first("DialCallStatus")
        duration = form.first("DialCallDuration", 9)
        return LegReport(
            call_id=form.first("CallSid", LONGEST_CALL_ID),
            to=form.first("To"),
            caller=form.first("From"),
            # Unknown words count as failed: the caller then reaches the next queue instead of nobody.
            outcome=outcome.get(said, base.FAILED),
            sip_code=form.first("DialSipResponseCode", 3),
            duration_s=int(duration) if duration.isascii() and duration.isdigit() else None,
        )

    def render(self, answer: Answer, next_url: str, own_number: str = "") -> Reply:
        return twiml.render(answer, next_url, own_number)

    def end(self) -> Reply:
        return twiml.end()


def _form(request: RawRequest) -> Form:
    raw = request.body.decode("utf-8", "replace") if request.method == "POST" else request.query_string
    return Form(parse_qs(raw, keep_blank_values=True))


def _context(form: Form) -> dict[str, Value]:
    """What an IVR collected: keyed digits, and SIP headers by their names without `X-`."""
    context: dict[str, Value] = {}
    for name in form:
        plain = name.removeprefix(_SIP_HEADER)
        if plain == name and name not in _PLAIN_CONTEXT:
            continue
        key = base.context_name(plain)
        if key and len(context) < MOST_CONTEXT:
            context.setdefault(key, form.first(name))
    return context
