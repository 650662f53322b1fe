"""Which addresses an outgoing request may reach, and which only look harmless."""

from ipaddress import ip_address

import pytest

from contactcenter.foundation.http_addresses import is_disguised, may_reach, networks_of

EVERYWHERE = networks_of(["0.0.0.0/0", "::/0"])

PRIVATE = {
    "0.0.0.0": "this host",
    "10.1.2.3": "private ten",
    "100.64.0.1": "carrier-grade NAT",
    "127.0.0.1": "loopback",
    "127.255.255.254": "the last loopback",
    "169.254.1.1": "link-local",
    "172.16.0.1": "private 172",
    "172.31.255.255": "the last private 172",
    "192.0.0.8": "protocol assignments",
    "192.0.2.1": "documentation",
    "192.88.99.1": "6to4 relay",
    "192.168.1.1": "private 192",
    "198.18.0.1": "benchmarks",
    "224.0.0.1": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "::": "nothing",
    "::1": "loopback six",
    "::127.0.0.1": "compatible",
    "::ffff:127.0.0.1": "mapped loopback",
    "::ffff:8.8.8.8": "mapped public",
    "64:ff9b::7f00:1": "NAT64 of loopback",
    "64:ff9b:1::a00:1": "local NAT64",
    "100::1": "discard",
    "2001::1": "teredo",
    "2001:db8::1": "documentation six",
    "2002:7f00:1::": "6to4 of loopback",
    "3fff::1": "documentation six, new",
    "5f00::1": "segment routing",
    "fc00::1": "unique local",
    "fd12:3456::1": "unique local in use",
    "fe80::1": "link-local six",
    "fe80::1%eth0": "link-local six with a zone",
    "fec0::1": "site-local",
    "ff02::1": "multicast six",
}

METADATA = [
    "169.254.169.254",
    "fd00:ec2::254",
    "fd20:ce::254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "::ffff:169.254.169.254",
    "::169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "fd00:ec2::254%eth0",
]


@pytest.mark.parametrize("address", [pytest.param(address, id=name) for address, name in PRIVATE.items()])
def test_a_private_address_is_refused_unless_its_network_is_allowed(address: str) -> None:
    assert not may_reach(ip_address(address))
    assert may_reach(ip_address(address), EVERYWHERE)


@pytest.mark.parametrize("address", METADATA)
def test_metadata_is_refused_even_where_everything_is_allowed(address: str) -> None:
    assert not may_reach(ip_address(address), EVERYWHERE)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::1"]
)
def test_a_public_address_is_reached(address: str) -> None:
    assert may_reach(ip_address(address))


def test_an_allowed_network_allows_nothing_beside_it() -> None:
    allowed = networks_of(["10.20.0.0/16"])
    assert may_reach(ip_address("10.20.255.255"), allowed)
    assert not may_reach(ip_address("10.21.0.0"), allowed)
    assert not may_reach(ip_address("::ffff:10.20.0.1"), allowed)


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.1", "0x7f.0.0.1", "127.0.0.01", "1.2.3.4.", "0x"]
)
def test_an_address_in_disguise_is_seen(host: str) -> None:
    assert is_disguised(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "crm.example.com", "4chan.org", "a1", "host-1", "::1", "0.0.0.0"])
def test_plain_hosts_are_no_disguise(host: str) -> None:
    assert not is_disguised(host)
