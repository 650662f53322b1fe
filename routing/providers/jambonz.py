"""jambonz (class Jambonz): a signed JSON body in, a list of verbs out (docs.jambonz.org: webhooks, dial, enqueue)."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_noop as _

from routing.answers import Answer
from routing.contacts import Contact
from routing.providers import base, payload
from routing.providers.base import E164, Capabilities, LegReport, RawRequest, Reply, SignatureError, VoiceDialect

TOLERANCE_S = 300
LAST_PRIORITY = 999
SHORTEST_WITH_COUNTRY = 11
"""Digits: a carrier that leaves out the plus may also leave out the country, and then the number is shorter."""

_DIALLED = {
    "completed": base.ANSWERED,
    "busy": base.BUSY,
    "no-answer": base.NO_ANSWER,
}
"""`dial_call_status` of the dial verb's actionHook."""

_QUEUED = {
    "bridged": base.ANSWERED,
    "leave": base.ANSWERED,
    "hangup": base.CANCELED,
}
"""`queue_result` of the enqueue verb's actionHook."""


class Jambonz(VoiceDialect):
    """jambonz, by webhook. Its signature covers the body and the time."""

    slug = "jambonz"
    label = "jambonz"
    channels = frozenset({"voice"})
    capabilities = Capabilities(
        target_kinds=frozenset({"sip", "phone", "provider_queue"}),
        custom_headers=True,
        ring_timeout=True,
        several_targets=False,
        after_stage=True,
        signed=True,
        replay_window_s=TOLERANCE_S,
        header_names=_("any that begins with X-"),
        caller_id=frozenset({"callerId"}),
    )

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        """The body is signed with its time, the address is not: so nothing counts that stands in a query."""
        parts = [part.strip().partition("=") for part in request.header("jambonz-signature").split(",")]
        times = [value for name, _is, value in parts if name == "t"]
        proofs = [value.encode("utf-8", "replace") for name, _is, value in parts if name == "v1"]
        if request.method != "POST" or len(times) != 1 or not base.is_recent(times[0], now, TOLERANCE_S):
            raise SignatureError("the signature is missing, too old or from the future")
        signed = times[0].encode() + b"." + request.body
        live = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode() for secret in secrets if secret]
        if not any(hmac.compare_digest(one, proof) for one in live for proof in proofs):
            raise SignatureError("no live secret signed this request")

    def parse(self, request: RawRequest, account: str) -> Contact:
        call = payload.read(request)
        headers = call.part("sip").part("headers")
        return Contact(
            account=account,
            call_id=call.text("call_sid", longest=payload.LONGEST_CALL_ID),
            to=_number(call, "to"),
            caller=_number(call, "from"),
            diverted_from=headers.text("diversion", "Diversion"),
            context={**headers.context((), "x-"), **headers.context((), "X-")},
        )

    def parse_leg(self, request: RawRequest) -> LegReport:
        report = payload.read(request)
        said, outcomes = report.text("queue_result"), _QUEUED
        if not said:
            said, outcomes = report.text("dial_call_status"), _DIALLED
        return LegReport(
            call_id=report.text("call_sid", longest=payload.LONGEST_CALL_ID),
            to=_number(report, "to"),
            caller=_number(report, "from"),
            # Unknown words count as failed: the caller then reaches the next queue instead of nobody.
            outcome=outcomes.get(said, base.FAILED),
            sip_code=report.text("dial_sip_status", longest=3),
            duration_s=report.seconds("queue_time"),
        )

    def render(self, answer: Answer, next_url: str, own_number: str = "") -> Reply:
        return payload.reply([_verb(answer, next_url, own_number)])

    def end(self) -> Reply:
        return payload.reply([{"verb": "hangup"}])


def _number(call: payload.Payload, name: str) -> str:
    return payload.with_plus(call.text(name), SHORTEST_WITH_COUNTRY)


def _verb(answer: Answer, next_url: str, own_number: str) -> dict[str, Any]:
    """The verb that puts `answer` into effect; `redirect` to the next target where jambonz cannot reach this one."""
    after = {"actionHook": next_url} if next_url else {}
    if uri := base.sip_address(answer.get("sip_uri", "")):
        headers = base.sip_headers(answer.get("headers", {}))
        return _dial(answer, {"type": "sip", "sipUri": uri}) | ({"headers": headers} if headers else {}) | after
    if E164.fullmatch(answer.get("phone", "")):
        shown = {"callerId": own_number} if base.caller_hides(answer, own_number) else {}
        return _dial(answer, {"type": "phone", "number": answer["phone"]}) | shown | after
    if name := answer.get("provider_queue", ""):
        priority = min(max(answer.get("priority", LAST_PRIORITY), 0), LAST_PRIORITY)
        return {"verb": "enqueue", "name": name, "priority": priority} | after
    if after and answer.get("action") != "reject":
        return {"verb": "redirect"} | after
    if base.turns_away(answer):
        return {"verb": "sip:decline", "status": 486, "reason": "Busy Here"}
    return {"verb": "sip:decline", "status": 480, "reason": "Temporarily Unavailable"}


def _dial(answer: Answer, target: dict[str, str]) -> dict[str, Any]:
    return {"verb": "dial", "target": [target], "answerOnBridge": True, "timeout": base.ring_s(answer)}
