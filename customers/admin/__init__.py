"""Customers, tiers, and where what we know of them comes from, as a supervisor edits them."""

from customers.admin import (
    alerts,
    connections,
    identity,
    people,
    policies,
    privacy,
    push,
    rejects,
    runs,
    safeguards,
    sources,
    staged,
    tiers,
    uses,
)

__all__ = [
    "alerts",
    "connections",
    "identity",
    "people",
    "policies",
    "privacy",
    "push",
    "rejects",
    "runs",
    "safeguards",
    "sources",
    "staged",
    "tiers",
    "uses",
]
