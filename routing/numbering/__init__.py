"""A provider's own numbers by its API, by dialect: one file and one line here for each provider."""

from routing.numbering.base import Numbering
from routing.numbering.plivo import Plivo
from routing.numbering.telnyx import Telnyx
from routing.numbering.twilio import Twilio
from routing.numbering.vonage import Vonage

_ALL: tuple[Numbering, ...] = (Twilio(), Telnyx(), Vonage(), Plivo())

NUMBERINGS: dict[str, Numbering] = {each.dialect: each for each in _ALL}
