"""Leaves a failing source alone, so that callers do not wait for it in vain."""

from collections import deque
from enum import Enum
from threading import Lock

WINDOW_S = 30
LEAST_ASKED = 10
PROBE_EVERY_S = 15


class Admission(Enum):
    """Whether a source may be asked: it may, it may as the one trial of an open breaker, it may not."""

    YES = "yes"
    PROBE = "probe"
    NO = "no"


class Breaker:
    """Opens when half of at least ten questions within 30 s failed; then lets one through each 15 s."""

    def __init__(self) -> None:
        self._outcomes: deque[tuple[float, bool]] = deque()
        self._next_probe: float | None = None  # set while open
        self._lock = Lock()

    @property
    def is_open(self) -> bool:
        """Whether questions are refused, probes apart."""
        return self._next_probe is not None

    def admit(self, now: float) -> Admission:
        """Ask before each question; tell `record` afterwards."""
        with self._lock:
            if self._next_probe is None:
                return Admission.YES
            if now < self._next_probe:
                return Admission.NO
            self._next_probe = now + PROBE_EVERY_S
            return Admission.PROBE

    def record(self, admission: Admission, succeeded: bool, now: float) -> None:
        """Note how a question ended that `admit` let through."""
        with self._lock:
            if admission is Admission.PROBE:
                if succeeded:
                    self._next_probe = None
                    self._outcomes.clear()
                return
            if self._next_probe is not None:
                return  # asked before it opened: says nothing new
            self._outcomes.append((now, succeeded))
            self._drop_before(now - WINDOW_S)
            failed = sum(not fine for _at, fine in self._outcomes)
            if len(self._outcomes) >= LEAST_ASKED and failed * 2 >= len(self._outcomes):
                self._next_probe = now + PROBE_EVERY_S

    def _drop_before(self, oldest: float) -> None:
        while self._outcomes and self._outcomes[0][0] < oldest:
            self._outcomes.popleft()
