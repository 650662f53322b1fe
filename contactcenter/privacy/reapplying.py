"""After a restore: everybody who was erased is erased again.

Only hashes are known of them, so every address and every caller of the restored database is hashed and
looked up: some ten seconds for a million customers. The hashes come from the restored database, from the one
it replaced if that could still be read, and from this host, which heard of each erasure.
"""

from collections.abc import Iterable

from django.db import DatabaseError, connection

from contactcenter.privacy import erasing
from customers.addresses import PHONE, PHONE_CHANNELS, caller_address
from customers.models import ExternalIdentity, Handle, Suppression
from customers.privacy import suppression
from customers.privacy.person import Address, Person, person_of
from routing.models import Conversation, Decision, InboundMessage

BATCH = 5000


def hashes_before() -> set[str]:
    """The hashes in the database that is about to be replaced; none when it cannot be read."""
    try:
        return set(Suppression.objects.values_list("digest", flat=True))
    except DatabaseError:
        connection.close()
        return set()


def erase_again(further: Iterable[str]) -> int:
    """Keep `further` hashes, too, and erase whoever they are of; how many erasures that made."""
    suppression.suppress(further)
    wanted = set(Suppression.objects.values_list("digest", flat=True))
    if not wanted:
        return 0
    done = 0
    for customer_id in sorted(_customers(wanted)):
        person = person_of([customer_id])
        if person.customer_ids:  # one who was merged with an earlier one of these is gone with him
            done += _erase(person)
    for address in sorted(_only_contacts(wanted)):
        done += _erase(person_of([], [address]))
    return done


def _erase(person: Person) -> int:
    erasing.work(erasing.begin(person), float("inf"))
    return 1


def _customers(wanted: set[str]) -> set[int]:
    handles = Handle.objects.order_by().values_list("customer_id", "kind", "value")
    identities = ExternalIdentity.objects.order_by().values_list("customer_id", "connection_id", "external_id")
    found = {row[0] for row in handles.iterator(BATCH) if suppression.of_address(row[1], row[2]) in wanted}
    return found | {row[0] for row in identities.iterator(BATCH) if suppression.of_record(row[1], row[2]) in wanted}


def _only_contacts(wanted: set[str]) -> set[Address]:
    """Addresses of erased people in what was decided and written; to be asked when their customers are gone."""
    seen: set[tuple[str, str]] = set()
    for rows in (
        Decision.objects.values_list("channel", "caller"),
        Conversation.objects.values_list("channel", "sender"),
        InboundMessage.objects.values_list("channel", "sender"),
    ):
        seen.update(rows.order_by().distinct().iterator(BATCH))
    addresses = {address for channel, raw in seen if (address := _address(channel, raw))}
    return {address for address in addresses if suppression.of_address(*address) in wanted}


def _address(channel: str, raw: str) -> Address | None:
    if channel not in PHONE_CHANNELS:
        return (channel, raw) if raw else None
    number = caller_address(raw, "")
    return (PHONE, number) if number else None
