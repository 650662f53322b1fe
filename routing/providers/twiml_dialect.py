"""What those who speak TwiML have in common: Twilio's form fields in, TwiML out. A member adds its signature."""

from typing import ClassVar

from routing.answers import Answer
from routing.contacts import Contact
from routing.providers import base, forms, twiml
from routing.providers.base import LegReport, RawRequest, Reply, VoiceDialect

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


class TwimlDialect(VoiceDialect):
    """Calls asked about in Twilio's fields and answered in TwiML, as far as `speech` says the provider knows it."""

    channels = frozenset({"voice"})
    speech: ClassVar[twiml.Speech]

    def parse(self, request: RawRequest, account: str) -> Contact:
        form = forms.read(request)
        return Contact(
            account=account,
            call_id=form.first("CallSid", forms.LONGEST_CALL_ID),
            to=form.first("To"),
            caller=form.first("From"),
            channel="voice",
            diverted_from=form.first("ForwardedFrom"),
            context=form.context(("Digits", "Direction"), "SipHeader_"),
        )

    def parse_leg(self, request: RawRequest) -> LegReport:
        form = forms.read(request)
        outcome = _QUEUED if "QueueResult" in form else _DIALLED
        said = form.first("QueueResult") or form.first("DialCallStatus")
        return LegReport(
            call_id=form.first("CallSid", forms.LONGEST_CALL_ID),
            to=form.first("To"),
            caller=form.first("From"),
            # Unknown words count as failed: the caller then reaches the next queue instead of nobody.
            outcome=outcome.get(said, base.FAILED),
            sip_code=form.first("DialSipResponseCode", 3),
            duration_s=form.seconds("DialCallDuration"),
        )

    def render(self, answer: Answer, next_url: str, own_number: str = "") -> Reply:
        return twiml.render(answer, next_url, own_number, self.speech)

    def end(self) -> Reply:
        return twiml.end()
