"""A provider or help desk tells us of messages: its events go into the spool, and it hears at once that we have them.

Nothing is decided here and no database is asked. A request that is repeated adds nothing: each event has the
id that its sender gave it.
"""

from typing import Any

from contactcenter.foundation.clock import Clock
from contactcenter.foundation.logs import logger
from routing import spool
from routing.providers.base import RawRequest, Reply
from routing.providers.messaging import Message, MessageDialect
from routing.spool import Spool

log = logger(__name__)

MOST_EVENTS = 5000
"""Events taken from one request; providers send up to 1,000."""


def take_in(raw: RawRequest, dialect: MessageDialect, account: str, spooled: Spool, clock: Clock) -> Reply:
    """Append the events of a verified request to the spool."""
    events = dialect.parse(raw)[:MOST_EVENTS]
    for event in events:
        document = _document(event, account, clock)
        key = f"{spool.MESSAGE}:{account}:{event.message_id}"
        spooled.record(key, spool.MESSAGE, document, clock.now().timestamp())
    if not events:
        log.info("no_message_of_interest", account=account, dialect=dialect.slug)
    return dialect.accepted()


def _document(event: Message, account: str, clock: Clock) -> dict[str, Any]:
    """One row of the spool; `routing/messaging/arriving.py` reads it."""
    return {
        "v": spool.FORMAT,
        "account": account,
        "message_id": event.message_id,
        "kind": event.kind,
        "channel": event.channel,
        "to": event.to,
        "sender": event.sender,
        "conversation": event.conversation,
        "status": event.status,
        "team": event.team,
        "assignee": "somebody" if event.assignee else "",  # which agent is nobody's business here
        "context": dict(event.context),
        "occurred_at": event.occurred_at.isoformat() if event.occurred_at else "",
        "received_at": clock.now().isoformat(),
    }
