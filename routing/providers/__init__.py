"""Dialects by short name: one file and one line here for each provider (docs/adding-a-provider.md)."""

from routing.providers.base import Dialect
from routing.providers.bird import Bird
from routing.providers.bird_messages import BirdMessages
from routing.providers.chatwoot import Chatwoot
from routing.providers.freeswitch import FreeSwitch
from routing.providers.jambonz import Jambonz
from routing.providers.meta import Meta
from routing.providers.native import Native, SipProxy
from routing.providers.plivo import Plivo
from routing.providers.signalwire import SignalWire
from routing.providers.signed_webhook import SignedWebhook
from routing.providers.telnyx import Telnyx
from routing.providers.twilio import Twilio
from routing.providers.twilio_messages import TwilioMessages
from routing.providers.vonage import Vonage
from routing.providers.vonage_messages import VonageMessages
from routing.providers.zendesk import Zendesk

_ALL: tuple[Dialect, ...] = (
    Native(),
    SipProxy(),
    Twilio(),
    Telnyx(),
    SignalWire(),
    Plivo(),
    Bird(),
    FreeSwitch(),
    Jambonz(),
    Vonage(),
    Chatwoot(),
    Zendesk(),
    SignedWebhook(),
    Meta(),
    TwilioMessages(),
    VonageMessages(),
    BirdMessages(),
)

DIALECTS: dict[str, Dialect] = {dialect.slug: dialect for dialect in _ALL}


def deadline_s(dialect: str) -> float:
    """Seconds in which an account of this dialect is answered; the usual ones for a dialect of another version."""
    return DIALECTS[dialect].deadline_s if dialect in DIALECTS else Dialect.deadline_s
