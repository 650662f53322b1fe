"""FreeSWITCH (class FreeSwitch): mod_xml_curl asks for a dialplan by a form, and gets one as XML.

developer.signalwire.com/freeswitch: mod_xml_curl, bridge, continue_on_fail, mod_callcenter. Nothing is signed:
a long secret by Basic authentication, from named networks only.
"""

import hmac
import re
import xml.etree.ElementTree as ET
from base64 import b64decode
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_noop as _

from routing.access import SHORTEST_SHARED_SECRET
from routing.answers import Answer
from routing.contacts import Contact
from routing.providers import base, forms
from routing.providers.base import (
    BEHIND,
    E164,
    VOICE,
    Capabilities,
    LegReport,
    RawRequest,
    Reply,
    SignatureError,
    VoiceDialect,
)

CONTEXT = "global"
"""Where FreeSWITCH looks when the answer has no context of the caller's own name (mod_dialplan_xml)."""

PROFILE, GATEWAY, CALLCENTER_DOMAIN = "external", "pstn", "default"
"""The SIP profile that dials phone systems, the gateway to the telephone network, the domain of its queues."""

Action = tuple[str, str]

# Whatever else is a sign in a dial string or a variable there: , | [ ] { } $ ( ) ' \ and spaces.
_USER = re.compile(r"[A-Za-z0-9_.+*~!=/-]+")
_DIALABLE = re.compile(rf"sips?:{_USER.pattern}@[A-Za-z0-9.-]+(:[0-9]+)?(;transport=[a-z]+)?")
_HEADER = re.compile(r"X-[A-Za-z0-9-]{1,40}")
_VALUE = re.compile(r"[A-Za-z0-9_.:+-]{1,200}")
_QUEUE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SAYABLE = {"sip": _USER, "phone": E164, "provider_queue": _QUEUE}


class FreeSwitch(VoiceDialect):
    """FreeSWITCH by mod_xml_curl. It tries the targets of one answer by itself, so there is no after stage."""

    slug = "freeswitch"
    label = "FreeSWITCH (mod_xml_curl)"
    channels = frozenset({"voice"})
    capabilities = Capabilities(
        target_kinds=frozenset({"sip", "phone", "provider_queue"}),
        custom_headers=True,
        ring_timeout=True,
        several_targets=True,
        after_stage=False,
        signed=False,
        header_names=_("any that begins with X-; letters, digits and . : _ + - in the value"),
        caller_id=frozenset({"callerId"}),
    )
    stages = frozenset({VOICE})
    asks_once = True

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        """Any user name with one of the secrets; one that is too short never counts."""
        scheme, _space, encoded = request.header("authorization").partition(" ")
        try:
            _user, _colon, given = b64decode(encoded, validate=True).partition(b":")
        except ValueError:
            raise SignatureError("the Authorization header cannot be read") from None
        live = [plain for secret in secrets if len(plain := secret.encode()) >= SHORTEST_SHARED_SECRET]
        if scheme.lower() != "basic" or not any(hmac.compare_digest(given, plain) for plain in live):
            raise SignatureError("the request does not say a live secret")

    def parse(self, request: RawRequest, account: str) -> Contact:
        form = forms.read(request)
        return Contact(
            account=account,
            call_id=form.first("Unique-ID", forms.LONGEST_CALL_ID),
            to=form.first("Hunt-Destination-Number") or form.first("Caller-Destination-Number"),
            caller=form.first("Hunt-Caller-ID-Number") or form.first("Caller-Caller-ID-Number"),
            diverted_from=form.first("variable_sip_h_Diversion") or form.first("Caller-RDNIS"),
            context=form.context((), "variable_sip_h_X-"),
        )

    def parse_leg(self, request: RawRequest) -> LegReport:
        """Never asked for: there is no after stage."""
        return LegReport("", "", "", base.FAILED)

    def render(self, answer: Answer, next_url: str, own_number: str = "") -> Reply:
        if base.turns_away(answer):
            return _dialplan([("respond", "486 Busy Here")])
        return _dialplan([*_legs(answer, own_number), ("respond", "480 Temporarily Unavailable")])

    def end(self) -> Reply:
        return _dialplan([("hangup", "NORMAL_CLEARING")])

    def takes(self, kind: str, address: str) -> bool:
        return kind in _SAYABLE and _SAYABLE[kind].fullmatch(address) is not None

    def is_dead_end(self, answer: Answer) -> bool:
        dialled = [application for application, _data in _legs(answer, "") if application != "set"]
        return answer["action"] != "reject" and not dialled


def _dialplan(actions: list[Action]) -> Reply:
    document = ET.Element("document", type="freeswitch/xml")
    section = ET.SubElement(document, "section", name="dialplan")
    extension = ET.SubElement(ET.SubElement(section, "context", name=CONTEXT), "extension", name="contact-centre")
    condition = ET.SubElement(extension, "condition")
    for application, data in actions:
        ET.SubElement(condition, "action", application=application, data=data)
    return Reply(200, "text/xml; charset=utf-8", ET.tostring(document, encoding="utf-8", xml_declaration=True))


def _legs(answer: Answer, own_number: str) -> Iterator[Action]:
    """Everything that is tried, in its order and once; the next one when the one before was not answered."""
    yield "set", "hangup_after_bridge=true"
    yield "set", "continue_on_fail=true"
    tried = set[str]()
    for each in (answer, *answer.get(BEHIND, ())):
        for setting, action in _targets(each, own_number):
            address = action[1].rpartition("]")[2]
            if address not in tried:
                tried.add(address)
                yield from (("set", setting), action)


def _targets(answer: Answer, own_number: str) -> Iterator[tuple[str, Action]]:
    """What one answer names: the variable that goes before, and the action."""
    if _QUEUE.fullmatch(answer.get("provider_queue", "")):
        waits = "callcenter", f"{answer['provider_queue']}@{CALLCENTER_DOMAIN}"
        yield f"cc_base_score={int(answer.get('priority', 0))}", waits
    if E164.fullmatch(answer.get("phone", "")):
        shown = f"[origination_caller_id_number={own_number}]" if base.caller_hides(answer, own_number) else ""
        yield f"call_timeout={base.ring_s(answer)}", ("bridge", f"{shown}sofia/gateway/{GATEWAY}/{answer['phone']}")
    for route in answer.get("routes", []):
        if _DIALABLE.fullmatch(route["uri"]):
            rings_s = base.ring_s({"answer_timeout_ms": route["fr_inv_timer"]})
            address = f"sofia/{PROFILE}/{route['uri'].removeprefix('sip:')}"
            yield f"call_timeout={rings_s}", ("bridge", _variables(route["headers"]["extra"]) + address)


def _variables(headers: str) -> str:
    """Headers, each on a line of its own, as variables of one leg."""
    pairs = [line.partition(": ") for line in headers.split("\r\n")]
    safe = [
        f"sip_h_{name}={value}" for name, _is, value in pairs if _HEADER.fullmatch(name) and _VALUE.fullmatch(value)
    ]
    return f"[{','.join(safe)}]" if safe else ""
