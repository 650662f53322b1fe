"""Dialects by short name: one file and one line here for each provider (docs/adding-a-provider.md)."""

from routing.providers.base import Dialect
from routing.providers.native import Native
from routing.providers.twilio import Twilio

DIALECTS: dict[str, Dialect] = {dialect.slug: dialect for dialect in (Native(), Twilio())}
