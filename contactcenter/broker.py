"""The embedded broker: Celery's messages as files, for machines on which nothing is installed.

kombu writes a message in place, so that a worker may take half of one and end on it; and it ends when its
folder is gone. Here a message is written beside its place and renamed: it is there as a whole, or not at all.
"""

from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.transport.filesystem import exchange_queue_t
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps

NAME = "filesystem"


class Channel(filesystem.Channel):
    """kombu's, but for how a message is written, and what happens without a folder."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # kombu's two differ
        # Names sort by age: the oldest message is taken first.
        folder, whole = Path(self.data_folder_out), f"{int(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        beside = folder / f".{whole}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(str_to_bytes(dumps(payload)))
            beside.replace(folder / whole)
        except OSError as error:
            raise ChannelError(f"Cannot write a message into {str(folder)!r}") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for folder in (self.data_folder_in, self.processed_folder):
            Path(folder).mkdir(parents=True, exist_ok=True)
        return super()._get(queue)

    def get_table(self, exchange: str) -> list[Any]:
        # Where the folder is gone that says which queue belongs to it, this process still knows.
        declared = [key for key in self.state.bindings or () if key.exchange == exchange]
        return super().get_table(exchange) or [exchange_queue_t(key.routing_key, "", key.queue) for key in declared]


class Transport(filesystem.Transport):
    """kombu's, with our channel."""

    Channel = Channel


def use() -> None:
    """Let addresses that begin with `filesystem:` mean this one."""
    TRANSPORT_ALIASES[NAME] = f"{__name__}:{Transport.__name__}"
