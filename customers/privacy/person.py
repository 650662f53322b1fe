"""By what one person is known: the customers, their addresses, their ids in CRMs."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from customers.models import Customer, CustomerMerge, ExternalIdentity, Handle

Address = tuple[str, str]
"""Kind and value of a handle."""


@dataclass(frozen=True)
class Person:
    """`handles` are nobody else's; `shared` ones belong to others too, and stay with them."""

    customer_ids: tuple[int, ...] = ()
    handles: tuple[Address, ...] = ()
    shared: tuple[Address, ...] = ()
    external_ids: tuple[tuple[int, str], ...] = ()

    @property
    def addresses(self) -> tuple[Address, ...]:
        return self.handles + self.shared

    @property
    def keys(self) -> list[str]:
        """What the decide plane looks him up by."""
        return [f"{kind}:{value}" for kind, value in self.addresses]

    def as_json(self) -> str:
        return json.dumps([self.customer_ids, self.handles, self.shared, self.external_ids])

    @classmethod
    def from_json(cls, text: str) -> "Person":
        customer_ids, *pairs = json.loads(text)
        handles, shared, external_ids = (tuple((one, other) for one, other in each) for each in pairs)
        return cls(tuple(customer_ids), handles, shared, external_ids)


def behind(kind: str, value: str) -> list[int]:
    """The customers who have this address."""
    return sorted(set(Handle.objects.filter(kind=kind, value=value).values_list("customer_id", flat=True)))


def person_of(customer_ids: Iterable[int], further: Iterable[Address] = ()) -> Person:
    """Everything by which these customers, who are one person, are known; `further` addresses are his, too."""
    ids = _with_merged(set(customer_ids))
    rows = Handle.objects.filter(customer_id__in=ids).order_by().values_list("kind", "value")
    addresses = sorted({*rows, *further})
    shared = [address for address in addresses if _has_others(address, ids)]
    identities = (
        ExternalIdentity.objects.filter(customer_id__in=ids).order_by().values_list("connection_id", "external_id")
    )
    return Person(
        customer_ids=tuple(sorted(Customer.objects.filter(pk__in=ids).values_list("pk", flat=True))),
        handles=tuple(address for address in addresses if address not in shared),
        shared=tuple(shared),
        external_ids=tuple(sorted(identities)),
    )


def _has_others(address: Address, ids: set[int]) -> bool:
    kind, value = address
    return Handle.objects.filter(kind=kind, value=value).exclude(customer_id__in=ids).exists()


def _with_merged(ids: set[int]) -> set[int]:
    """Customers that were merged into these, and those into them, as far as that goes."""
    while True:
        merges = CustomerMerge.objects.filter(undone_at=None)
        pairs = merges.filter(kept__in=ids) | merges.filter(absorbed__in=ids)
        found = {pk for pair in pairs.order_by().values_list("kept_id", "absorbed_id") for pk in pair if pk}
        if found <= ids:
            return ids
        ids = ids | found
