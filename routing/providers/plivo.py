"""Plivo, for calls: a signed form in, Plivo XML out (docs.plivo.com: voice XML, signature validation V3)."""

import hashlib
import hmac
import re
import xml.etree.ElementTree as ET
from base64 import b64encode
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from django.utils.translation import gettext_noop as _

from routing.answers import Answer
from routing.contacts import Contact
from routing.providers import base, forms
from routing.providers.base import Capabilities, LegReport, RawRequest, Reply, SignatureError, VoiceDialect

LONGEST_HEADER_NAME, LONGEST_HEADER_VALUE = 24, 120
"""Limits of custom SIP headers; pairs beyond them are dropped without a word (support.plivo.com, SIP header rules)."""

RESERVED = ("ph", "plivo", "fs", "sipauth", "zt", "twilio")
"""Beginnings of header names that Plivo keeps to itself."""

_OUTCOMES = {
    "completed": base.ANSWERED,
    "answer": base.ANSWERED,
    "busy": base.BUSY,
    "no-answer": base.NO_ANSWER,
    "timeout": base.NO_ANSWER,
    "cancel": base.CANCELED,
    "canceled": base.CANCELED,
}
"""DialStatus of the Dial element's action."""

_BARE_NUMBER = re.compile(r"[1-9][0-9]{6,14}")
_NO_LETTER_OR_DIGIT = re.compile(r"[^A-Za-z0-9]")

Pairs = list[tuple[str, str]]


class Plivo(VoiceDialect):
    """Plivo Voice. Numbers come without their plus; its signature carries a nonce but no time."""

    slug = "plivo"
    label = "Plivo"
    channels = frozenset({"voice"})
    capabilities = Capabilities(
        target_kinds=frozenset({"sip", "phone"}),
        custom_headers=True,
        ring_timeout=True,
        several_targets=False,
        after_stage=True,
        signed=True,
        header_names=_("letters and digits only; X-Customer-Tier arrives as X-PH-Customertier"),
        caller_id=frozenset({"callerId"}),
    )

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        if not public_url:
            raise SignatureError("the account has no public address")
        nonce = request.header("x-plivo-signature-v3-nonce")
        text = f"{_signed_text(request, public_url)}.{nonce}".encode("utf-8", "surrogatepass")
        # While a token is being changed, Plivo sends one proof for each.
        proofs = request.header("x-plivo-signature-v3").encode("utf-8", "surrogatepass").split(b",")
        ours = [b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)) for secret in secrets if secret]
        valid = [hmac.compare_digest(own, proof.strip()) for own in ours for proof in proofs]
        if not any(valid):
            raise SignatureError("no live secret signed this request")

    def parse(self, request: RawRequest, account: str) -> Contact:
        form = forms.read(request)
        return Contact(
            account=account,
            call_id=form.first("CallUUID", forms.LONGEST_CALL_ID),
            to=_with_plus(form.first("To")),
            caller=_with_plus(form.first("From")),
            channel="voice",
            diverted_from=_with_plus(form.first("ForwardedFrom")),
            context=form.context(("Digits", "Direction"), "X-PH-"),
        )

    def parse_leg(self, request: RawRequest) -> LegReport:
        form = forms.read(request)
        return LegReport(
            call_id=form.first("CallUUID", forms.LONGEST_CALL_ID),
            to=_with_plus(form.first("To")),
            caller=_with_plus(form.first("From")),
            outcome=_OUTCOMES.get(form.first("DialStatus").lower(), base.FAILED),
            duration_s=form.seconds("DialBLegDuration"),
        )

    def render(self, answer: Answer, next_url: str, own_number: str = "") -> Reply:
        return _reply(_element(answer, next_url, own_number))

    def end(self) -> Reply:
        return _reply(ET.Element("Hangup"))


def _reply(element: ET.Element) -> Reply:
    response = ET.Element("Response")
    response.append(element)
    return Reply(200, "text/xml; charset=utf-8", ET.tostring(response, encoding="utf-8", xml_declaration=True))


def _signed_text(request: RawRequest, public_url: str) -> str:
    """What Plivo signs: the address with its query sorted, then the posted fields sorted; values sorted as well."""
    url = f"{public_url}{request.path}"
    query = "&".join(f"{name}={value}" for name, value in sorted(parse_qsl(request.query_string, True)))
    posted = sorted(forms.body_pairs(request)) if request.method == "POST" else []
    fields = "".join(name + value for name, value in posted)
    # Fields alone still follow a question mark; a full stop parts them from a query only.
    question_mark = "?" if query or posted else ""
    full_stop = "." if query and posted else ""
    return f"{url}{question_mark}{query}{full_stop}{fields}"


def _element(answer: Answer, next_url: str, own_number: str) -> ET.Element:
    if uri := base.sip_address(answer.get("sip_uri", "")):
        user = ET.Element("User")
        if headers := _headers(answer.get("headers", {})):
            user.set("sipHeaders", headers)
        return _dial(answer, next_url, user, uri)
    if base.E164.fullmatch(answer.get("phone", "")):
        # Numbers are written without their plus, as in all of Plivo's own examples.
        shown = {"callerId": own_number[1:]} if base.caller_hides(answer, own_number) else {}
        return _dial(answer, next_url, ET.Element("Number"), answer["phone"][1:], **shown)
    if answer.get("action") != "reject" and next_url:
        # Nothing here that this provider can reach: the after stage goes on with the next target.
        redirect = ET.Element("Redirect", method="POST")
        redirect.text = base.xml_text(next_url)
        return redirect
    return ET.Element("Hangup", reason="busy" if base.turns_away(answer) else "rejected")


def _dial(answer: Answer, next_url: str, noun: ET.Element, address: str, **attributes: str) -> ET.Element:
    after = {"action": base.xml_text(next_url), "method": "POST"} if next_url else {}
    dial = ET.Element("Dial", {"timeout": str(base.ring_s(answer))} | after | attributes)
    noun.text = base.xml_text(address)
    dial.append(noun)
    return dial


def _headers(headers: Mapping[str, str]) -> str:
    """Headers as Plivo takes them, without `X-` and hyphens, first letter large: X-PH- is put before each."""
    pairs = []
    for name, value in base.sip_headers(headers).items():
        plain = _NO_LETTER_OR_DIGIT.sub("", name.removeprefix("X-")).capitalize()
        if plain and len(plain) <= LONGEST_HEADER_NAME and not plain.lower().startswith(RESERVED):
            pairs.append(f"{plain}={_NO_LETTER_OR_DIGIT.sub('', value)[:LONGEST_HEADER_VALUE]}")
    return ",".join(pairs)


def _with_plus(number: str) -> str:
    return f"+{number}" if _BARE_NUMBER.fullmatch(number) else number
