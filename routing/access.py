"""Who may ask, from the live folder: accounts with their secrets, and keys by their hash. Pure but for decryption."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

SHORTEST_SHARED_SECRET = 32
"""Bytes that the secret of an account has which does not sign but only says it."""

Networks = tuple[IPv4Network | IPv6Network, ...]


@dataclass(frozen=True)
class Account:
    """A provider account. `secrets` are still encrypted; `open_secrets` opens them when needed.

    `networks` are those whose requests count; empty means from anywhere, unless nothing else proves a request.
    """

    uuid: str
    slug: str
    dialect: str
    enabled: bool
    public_url: str
    secrets: tuple[str, ...]
    networks: Networks = ()

    def admits(self, address: str, signed: bool) -> bool:
        """Whether a request from this client address may come in. Unsigned ones come from named networks only."""
        return lies_in(address, self.networks) if self.networks else signed

    def open_secrets(self, decrypt: Callable[[str], str]) -> list[str]:
        return [decrypt(secret) for secret in self.secrets]


@dataclass(frozen=True)
class Key:
    """An API key without the key itself."""

    account: Account
    may_decide: bool
    may_report: bool
    networks: Networks
    expires_at: datetime | None

    def usable(self, address: str, now: datetime) -> bool:
        """Whether the key counts for this client address at this time."""
        if not self.account.enabled or (self.expires_at is not None and now >= self.expires_at):
            return False
        return not self.networks or lies_in(address, self.networks)


@dataclass(frozen=True)
class Access:
    """Everything a decide process knows of who may ask. Swapped as a whole."""

    accounts: Mapping[str, Account] = field(default_factory=dict)
    keys: Mapping[str, Key] = field(default_factory=dict)
    source_secrets: Mapping[str, str] = field(default_factory=dict)

    def key(self, bearer: str, address: str, now: datetime) -> Key | None:
        """The key behind a bearer token, if it is usable from this address now."""
        # 256 random bits: a plain hash look-up gives nothing away through timing.
        found = self.keys.get(hashlib.sha256(bearer.encode("utf-8", "surrogatepass")).hexdigest())
        return found if found is not None and found.usable(address, now) else None


def lies_in(address: str, networks: Networks) -> bool:
    """Whether `address` belongs to one of `networks`; never for what is no address."""
    try:
        client = ip_address(address)
    except ValueError:
        return False
    if isinstance(client, IPv6Address):
        client = client.ipv4_mapped or client  # how a socket for both families writes ::ffff:192.0.2.1
    return any(client in network for network in networks)


def compile_access(documents: Mapping[str, Mapping[str, Any]]) -> Access:
    """Access from its documents by key (`account:<uuid>`, `source:<slug>`). Raises KeyError or ValueError."""
    accounts: dict[str, Account] = {}
    keys: dict[str, Key] = {}
    source_secrets: dict[str, str] = {}
    for name, document in documents.items():
        kind, _, identifier = name.partition(":")
        if kind == "source":
            source_secrets[identifier] = document["secret"]
            continue
        account = Account(
            uuid=identifier,
            slug=document["slug"],
            dialect=document["dialect"],
            enabled=document["enabled"],
            public_url=document["public_url"],
            secrets=tuple(document["secrets"]),
            networks=_networks(document.get("networks", ())),  # not there in documents of the version before
        )
        accounts[identifier] = account
        keys |= {each["sha256"]: _key(account, each) for each in document["keys"]}
    return Access(accounts, keys, source_secrets)


def _key(account: Account, document: Mapping[str, Any]) -> Key:
    expires_at = document.get("expires_at")
    return Key(
        account=account,
        may_decide=document["may_decide"],
        may_report=document["may_report"],
        networks=_networks(document["networks"]),
        expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
    )


def _networks(lines: Iterable[str]) -> Networks:
    return tuple(ip_network(line) for line in lines)
