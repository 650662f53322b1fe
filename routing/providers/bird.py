"""Bird (class Bird): a flow asks by a signed webhook and gets our answer as flat JSON, which it stores as variables.

docs.bird.com: webhooks by Standard Webhooks, Flow Builder's "fetch variables". The flow itself transfers.
"""

from collections.abc import Sequence

from routing.answers import Answer
from routing.api import formats
from routing.contacts import Contact
from routing.providers import base, payload, standard_webhooks
from routing.providers.base import VOICE, Capabilities, LegReport, RawRequest, Reply, VoiceDialect


class Bird(VoiceDialect):
    """Bird's flows. There is no after stage: the flow tries `overflow_uri` when the first target does not answer."""

    slug = "bird"
    label = "Bird"
    channels = frozenset({"voice"})
    capabilities = Capabilities(
        target_kinds=frozenset({"sip", "phone", "provider_queue"}),
        custom_headers=False,
        ring_timeout=False,
        several_targets=True,
        after_stage=False,
        signed=True,
        replay_window_s=standard_webhooks.TOLERANCE_S,
    )
    stages = frozenset({VOICE})

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        standard_webhooks.verify(request, secrets, now)

    def parse(self, request: RawRequest, account: str) -> Contact:
        """The call, as a flow's own fields or inside an event's `data`."""
        told = payload.read(request)
        call = told.part("data") or told
        return Contact(
            account=account,
            call_id=call.text("call_id", "voice_call_id", "id", longest=payload.LONGEST_CALL_ID),
            to=payload.with_plus(call.text("to")),
            caller=payload.with_plus(call.text("from")),
            context=call.part("context").context((), ""),
        )

    def parse_leg(self, request: RawRequest) -> LegReport:
        """Never asked for: there is no after stage."""
        return LegReport("", "", "", base.FAILED)

    def render(self, answer: Answer, next_url: str, own_number: str = "") -> Reply:
        body, content_type = formats.render(_dialable(answer), formats.FLAT)
        return Reply(200, content_type, body)

    def end(self) -> Reply:
        return payload.reply({})


def _dialable(answer: Answer) -> Answer:
    """`answer` with no address or header that could mean something else inside a flow."""
    addresses = {key: base.sip_address(answer.get(key, "")) for key in ("sip_uri", "overflow_uri")}
    phone = answer.get("phone", "")
    clean = answer | addresses | {"phone": phone if base.E164.fullmatch(phone) else ""}
    clean |= {"headers": base.sip_headers(answer.get("headers", {}))}
    return {key: value for key, value in clean.items() if value != "" and key != "sip_headers"}
