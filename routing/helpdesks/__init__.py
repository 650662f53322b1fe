"""Help desks by kind: one file and one line here for each (docs/messages.md)."""

from routing.helpdesks.base import Pusher
from routing.helpdesks.chatwoot import Chatwoot
from routing.helpdesks.signed_webhook import SignedWebhook
from routing.helpdesks.zendesk import Zendesk

PUSHERS: dict[str, Pusher] = {pusher.slug: pusher for pusher in (Chatwoot(), Zendesk(), SignedWebhook())}
