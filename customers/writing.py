"""What is known anew of customers, written thousands at a time: by a sync, or by a person's file.

Everything happens in the caller's transaction, and is marked for the decide plane.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from contactcenter.foundation import changes
from contactcenter.foundation.parameters import numbers
from customers.facts import mark_customers
from customers.models import Customer, Handle, SyncRun, TierChange
from customers.records import Wanted

_COLUMNS = (
    "tier",
    "name",
    *("purchases", "order_volume", "lifetime_value"),
    *("plan", "account_level", "category", "account_manager", "language"),
    *("attributes", "updated_at"),
)


def batch_size() -> int:
    """Rows of one transaction: on SQLite few, because others wait to write meanwhile."""
    return 5000 if connection.vendor == "postgresql" else 500


@dataclass
class Move:
    """A customer on the way from what he was to what is wanted of him; `customer` has it already, in memory."""

    customer: Customer
    wanted: Wanted
    old_tier: int | None = None
    is_new: bool = False
    is_changed: bool = False


def write_customers(moves: Sequence[Move]) -> None:
    """Write who is new, who is changed, and their handles; what has become known of whom is marked."""
    Customer.objects.bulk_create([move.customer for move in moves if move.is_new], batch_size=batch_size())
    # An upsert by primary key: several times faster than bulk_update's CASE for each column.
    changed = {move.customer.pk: move.customer for move in moves if move.is_changed}
    Customer.objects.bulk_create(
        list(changed.values()),
        batch_size=batch_size(),
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=_COLUMNS,
    )
    gone = _write_handles(moves)
    mark_customers(move.customer.pk for move in moves if move.is_changed)
    fresh = [f"{kind}:{value}" for move in moves if move.is_new for kind, value in move.wanted.addresses()]
    changes.mark(changes.FACTS, [*gone, *fresh])


def _write_handles(moves: Sequence[Move]) -> list[str]:
    """Give the customers the handles of their records; the keys that have left somebody."""
    by_customer = {move.customer.pk: move for move in moves}
    wanted = {(move.customer.pk, kind, value) for move in moves for kind, value in move.wanted.addresses()}
    owned = {(move.customer.pk, kind) for move in moves for kind in move.wanted.handles}
    held = Handle.objects.filter(customer_id__in=numbers([move.customer.pk for move in moves if not move.is_new]))
    present: set[tuple[int, str, str]] = set()
    gone: dict[int, tuple[int, str]] = {}
    for handle_id, customer_id, kind, value in held.order_by().values_list("pk", "customer_id", "kind", "value"):
        present.add((customer_id, kind, value))
        if (customer_id, kind) in owned and (customer_id, kind, value) not in wanted:
            gone[handle_id] = (customer_id, f"{kind}:{value}")
    added = wanted - present
    leaving = Handle.objects.filter(pk__in=numbers(gone))
    leaving._raw_delete(leaving.db)  # nothing hangs on a handle, and the page marks them all at once
    new = [Handle(customer_id=pk, kind=kind, value=value) for pk, kind, value in sorted(added)]
    Handle.objects.bulk_create(new, batch_size=batch_size())
    for customer_id in {pk for pk, *rest in added} | {pk for pk, key in gone.values()}:
        by_customer[customer_id].is_changed = not by_customer[customer_id].is_new
    return [key for pk, key in gone.values()]


def write_tier_changes(
    moves: Iterable[tuple[Move, str]], tiers: Mapping[int | None, str], run: SyncRun | None = None
) -> int:
    """Record who moved from one tier to another, and by what; how many. `moves` come with their cause."""
    written = [
        TierChange(
            customer=move.customer,
            old_tier=tiers.get(move.old_tier, ""),
            new_tier=tiers.get(move.customer.tier_id, ""),
            cause=cause,
            run=run,
        )
        for move, cause in moves
        # A customer who is new has not moved.
        if not move.is_new and move.old_tier != move.customer.tier_id
    ]
    TierChange.objects.bulk_create(written, batch_size=batch_size())
    return len(written)
