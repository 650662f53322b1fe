"""Fixtures of the routing tests."""

import pytest

from routing.models import Release
from tests.routing.decide_server import decide_server
from tests.routing.draft import good_release

__all__ = ["decide_server"]


@pytest.fixture
def first(db: None) -> Release:
    """GOOD as the draft and as release 1."""
    return good_release()
