"""Vonage (class Vonage), for calls: a signed JSON body in, an NCCO out.

developer.vonage.com: Voice API webhook reference, NCCO reference, decoding signed webhooks.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import jwt
from django.utils.translation import gettext_noop as _

from routing.answers import Answer
from routing.contacts import Contact
from routing.providers import base, payload
from routing.providers.base import E164, Capabilities, LegReport, RawRequest, Reply, SignatureError, VoiceDialect

TOLERANCE_S = 300

_ENDED = {
    "completed": base.ANSWERED,
    "busy": base.BUSY,
    "timeout": base.NO_ANSWER,
    "unanswered": base.NO_ANSWER,
    "rejected": base.FAILED,
    "failed": base.FAILED,
    "cancelled": base.CANCELED,
}
"""`status` of the events at a connect action's eventUrl, as far as they end the leg."""

_GOES_ON = frozenset({"started", "ringing", "answered", "human", "machine", "record", "input", "transfer"})

_JWT_OPTIONS: Any = {
    "require": ["iat", "payload_hash"],
    # Times are held against our clock below, and each account's key is its own audience.
    **dict.fromkeys(("verify_iat", "verify_nbf", "verify_exp", "verify_aud", "verify_iss"), False),
}


class Vonage(VoiceDialect):
    """Vonage Voice API. A token signs the body's hash and the time; numbers come and go without their plus."""

    slug = "vonage"
    label = "Vonage"
    channels = frozenset({"voice"})
    capabilities = Capabilities(
        target_kinds=frozenset({"sip", "phone"}),
        custom_headers=True,
        ring_timeout=True,
        several_targets=False,
        after_stage=True,
        signed=True,
        replay_window_s=TOLERANCE_S,
        header_names=_("any that begins with X-"),
        caller_id=frozenset({"callerId"}),
    )
    # Vonage waits 5 s for an answer, and 3 s of that for the connection.
    deadline_s = 0.8

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        """The token signs the body and the time, not the address: so nothing counts that stands in a query."""
        scheme, _space, token = request.header("authorization").partition(" ")
        if request.method != "POST" or scheme.lower() != "bearer":
            raise SignatureError("only a posted body is signed")
        claims = [found for secret in secrets if secret and (found := _claims(token, secret)) is not None]
        if not claims:
            raise SignatureError("no live secret signed this request")
        if not base.is_recent(str(claims[0]["iat"]), now, TOLERANCE_S):
            raise SignatureError("the signature is too old or from the future")
        digest = hashlib.sha256(request.body).hexdigest()
        if not hmac.compare_digest(digest.encode(), str(claims[0]["payload_hash"]).encode("utf-8", "replace")):
            raise SignatureError("the body is not the one that was signed")

    def parse(self, request: RawRequest, account: str) -> Contact:
        call = payload.read(request)
        return Contact(
            account=account,
            # The conversation's id also comes with the events of the other leg.
            call_id=call.text("conversation_uuid", "uuid", longest=payload.LONGEST_CALL_ID),
            to=payload.with_plus(call.text("to")),
            caller=payload.with_plus(call.text("from")),
            context=call.context((), "SipHeader_"),
        )

    def parse_leg(self, request: RawRequest) -> LegReport:
        event = payload.read(request)
        status = event.text("status")
        return LegReport(
            call_id=event.text("conversation_uuid", "uuid", longest=payload.LONGEST_CALL_ID),
            # Of the leg that we dialled: it comes from the called number and goes to the queue.
            to=payload.with_plus(event.text("from")),
            caller="",
            outcome="" if status in _GOES_ON else _ENDED.get(status, base.FAILED),
            sip_code=event.text("sip_code", longest=3),
            duration_s=event.seconds("duration"),
        )

    def render(self, answer: Answer, next_url: str, own_number: str = "") -> Reply:
        endpoint = _endpoint(answer)
        if endpoint is None:
            # An NCCO cannot refuse a call or fetch another: `notify` asks, and an empty one hangs up.
            ask = {"action": "notify", "payload": {"reason": "next"}} | _after(next_url)
            return payload.reply([ask] if next_url and answer.get("action") != "reject" else [])
        connect: dict[str, Any] = {"action": "connect", "timeout": base.ring_s(answer), "endpoint": [endpoint]}
        if E164.fullmatch(own_number):
            connect["from"] = own_number.removeprefix("+")  # Vonage shows none but its own numbers
        if next_url:
            connect |= {"eventType": "synchronous"} | _after(next_url)
        return payload.reply([connect])

    def end(self) -> Reply:
        """No NCCO at all, which leaves the call as it is: these events come while people talk, too."""
        return Reply(204, "application/json", b"")


def _claims(token: str, secret: str) -> dict[str, Any] | None:
    try:
        return jwt.decode(token, secret, algorithms=["HS256"], options=_JWT_OPTIONS)
    except (jwt.PyJWTError, ValueError, RecursionError):  # the token's head is parsed before it is verified
        return None


def _endpoint(answer: Answer) -> dict[str, Any] | None:
    """A SIP address with our headers, to which Vonage adds `X-`; or a phone number; None for anything else."""
    if uri := base.sip_address(answer.get("sip_uri", "")):
        headers = {name[2:]: value for name, value in base.sip_headers(answer.get("headers", {})).items()}
        return {"type": "sip", "uri": uri} | ({"headers": headers} if headers else {})
    if E164.fullmatch(answer.get("phone", "")):
        return {"type": "phone", "number": answer["phone"].removeprefix("+")}
    return None


def _after(next_url: str) -> dict[str, Any]:
    return {"eventMethod": "POST", "eventUrl": [next_url]}
