"""Two customers that are one: merged without losing either, and parted again.

The one that is merged keeps his row, his handles and his ids in the CRMs, so that the next sync alters
nothing of it; whoever calls from an address of his is the customer he was merged into.
"""

from django.db import connection, transaction
from django.utils import timezone

from contactcenter.foundation import changes
from customers.facts import mark_customers
from customers.models import Customer, CustomerMerge, Handle


class CannotMerge(Exception):
    """These two cannot be merged, or parted: they are one already, or are not."""


@transaction.atomic
def merge(kept: Customer, absorbed: Customer, cause: str, reason: str, by: int | None = None) -> CustomerMerge | None:
    """Let `absorbed` be `kept` from now on, with everybody merged into him before; None when he is already."""
    locked = _locked(kept, absorbed)
    root = _locked(locked[kept.pk])[locked[kept.pk].merged_into_id or kept.pk]
    gone = locked[absorbed.pk]
    if root.pk == gone.pk:
        raise CannotMerge
    if gone.merged_into_id == root.pk:
        return None
    done = CustomerMerge.objects.create(kept=root, absorbed=gone, cause=cause, reason=reason, merged_by_id=by)
    Customer.objects.filter(merged_into=gone).update(merged_into=root)
    Customer.objects.filter(pk=gone.pk).update(merged_into=root)
    mark_customers([root.pk])
    return done


@transaction.atomic
def part(done: CustomerMerge, by: int | None = None) -> None:
    """Undo a merge: both are on their own again, and whoever had been merged into `absorbed` is his again."""
    absorbed = Customer.objects.select_for_update().get(pk=done.absorbed_id)
    open_merges = CustomerMerge.objects.filter(pk=done.pk, undone_at__isnull=True)
    if absorbed.merged_into_id is None or not open_merges.update(undone_at=timezone.now(), undone_by=by):
        raise CannotMerge
    earlier = CustomerMerge.objects.filter(kept=absorbed, undone_at__isnull=True).values("absorbed")
    mark_customers([absorbed.merged_into_id])
    Customer.objects.filter(pk=absorbed.pk).update(merged_into=None)
    Customer.objects.filter(pk__in=earlier, merged_into=absorbed.merged_into_id).update(merged_into=absorbed)


def _locked(*customers: Customer) -> dict[int, Customer]:
    """The rows of `customers` and of those they were merged into, as they are now, locked in one order."""
    ids = {each.pk for each in customers} | {each.merged_into_id for each in customers if each.merged_into_id}
    return Customer.objects.select_for_update().order_by("pk").in_bulk(ids)


def mark_shared() -> None:
    """Tell the decide plane, in the caller's transaction, of every address that several customers have."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_SHARED, [changes.FACTS])


# In the database: of a million addresses tens of thousands may be shared.
_MARK_SHARED = f"""
    INSERT INTO foundation_change (topic, key)
    SELECT %s, kind || ':' || value FROM {Handle._meta.db_table}
    GROUP BY kind, value HAVING COUNT(*) > 1 ORDER BY kind, value
    ON CONFLICT (topic, key) DO UPDATE SET seq = NULL"""  # noqa: S608 - a constant
