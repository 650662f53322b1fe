"""Fixtures of the dialects' tests."""

from dataclasses import replace
from pathlib import Path

import pytest

from routing import plane as plane_module
from routing.live import Live
from tests.routing import live_folder
from tests.routing.decide_server import DecideServer
from tests.routing.providers.every_peer import PEERS
from tests.routing.providers.lines import Line
from tests.routing.providers.peers import Peer
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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whoever asks for a `line` or a `peer` runs once for each provider of calls, or `only` for some."""
    if "peer" in metafunc.fixturenames:
        peers = getattr(metafunc.function, "peers", PEERS)
        metafunc.parametrize("peer", peers.values(), ids=peers)


@pytest.fixture
def line(decide_server: DecideServer, peer: Peer) -> Line:
    """A line from one provider, with an account here."""
    line = Line(decide_server, peer)
    decide_server.change(access=line.account(peer.stored))
    return line
