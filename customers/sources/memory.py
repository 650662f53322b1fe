"""What sources answered lately: spares them the same question, and stands in while they fail."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from contactcenter.foundation.values import Value
from customers.sources.answers import OK

NEGATIVE_S = 30
"""How long "not found" is believed: new customers must not wait for long."""

STALE_S = 24 * 3600
"""How old an answer may be that stands in for a source that fails."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One answer as it was; `at` on the monotonic scale, in seconds."""

    status: str
    values: Mapping[str, Value]
    at: float

    def is_fresh(self, now: float, cache_seconds: int) -> bool:
        """Whether it may be given instead of asking."""
        keep_s = cache_seconds if self.status == OK else min(cache_seconds, NEGATIVE_S)
        return now - self.at < keep_s

    def may_stand_in(self, now: float) -> bool:
        """Whether it may be given when asking has failed."""
        return self.status == OK and now - self.at < STALE_S


class Memory:
    """A bounded set of copies, the least recently used dropped first. Safe between threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._copies: OrderedDict[bytes, Copy] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._copies)

    def find(self, key: bytes) -> Copy | None:
        """The copy kept under `key`, however old."""
        with self._lock:
            copy = self._copies.get(key)
            if copy is not None:
                self._copies.move_to_end(key)
            return copy

    def keep(self, key: bytes, copy: Copy) -> None:
        """Keep `copy` under `key`, instead of an older one."""
        with self._lock:
            self._copies[key] = copy
            self._copies.move_to_end(key)
            while len(self._copies) > self._size:
                self._copies.popitem(last=False)

    def forget(self) -> None:
        """Drop everything."""
        with self._lock:
            self._copies.clear()
