"""Answers as TwiML (twilio.com/docs/voice/twiml): one verb, then the provider asks the after URL.

Nothing that a caller wrote gets in here: addresses and headers come from the release, ids are ours.
"""

import json
import re
from typing import Any
from urllib.parse import quote

from twilio.twiml import TwiML
from twilio.twiml.voice_response import Dial, Enqueue, Number, Redirect, Reject, Sip, Task, VoiceResponse

from routing.answers import Answer
from routing.providers.base import Reply, xml_text

LONGEST_SIP_URI = 255
LONGEST_SIP_HEADERS = 1024
"""Limits of the Sip noun (twilio.com/docs/voice/twiml/sip); the second is for all headers of one call."""

SHORTEST_RING_S, LONGEST_RING_S = 5, 600

_SIP_URI = re.compile(r"sips?:[^\s<>\"]+")
_HEADER = re.compile(r"X-[A-Za-z0-9-]{1,40}")
_E164 = re.compile(r"\+[1-9][0-9]{5,14}")
_WORKFLOW = re.compile(r"WW[0-9a-f]{32}")


def render(answer: Answer, next_url: str, own_number: str = "") -> Reply:
    """One response with the verb that puts `answer` into effect."""
    return _reply(_verb(answer, next_url, own_number))


def end() -> Reply:
    """The empty response: the provider hangs up if the caller has not done so."""
    return _reply(None)


def _reply(verb: TwiML | None) -> Reply:
    response = VoiceResponse()
    if verb is not None:
        response.append(verb)
    return Reply(200, "text/xml; charset=utf-8", response.to_xml().encode())


def _verb(answer: Answer, next_url: str, own_number: str) -> TwiML:
    if uri := _dialable(answer.get("sip_uri", "")):
        return _dial(answer, next_url, Sip(xml_text(uri + _header_part(answer.get("headers", {})))))
    if _E164.fullmatch(answer.get("phone", "")):
        shown = _caller_id(answer, own_number)
        return _dial(answer, next_url, Number(answer["phone"]), **shown)
    if name := xml_text(answer.get("provider_queue", "")):
        return _enqueue(answer, next_url, name)
    if answer.get("action") != "reject" and next_url:
        # Nothing here that this provider can reach: the after stage goes on with the next target.
        return Redirect(xml_text(next_url), method="POST")
    return Reject(reason="rejected")


def _dial(answer: Answer, next_url: str, noun: TwiML, **attributes: str) -> Dial:
    ring_s = answer.get("answer_timeout_ms", 30_000) // 1000
    dial = Dial(
        answer_on_bridge=True,
        timeout=min(max(ring_s, SHORTEST_RING_S), LONGEST_RING_S),
        **attributes,
        **_after(next_url),
    )
    dial.append(noun)
    return dial


def _after(next_url: str) -> dict[str, str]:
    return {"action": xml_text(next_url), "method": "POST"} if next_url else {}


def _dialable(uri: str) -> str:
    return uri if _SIP_URI.fullmatch(uri) and len(uri) <= LONGEST_SIP_URI else ""


def _header_part(headers: dict[str, str]) -> str:
    """Headers as the URI's query, as many as fit."""
    part = ""
    for name, value in headers.items():
        longer = f"{part}{'&' if part else '?'}{name}={quote(value, safe='')}"
        if _HEADER.fullmatch(name) and len(longer) <= LONGEST_SIP_HEADERS:
            part = longer
    return part


def _caller_id(answer: Answer, own_number: str) -> dict[str, str]:
    """The called number where the caller hides his: networks refuse "anonymous" as a calling number.

    Otherwise nothing: the caller's own number is passed on as it came, and no other would be accepted.
    """
    hidden = not answer.get("caller_id") and _E164.fullmatch(own_number)
    return {"caller_id": own_number} if hidden else {}


def _enqueue(answer: Answer, next_url: str, name: str) -> Enqueue:
    """A queue by name, or a TaskRouter workflow by id, which also takes the priority."""
    if not _WORKFLOW.fullmatch(name):
        return Enqueue(name, **_after(next_url))
    enqueue = Enqueue(workflow_sid=name, **_after(next_url))
    task: dict[str, Any] = {key: answer[key] for key in ("queue", "tier", "decision_id") if key in answer}
    enqueue.append(Task(xml_text(json.dumps(task)), priority=answer.get("priority", 0)))
    return enqueue
