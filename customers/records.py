"""What a record of a CRM wants a customer to be, set against what he is."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from customers.crm.mapping import Mapped
from customers.crm.targets import ATTRIBUTE, HANDLE, TIER
from customers.models import Customer

EMPTY = (None, "")


@dataclass(frozen=True)
class Wanted:
    """A mapped record without its tier, as it is staged: what it does not name stays as it is.

    `handles` owns the kinds it names: an address of these kinds that is not listed leaves the customer.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    handles: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, mapped: Mapped) -> "Wanted":
        """What `mapped` wants, the tier left out."""
        fields = {name: value for name, value in mapped.fields.items() if name != TIER}
        return cls(fields, dict(mapped.attributes), {kind: sorted(held) for kind, held in mapped.handles.items()})

    def as_json(self) -> dict[str, Any]:
        """As it is staged."""
        return {"fields": self.fields, "attributes": self.attributes, "handles": self.handles}

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Each handle as (kind, value)."""
        return ((kind, value) for kind, values in self.handles.items() for value in values)


def take_over(customer: Customer, wanted: Wanted) -> bool:
    """Give `customer`, in memory, what is wanted of him; whether anything differs."""
    target = dict(wanted.fields)
    attributes = customer.attributes | wanted.attributes
    target["attributes"] = {key: value for key, value in attributes.items() if value is not None}
    different = {name: value for name, value in target.items() if getattr(customer, name) != value}
    for name, value in different.items():
        setattr(customer, name, value)
    return bool(different)


def emptied(customer: Customer, kinds_held: Collection[str], wanted: Wanted) -> Iterator[str]:
    """The mapped fields that `customer` has a value for and would have none any more, named as in the mapping."""
    for name, value in wanted.fields.items():
        if value in EMPTY and getattr(customer, name) not in EMPTY:
            yield name
    for key, value in wanted.attributes.items():
        if value in EMPTY and customer.attributes.get(key) not in EMPTY:
            yield f"{ATTRIBUTE}{key}"
    for kind, values in wanted.handles.items():
        if not values and kind in kinds_held:
            yield f"{HANDLE}{kind}"
