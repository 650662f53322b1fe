"""What the question adds to a call: from INVITE to the first ring, with it and without it, turn by turn.

Two proxies with the same configuration stand before the same queue. The one without a question has its breaker open.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from statistics import median, quantiles

from tests.e2e.sip import agents, kamailio, messages
from tests.e2e.sip.lab import Lab
from tests.e2e.sip.messages import Message
from tests.e2e.sip.ways import DIAMOND

ANSWERED_WITHIN_S = 10.0
WARM_UP = 10
_numbers = count(1)


@dataclass(frozen=True)
class Delays:
    """Seconds from INVITE to 180 of each call, in both ways."""

    asked: list[float]
    not_asked: list[float]

    @property
    def added_ms(self) -> float:
        """The difference of the medians."""
        return (median(self.asked) - median(self.not_asked)) * 1000

    def __str__(self) -> str:
        return (
            f"INVITE to 180, {len(self.asked)} calls each: without the question {_said(self.not_asked)}, "
            f"with it {_said(self.asked)}; adds {self.added_ms:.2f} ms in the median"
        )


def _said(seconds: list[float]) -> str:
    return f"{median(seconds) * 1000:.2f} ms (p95 {quantiles(seconds, n=20)[-1] * 1000:.2f} ms)"


def measure(centre: Lab, calls: int) -> Delays:
    """So many calls in each way, one after the other."""
    with _not_asking(centre) as plain:
        ways: dict[int, list[float]] = {centre.proxy_port: [], plain: []}
        for turn in range(WARM_UP + calls):
            for proxy, seconds in ways.items():
                took = call(proxy, centre.numbers["main"])
                if turn >= WARM_UP:
                    seconds.append(took)
        return Delays(ways[centre.proxy_port], ways[plain])


@contextmanager
def _not_asking(centre: Lab) -> Iterator[int]:
    """A proxy that has given up asking."""
    settings = {"DECIDE_URL": "http://127.0.0.1:9/", "BREAKER_FAILURES": "1", "BREAKER_OPEN_S": "86400"}
    with kamailio.proxy(centre.folder, centre.settings | settings) as port:
        call(port, centre.numbers["main"])
        yield port
        assert kamailio.statistic(centre.folder, port, "default_lookup") == 1


def call(proxy: int, number: str) -> float:
    """Call, hear it ring, be answered, hang up; seconds until it rang."""
    with socket.socket(type=socket.SOCK_DGRAM) as phone:
        phone.settimeout(ANSWERED_WITHIN_S)
        phone.bind((agents.LOOPBACK, 0))
        phone.connect((agents.LOOPBACK, proxy))
        here = f"{agents.LOOPBACK}:{phone.getsockname()[1]}"
        to = f"sip:{number}@{agents.LOOPBACK}:{proxy}"
        dialog = [f"From: <sip:{DIAMOND}@{here}>;tag=1", f"Call-ID: {next(_numbers)}-{time.time_ns()}@{here}"]
        began = time.perf_counter()
        phone.send(_request("INVITE", to, here, 1, [*dialog, f"To: <{to}>", f"Contact: <sip:me@{here}>"]))
        _reply(phone, "180", "200")  # the 200 may overtake the 180, and then it rang at that moment
        took = time.perf_counter() - began
        answer = _reply(phone, "200")
        target = answer["contact"].strip("<>")
        inside = [*dialog, f"To: {answer['to']}", *(f"Route: {each}" for each in answer.all("record-route"))]
        phone.send(_request("ACK", target, here, 1, inside))
        phone.send(_request("BYE", target, here, 2, inside))
        while "BYE" not in _reply(phone, "200")["cseq"]:
            pass
    return took


def _request(method: str, to: str, here: str, sequence: int, headers: list[str]) -> bytes:
    via = f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{next(_numbers)}{time.time_ns()}"
    lines = [f"{method} {to} SIP/2.0", via, *headers, f"CSeq: {sequence} {method}", "Max-Forwards: 70"]
    return "\r\n".join([*lines, "Content-Length: 0", "", ""]).encode()


def _reply(phone: socket.socket, *statuses: str) -> Message:
    """The next reply with one of these; every other final one is an error."""
    while True:
        reply = messages.parse(phone.recv(65_536))
        status = reply.first_line.split()[1]
        if status in statuses:
            return reply
        assert status.startswith("1"), reply.first_line
