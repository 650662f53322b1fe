"""Customers, tiers, and where what we know of them comes from, as a supervisor edits them."""

from customers.admin import connections, people, runs, sources, tiers

__all__ = ["connections", "people", "runs", "sources", "tiers"]
