"""Where a request really comes from: the peer, or what a trusted proxy says of it."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network


@lru_cache(maxsize=1024)
def _trusted(address: str, networks: tuple[str, ...]) -> bool:
    try:
        client = ip_address(address)
    except ValueError:
        return False
    return any(client in ip_network(network) for network in networks)


def client_address(peer: str, forwarded_for: str, trusted_proxies: Sequence[str]) -> str:
    """The nearest address that is not a trusted proxy; X-Forwarded-For counts only behind one."""
    networks = tuple(trusted_proxies)
    address = peer
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    while hops and networks and _trusted(address, networks):
        address = hops.pop()
    return address
