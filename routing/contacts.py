"""One call or message arriving, whatever the provider. Pure and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from contactcenter.foundation.values import Value

CHANNELS = ("voice", "sms", "whatsapp", "instagram", "messenger")

Key = tuple[str, str, str, str, str, int]


@dataclass(frozen=True, slots=True)
class Contact:
    """Who wants to reach whom, how, and for the how-manieth time.

    `account` is the provider account's uuid; `to` and `caller` are as the provider wrote them;
    `diverted_from` is the original caller of a diverted call; `context` holds what an IVR collected.
    `previous_queue` and `waited_s` are ours, from the decisions made on this call before.
    """

    account: str
    call_id: str
    to: str
    caller: str = ""
    channel: str = "voice"
    attempt: int = 0
    diverted_from: str = ""
    context: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    src_ip: str = ""
    previous_queue: str = ""
    waited_s: int | None = None

    @property
    def key(self) -> Key:
        """Asked again with the same key, the same decision is given."""
        return (self.account, self.call_id, self.to, self.caller, self.channel, self.attempt)
