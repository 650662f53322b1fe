"""What it costs to say an answer in each dialect of calls: from the decision to the bytes that go back."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from bench.client import WrongAnswer
from bench.figures import Figure
from routing.api import formats
from routing.providers import DIALECTS
from routing.providers.base import VoiceDialect

TIMES = 2_000
NEXT = "https://calls.example.com/api/v1/p/44444444-4444-4444-8444-444444444444/after?queue=vip&index=1&signature=ab"
OWN = "+390255500000"
HOSTS = ("pbx.example.net", "pbx2.example.net")
HEADERS = {"X-Queue": "vip", "X-Priority": "20", "X-Customer-Tier": "gold", "X-Decision-Id": "0123456789abcdef" * 2}
EXTRA = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
ANSWER: dict[str, Any] = {
    "decision_id": "0123456789abcdef" * 2,
    "call_id": "CA0123456789abcdef0123456789abcdef",
    "release": 12,
    "flow": "priority-customers",
    "branch": "gold-or-platinum",
    "action": "transfer",
    "queue": "vip",
    "sip_uri": "sip:8001@pbx.example.net",
    "overflow_uri": "sip:8002@pbx.example.net",
    "priority": 20,
    "priority_class": 1,
    "head_start_s": 300,
    "tier": "gold",
    "answer_timeout_ms": 10_000,
    "caller_id": "+390255501001",
    "fallback": False,
    "reason": "branch",
    "degraded": [],
    "warnings": [],
    "headers": HEADERS,
    "sip_headers": EXTRA,
    "version": "1.0",
    "routing": "serial",
    "routes": [
        {"uri": f"sip:{user}@{host}", "headers": {"extra": EXTRA}, "fr_timer": 1500, "fr_inv_timer": 10_000}
        for user in ("8001", "8002")
        for host in HOSTS
    ],
}
"""A queue of two hosts with an overflow, as most calls get it."""


def measure(rounds: int) -> list[Figure]:
    """Microseconds of one answer in each dialect, and in each shape of our own."""
    ways: dict[str, Callable[[], bytes]] = {
        f"native_{shape}": _native(shape) for shape in (formats.JSON, formats.KV, formats.FLAT)
    }
    ways |= {slug: _dialect(each) for slug, each in DIALECTS.items() if isinstance(each, VoiceDialect)}
    costs: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, say in ways.items():
            costs[name].append(_cost(say))
    told = sorted((median(each[1:]), name) for name, each in costs.items())
    print("one answer: " + "  ".join(f"{name} {cost:.0f} us" for cost, name in told))
    return [Figure(f"render_us_{name}", each[1:], goal=None) for name, each in costs.items()]  # the first warms up


def _native(shape: str) -> Callable[[], bytes]:
    return lambda: formats.render(ANSWER, shape)[0]


def _dialect(dialect: VoiceDialect) -> Callable[[], bytes]:
    return lambda: dialect.render(ANSWER, NEXT, OWN).body


def _cost(say: Callable[[], bytes]) -> float:
    """Median microseconds of one answer."""
    took = []
    for _ in range(TIMES):
        began = perf_counter()
        said = say()
        took.append(perf_counter() - began)
        if b"pbx.example.net" not in said:
            raise WrongAnswer("the queue is not in the answer")
    return median(took) * 1e6
