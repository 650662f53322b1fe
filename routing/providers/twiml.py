"""Answers as TwiML (twilio.com/docs/voice/twiml): one verb, then the provider asks the after URL.

Nothing that a caller wrote gets in here: addresses and headers come from the release, ids are ours.
"""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_noop as _
from twilio.twiml import TwiML
from twilio.twiml.voice_response import Dial, Enqueue, Number, Redirect, Reject, Sip, Task, VoiceResponse

from routing.answers import Answer
from routing.providers.base import (
    E164,
    LONGEST_RING_S,
    Reply,
    caller_hides,
    ring_s,
    sip_address,
    sip_headers,
    turns_away,
    xml_text,
)

LONGEST_SIP_URI = 255
LONGEST_SIP_HEADERS = 1024
"""Limits of the Sip noun (twilio.com/docs/voice/twiml/sip); the second is for all headers of one call."""

HEADER_NAMES = _("any that begins with X-, all together at most 1,024 characters")

_WORKFLOW = re.compile(r"WW[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Speech:
    """How much of TwiML a provider knows: its longest ringing, `answerOnBridge`, TaskRouter workflows.

    `queue_results`: whether it says how the wait in a queue of its own ended.
    """

    longest_ring_s: int = LONGEST_RING_S
    answer_on_bridge: bool = True
    workflows: bool = True
    queue_results: bool = True


TWILIO = Speech()


def render(answer: Answer, next_url: str, own_number: str = "", speech: Speech = TWILIO) -> Reply:
    """One response with the verb that puts `answer` into effect."""
    return _reply(_verb(answer, next_url, own_number, speech))


def end() -> Reply:
    """The empty response: the provider hangs up if the caller has not done so."""
    return _reply(None)


def _reply(verb: TwiML | None) -> Reply:
    response = VoiceResponse()
    if verb is not None:
        response.append(verb)
    return Reply(200, "text/xml; charset=utf-8", response.to_xml().encode())


def _verb(answer: Answer, next_url: str, own_number: str, speech: Speech) -> TwiML:
    if uri := sip_address(answer.get("sip_uri", ""), LONGEST_SIP_URI):
        return _dial(answer, next_url, speech, Sip(xml_text(uri + _header_part(answer.get("headers", {})))))
    if E164.fullmatch(answer.get("phone", "")):
        shown = {"caller_id": own_number} if caller_hides(answer, own_number) else {}
        return _dial(answer, next_url, speech, Number(answer["phone"]), **shown)
    name = xml_text(answer.get("provider_queue", ""))
    if name and (speech.workflows or not _WORKFLOW.fullmatch(name)):
        # Without a result nobody could tell a caller who was served from one to be sent on.
        return _enqueue(answer, next_url if speech.queue_results else "", name)
    if answer.get("action") != "reject" and next_url:
        # Nothing here that this provider can reach: the after stage goes on with the next target.
        return Redirect(xml_text(next_url), method="POST")
    return Reject(reason="busy" if turns_away(answer) else "rejected")


def _dial(answer: Answer, next_url: str, speech: Speech, noun: TwiML, **attributes: str) -> Dial:
    dial = Dial(
        answer_on_bridge=True if speech.answer_on_bridge else None,
        timeout=ring_s(answer, speech.longest_ring_s),
        **attributes,
        **_after(next_url),
    )
    dial.append(noun)
    return dial


def _after(next_url: str) -> dict[str, str]:
    return {"action": xml_text(next_url), "method": "POST"} if next_url else {}


def _header_part(headers: dict[str, str]) -> str:
    """Headers as the URI's query, as many as fit."""
    part = ""
    for name, value in sip_headers(headers).items():
        longer = f"{part}{'&' if part else '?'}{name}={quote(value, safe='')}"
        if len(longer) <= LONGEST_SIP_HEADERS:
            part = longer
    return part


def _enqueue(answer: Answer, next_url: str, name: str) -> Enqueue:
    """A queue by name, or a TaskRouter workflow by id, which also takes the priority."""
    if not _WORKFLOW.fullmatch(name):
        return Enqueue(name, **_after(next_url))
    enqueue = Enqueue(workflow_sid=name, **_after(next_url))
    task: dict[str, Any] = {key: answer[key] for key in ("queue", "tier", "decision_id") if key in answer}
    if skills := answer.get("skills"):
        task["skills"] = skills.split(":")
    enqueue.append(Task(xml_text(json.dumps(task)), priority=answer.get("priority", 0)))
    return enqueue
