"""Fixtures of the routing tests."""

import pytest

from routing import publishing
from routing.models import ProviderAccount, Release
from routing.restoring import reset_draft
from tests.routing.decide_server import decide_server
from tests.routing.documents import good

__all__ = ["decide_server"]


@pytest.fixture
def first() -> Release:
    """GOOD as the draft and as release 1."""
    ProviderAccount.objects.create(name="Telco", slug="telco", dialect="twilio", secret="signing-secret")
    reset_draft(good())
    return publishing.publish("The beginning.", None)
