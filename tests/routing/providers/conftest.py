"""Fixtures of the dialects' tests."""

from dataclasses import replace
from pathlib import Path

import pytest

from routing import plane as plane_module
from routing.live import Live
from tests.routing import live_folder
from tests.routing.decide_server import DecideServer
from tests.routing.providers.twilio_standin import ACCOUNT, OLD_SECRET, SECRET, TwilioStandIn


@pytest.fixture
def twilio(decide_server: DecideServer) -> TwilioStandIn:
    """Twilio with an account here, in the middle of changing its secret."""
    decide_server.change(access=live_folder.account(ACCOUNT, "twilio", SECRET, OLD_SECRET))
    return TwilioStandIn(decide_server)


@pytest.fixture
def no_release(twilio: TwilioStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts are known, but nothing was ever published."""
    folder = tmp_path / "unpublished"
    live_folder.build(folder, None, access=live_folder.account(ACCOUNT, "twilio", SECRET))
    live = Live(folder)
    live.refresh()
    monkeypatch.setattr(plane_module, "_plane", replace(twilio.server.plane, live=live))
