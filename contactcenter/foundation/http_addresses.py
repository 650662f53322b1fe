"""Which addresses an outgoing request may reach. Pure.

Only addresses of the public Internet, unless a deployment names a private network. The ranges are
those of the IANA special-purpose registries (RFC 6890); addresses that carry an IPv4 address inside an
IPv6 one (RFC 4291, 3056, 4380, 6052, 8215) would lead around the check and count as private.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_PRIVATE_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # the host of every Azure machine, under a public address
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
_PUBLIC_V6 = IPv6Network("2000::/3")
_PRIVATE_V6 = tuple(IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))

METADATA = frozenset(
    ip_address(address)
    for address in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
    )
)
"""Where cloud machines fetch their own credentials: refused even inside a private network that is allowed."""

_DOTTED_QUAD = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")
_LAST_LABEL_IS_A_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?")


def networks_of(texts: Iterable[str]) -> tuple[Network, ...]:
    """The networks written in `texts`, such as `10.1.0.0/16`. Raises ValueError for what is none."""
    return tuple(ip_network(text.strip(), strict=False) for text in texts)


def may_reach(address: Address, allowed: Iterable[Network] = ()) -> bool:
    """Whether a request may go to `address`: public, or inside an allowed network, and never metadata."""
    bare = IPv6Address(int(address)) if isinstance(address, IPv6Address) else address  # without a zone
    if not METADATA.isdisjoint([bare, *_carried(bare)]):
        return False
    return is_public(bare) or any(bare in network for network in allowed if network.version == bare.version)


def is_public(address: Address) -> bool:
    """Whether `address` is an ordinary one of the public Internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _PRIVATE_V4)
    return address in _PUBLIC_V6 and not any(address in network for network in _PRIVATE_V6)


def is_disguised(host: str) -> bool:
    """Whether `host` is an IPv4 address in decimal, hex, octal or short form: 2130706433, 0x7f.1, 127.1."""
    return bool(_LAST_LABEL_IS_A_NUMBER.fullmatch(host)) and not _DOTTED_QUAD.fullmatch(host)


def _carried(address: Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 address may stand for."""
    if isinstance(address, IPv4Address):
        return []
    carried: list[Address | None] = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _NAT64) or int(address) < 2**32:
        carried.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in carried if one is not None]
