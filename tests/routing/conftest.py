"""Fixtures of the routing tests."""

from tests.routing.decide_server import decide_server

__all__ = ["decide_server"]
