"""Callers that never stop asking: every answer, and every lack of one, is kept."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from statistics import median
from types import TracebackType
from typing import Any
from uuid import uuid4

from tests.routing.decide_server import GOLD, KEY, STRANGER
from tests.routing.live_folder import VOICE_NUMBER

PAUSE_S = 0.01
UNHURRIED_S = 0.05
"""Where processes start meanwhile: the processor is theirs."""

ANSWER_WITHIN_S = 40.0
SOME = 20
HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}


@dataclass(frozen=True)
class Call:
    """One question and what came back; status 0: nothing did."""

    call_id: str
    caller: str
    status: int
    seconds: float
    body: bytes = b"{}"

    @property
    def answer(self) -> dict[str, Any]:
        """Read anew each time: an hour of answers fits into memory as text, not as dictionaries."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def dialable(self) -> bool:
        return self.status == 200 and str(self.answer.get("sip_uri", "")).startswith(("sip:", "sips:"))


class Callers:
    """A few threads that ask one after the other; every fifth question repeats an earlier one."""

    def __init__(
        self, port: int, *, threads: int = 4, keep_alive: bool = True, to: str = VOICE_NUMBER, pause_s: float = PAUSE_S
    ) -> None:
        self.port = port
        self.to = to
        self.pause_s = pause_s
        self.keep_alive = keep_alive
        self.calls: list[Call] = []
        self._name = uuid4().hex[:8]
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask_on, args=(place,)) for place in range(threads)]

    def __enter__(self) -> "Callers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def go_on(self, seconds: float = 0.0, calls: int = SOME) -> list[Call]:
        """Let them ask for a while, and until so many calls have ended; those that ended in it."""
        before, began = len(self.calls), time.monotonic()
        time.sleep(seconds)
        while len(self.calls) < before + calls and time.monotonic() - began < seconds + ANSWER_WITHIN_S:
            time.sleep(0.02)
        return self.calls[before:]

    @property
    def lost(self) -> list[Call]:
        """Calls without a 200 that names somebody to dial."""
        return [call for call in self.calls if not call.dialable]

    @property
    def slowest(self) -> float:
        return max(call.seconds for call in self.calls)

    @property
    def median(self) -> float:
        return median(call.seconds for call in self.calls)

    @property
    def decisions(self) -> dict[str, str]:
        """Call id by decision id, of all that were answered."""
        answered = ((call, call.answer) for call in self.calls if call.dialable)
        return {answer["decision_id"]: call.call_id for call, answer in answered}

    @property
    def answered_in_two_ways(self) -> list[str]:
        """Call ids whose repetition got another decision."""
        said = {(call.call_id, decision(call.answer)) for call in self.calls if call.dialable}
        return [call_id for call_id, ways in Counter(call_id for call_id, _ in said).items() if ways > 1]

    def _ask_on(self, place: int) -> None:
        with connected(self.port) as connection:
            for number in count():
                if self._stop.is_set():
                    return
                nth = number - 3 if number % 5 == 4 else number
                caller = GOLD if nth % 2 else STRANGER
                self.calls.append(ask(connection, f"{self._name}-{place}-{nth}", caller, self.to))
                if not self.keep_alive:
                    connection.close()
                time.sleep(self.pause_s)


@contextmanager
def connected(port: int) -> Iterator[http.client.HTTPConnection]:
    """A connection that is opened by the first question, and anew after it was lost."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_WITHIN_S)
    try:
        yield connection
    finally:
        connection.close()


def ask(connection: http.client.HTTPConnection, call_id: str, caller: str, to: str = VOICE_NUMBER) -> Call:
    """One question. No answer is an answer too."""
    body = json.dumps({"call_id": call_id, "to": to, "from": caller})
    began = time.monotonic()
    try:
        connection.request("POST", "/api/v1/decisions", body, HEADERS)
        response = connection.getresponse()
        raw = response.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return Call(call_id, caller, 0, time.monotonic() - began)
    seconds = time.monotonic() - began
    return Call(call_id, caller, response.status, seconds, raw if response.status == 200 else b"{}")


def decision(answer: dict[str, Any]) -> str:
    """What a repetition must give again: all of the answer but its warnings."""
    return json.dumps({name: value for name, value in answer.items() if name != "warnings"}, sort_keys=True)
