"""What the tests of live fetch share: a source's entry, and a clock that they move."""

from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from customers.sources import Source, compile_source

CALLER = {"call.from": "+393471234567"}


@dataclass
class MovedClock:
    """The machine's clock, and as far ahead of it as a test says."""

    ahead_s: float = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return monotonic() + self.ahead_s


def entry(url: str, **changes: Any) -> dict[str, Any]:
    """A source of a release document that asks `url` for a tier and a number of orders."""
    return {
        "name": "CRM",
        "method": "GET",
        "url": url,
        "auth": "bearer",
        "budget_ms": 5000,
        "connect_ms": 5000,
        "read_ms": 5000,
        "cache_seconds": 60,
        "variables": [
            {"name": "tier", "expression": "customer.tier", "type": "text", "fills": "tier"},
            {"name": "orders", "expression": "customer.orders", "type": "number", "default": "0"},
        ],
    } | changes


def source(url: str, **changes: Any) -> Source:
    """The same, ready to be asked."""
    return compile_source("crm", entry(url, **changes))
