"""Our own JSON: asked with an API key on /api/v1/decisions, so there is no webhook to sign."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext_noop as _

from routing.contacts import CHANNELS
from routing.providers.base import CALLER_IDS, Capabilities, Dialect, RawRequest, SignatureError


class Native(Dialect):
    """SIP proxies, PBXs and scripts that speak our JSON, its key=value lines or its flat form."""

    slug = "native"
    label = _("Our own JSON, with API keys")
    channels = frozenset(CHANNELS)
    capabilities = Capabilities(
        target_kinds=frozenset({"sip", "phone", "provider_queue", "team"}),
        custom_headers=True,
        ring_timeout=True,
        several_targets=True,
        after_stage=False,
        signed=False,
        header_names=_("any that begins with X-"),
        caller_id=frozenset({"callerId"}),
    )

    def verify(self, request: RawRequest, secrets: Sequence[str], public_url: str, now: float) -> None:
        """Always refuses: these accounts have no webhook."""
        raise SignatureError("accounts of this kind have no webhook")


class SipProxy(Native):
    """Kamailio, OpenSIPS and their like: our own JSON, sooner, as an INVITE waits for the answer."""

    slug = "sip_proxy"
    label = _("SIP proxy: our own JSON within 0.4 seconds")
    channels = frozenset({"voice"})
    # The INVITE goes on with its own headers, whoever wrote them before it came in.
    capabilities = replace(Native.capabilities, caller_id=frozenset(CALLER_IDS))
    deadline_s = 0.4
