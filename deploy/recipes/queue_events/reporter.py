"""Brings queue events to the decide server: `POST /api/v1/contacts/events`. Copy it beside the script that uses it.

Needs Python 3.11 and requests. An event that is sent twice is kept once, so whatever fails is sent again.
"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import requests

log = logging.getLogger("queue_events")

BATCH = 100
MOST_WAITING = 10_000
"""Beyond that the oldest are lost: a decide server that is away for hours must not fill our memory."""

PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
TIMEOUT_S = (3.0, 10.0)
LATER = frozenset({0, 401, 408, 425, 429})
"""No answer at all, or one that may change: a key is renewed sooner than a day of events is found again."""

Event = dict[str, Any]


@dataclass
class Reporter:
    """Keeps events in their order until the decide server has taken them."""

    url: str
    key: str
    waiting: deque[Event] = field(default_factory=lambda: deque(maxlen=MOST_WAITING))
    sleep: Callable[[float], None] = time.sleep

    @classmethod
    def from_environment(cls) -> "Reporter":
        """DECIDE, such as https://calls.example.com, and KEY, an API key that may report."""
        return cls(os.environ["DECIDE"].rstrip("/") + "/api/v1/contacts/events", os.environ["KEY"])

    def start(self) -> None:
        """Send from a thread of its own, so that reading events never waits."""
        threading.Thread(target=self._run, name="reporter", daemon=True).start()

    def send_all(self) -> None:
        """Send what waits; tries again until it is taken, or refused for good."""
        while self.waiting:
            self._deliver([self.waiting.popleft() for _place in range(min(BATCH, len(self.waiting)))])

    def _deliver(self, batch: list[Event]) -> None:
        for failure in count():
            status = self._post(batch)
            if 200 <= status < 300:
                return
            if not (status in LATER or status >= 500):
                break
            self.sleep(PAUSES_S[min(failure, len(PAUSES_S) - 1)])
        if len(batch) == 1:
            log.error("an event of kind %s was refused with status %d and dropped", batch[0].get("kind"), status)
            return
        for each in batch:  # one bad event refuses its whole batch
            self._deliver([each])

    def _post(self, batch: list[Event]) -> int:
        """The status of the answer; 0 when there was none."""
        headers = {"Authorization": f"Bearer {self.key}"}
        try:
            answer = requests.post(
                self.url, json={"events": batch}, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
            )
        except requests.RequestException as error:
            log.warning("the decide server does not answer: %s", type(error).__name__)
            return 0
        return answer.status_code

    def _run(self) -> None:
        while True:
            self.send_all()
            time.sleep(0.2)


def event(kind: str, at: float, queue: str, call: dict[str, str], seconds: int | None = None) -> Event:
    """One event; `at` in seconds since 1970, `call` is its decision_id or its call_id."""
    made: Event = {"kind": kind, "at": datetime.fromtimestamp(at, UTC).isoformat(), "queue": queue, **call}
    return made | ({} if seconds is None else {"seconds": max(seconds, 0)})


def queue_names(text: str) -> dict[str, str]:
    """QUEUES: their names over there and our short names, such as `8001=vip,8002=priority`. Others keep theirs."""
    pairs = [pair.split("=", 1) for pair in text.split(",") if "=" in pair]
    return {theirs.strip(): ours.strip() for theirs, ours in pairs}
