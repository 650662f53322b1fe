"""Dialects by short name: one file and one line here for each provider (docs/adding-a-provider.md)."""

from routing.providers.base import Dialect
from routing.providers.native import Native, SipProxy
from routing.providers.twilio import Twilio

DIALECTS: dict[str, Dialect] = {dialect.slug: dialect for dialect in (Native(), SipProxy(), Twilio())}


def deadline_s(dialect: str) -> float:
    """Seconds in which an account of this dialect is answered; the usual ones for a dialect of another version."""
    return DIALECTS[dialect].deadline_s if dialect in DIALECTS else Dialect.deadline_s
