"""All providers of calls. A new one is added here, and runs through every test_every_dialect_*."""

from collections.abc import Callable
from typing import Any

from routing.providers import DIALECTS
from tests.routing.providers.json_peers import BirdPeer, FreeSwitchPeer, JambonzPeer, VonagePeer
from tests.routing.providers.peers import Peer, PlivoPeer, SignalWirePeer, TelnyxPeer, TwilioPeer

ALL: tuple[Peer, ...] = (
    TwilioPeer(),
    TelnyxPeer(),
    SignalWirePeer(),
    PlivoPeer(),
    VonagePeer(),
    JambonzPeer(),
    FreeSwitchPeer(),
    BirdPeer(),
)
PEERS: dict[str, Peer] = {peer.slug: peer for peer in ALL}
BOUND = {slug: peer for slug, peer in PEERS.items() if peer.bound}
TIMED = {slug: peer for slug, peer in PEERS.items() if peer.window_s is not None}
REPORTING = {slug: peer for slug, peer in PEERS.items() if DIALECTS[slug].capabilities.after_stage}


def only(peers: dict[str, Peer]) -> Callable[[Any], Any]:
    """A test that runs for these providers only."""

    def mark(test: Any) -> Any:
        test.peers = peers
        return test

    return mark
