"""Keeps an erased person from coming back with the next sync: by hashes that say nothing without the key.

HMAC-SHA256 under PRIVACY_KEY, which must never change: under another key everybody erased would be unknown.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from django.conf import settings

from customers.models import Suppression
from customers.privacy.person import Address, Person

BATCH = 5000


def of_address(kind: str, value: str) -> str:
    """The hash of a handle."""
    return _digest("address", kind, value)


def of_record(connection_id: int, external_id: str) -> str:
    """The hash of a customer's id in one CRM."""
    return _digest("record", str(connection_id), external_id)


def pseudonym(kind: str, value: str) -> str:
    """What stands for an address that is forgotten by age: the same for the same address, so that repeats count."""
    return f"person-{_digest('pseudonym', kind, value)[:16]}"


def _digest(purpose: str, *parts: str) -> str:
    # As JSON, so that ("ab", "c") and ("a", "bc") are different texts.
    text = json.dumps([purpose, *parts]).encode()
    return hmac.digest(settings.PRIVACY_KEY.encode(), text, hashlib.sha256).hex()


def digests(person: Person) -> set[str]:
    """All hashes that `person` is to be recognised by; an address that others have too is none of them."""
    return {of_address(*handle) for handle in person.handles} | {of_record(*each) for each in person.external_ids}


def suppress(found: Iterable[str]) -> None:
    """Keep these hashes; those that are known stay."""
    rows = (Suppression(digest=digest) for digest in found)
    Suppression.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def lift(person: Person) -> int:
    """Let `person` come back with the next sync; how many hashes were forgotten."""
    return Suppression.objects.filter(digest__in=digests(person)).delete()[0]


def suppressed(connection_id: int, records: Mapping[str, Iterable[Address]]) -> set[str]:
    """Those of `records` (addresses by id in the CRM) whose person was erased; they are not to be kept at all.

    For records of customers whom we do not know: one query where nobody was ever erased, else one more
    for each 5,000 hashes.
    """
    if not records or not Suppression.objects.exists():
        return set()
    owners: dict[str, set[str]] = {}
    for external_id, addresses in records.items():
        for digest in (of_record(connection_id, external_id), *(of_address(*each) for each in addresses)):
            owners.setdefault(digest, set()).add(external_id)
    return {external_id for digest in known(owners) for external_id in owners[digest]}


def known(candidates: Iterable[str]) -> Iterator[str]:
    """Those of `candidates` that are suppressed."""
    waiting = iter(candidates)
    while batch := list(islice(waiting, BATCH)):
        yield from Suppression.objects.filter(digest__in=batch).values_list("digest", flat=True)
