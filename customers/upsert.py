"""One page of a CRM's records, written to the database in a handful of statements.

Customers are recognised by their id in the CRM. A record that was applied before, under the same
mapping, costs one comparison and no write. The record owns its customer's handles of the kinds it is
mapped to: a number that has left the record leaves the customer.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from contactcenter.foundation import changes
from customers.crm.mapping import Mapped, Mappings, Rejection, external_id, fingerprint, map_record
from customers.crm.targets import FACTS, TIER
from customers.facts import mark_customers
from customers.models import Customer, ExternalIdentity, Handle, LoyaltyTier, RejectedRow, SyncRun, TierChange

BATCH = 500
"""Rows written by one statement: SQLite's measure for not keeping other writers waiting."""

_COLUMNS = ("tier", *FACTS, "attributes", "updated_at")


@dataclass
class _Row:
    """A record that says something new, and the customer it is about."""

    mapped: Mapped
    fingerprint: str
    customer: Customer
    old_tier: int | None = None
    is_new: bool = False
    is_changed: bool = False


@dataclass(frozen=True)
class _Incoming:
    """A record as it came, with the id and the fingerprint it is recognised by."""

    record: Any
    external_id: str | None
    fingerprint: str


@dataclass
class _Sorted:
    """A page's records by what is to be done with them."""

    rows: dict[str, tuple[Mapped, str]] = field(default_factory=dict)
    rejections: list[Rejection] = field(default_factory=list)
    unchanged: int = 0


def apply_records(run: SyncRun, records: list[Any], mappings: Mappings) -> dict[str, int]:
    """Write what is new in `records`, in the caller's transaction; what happened, by the run's counters."""
    digest = mappings.digest()
    incoming = [_Incoming(record, external_id(record, mappings), fingerprint(record, digest)) for record in records]
    identities = _identities(run, incoming)
    page = _sort(incoming, mappings, identities)
    rows = _rows(page, identities)
    _write_customers(rows)
    _write_identities(run, rows)
    gone = _write_handles(rows)
    moves = _write_tier_changes(run, rows)
    _write_rejections(run, page.rejections)
    mark_customers(row.customer.pk for row in rows if row.is_new or row.is_changed)
    changes.mark(changes.FACTS, gone)
    created = sum(row.is_new for row in rows)
    changed = sum(row.is_changed for row in rows)
    return {
        "read": len(records),
        "created": created,
        "changed": changed,
        "unchanged": page.unchanged + len(rows) - created - changed,
        "rejected": len(page.rejections),
        "tier_changes": moves,
    }


def _identities(run: SyncRun, incoming: list[_Incoming]) -> dict[str, tuple[int, str]]:
    """Those of the ids that are known: whose they are, and what was last applied."""
    ids = [one.external_id for one in incoming if one.external_id]
    known = ExternalIdentity.objects.filter(connection_id=run.connection_id, external_id__in=ids)
    return {row[0]: (row[1], row[2]) for row in known.values_list("external_id", "customer_id", "fingerprint")}


def _sort(incoming: list[_Incoming], mappings: Mappings, identities: dict[str, tuple[int, str]]) -> _Sorted:
    page = _Sorted()
    for one in incoming:
        if identities.get(one.external_id or "", (0, ""))[1] == one.fingerprint:
            page.unchanged += 1
            continue
        mapped = map_record(one.record, mappings)
        if isinstance(mapped, Rejection):
            page.rejections.append(mapped)
            continue
        page.unchanged += mapped.external_id in page.rows  # twice on one page: the later one counts
        page.rows[mapped.external_id] = (mapped, one.fingerprint)
    return page


def _rows(page: _Sorted, identities: dict[str, tuple[int, str]]) -> list[_Row]:
    """The records with their customers, existing ones locked, with everything set but nothing written."""
    tiers = dict(LoyaltyTier.objects.values_list("slug", "pk"))
    wanted = [identities[record_id][0] for record_id in page.rows if record_id in identities]
    existing = Customer.objects.select_for_update().order_by("pk").in_bulk(wanted)
    rows = []
    for record_id, (mapped, print_of_record) in page.rows.items():
        customer = existing.get(identities.get(record_id, (0, ""))[0])
        row = _Row(mapped, print_of_record, customer or Customer(), is_new=customer is None)
        row.old_tier = row.customer.tier_id
        row.is_changed = _set(row.customer, mapped, tiers) and not row.is_new
        rows.append(row)
    return rows


def _set(customer: Customer, mapped: Mapped, tiers: dict[str, int]) -> bool:
    """Give the customer what the record says; whether anything differs."""
    wanted: dict[str, Any] = {name: value for name, value in mapped.fields.items() if name != TIER}
    if TIER in mapped.fields:
        slug = mapped.fields[TIER]
        wanted["tier_id"] = tiers[str(slug)] if slug else None
    attributes = customer.attributes | mapped.attributes
    wanted["attributes"] = {key: value for key, value in attributes.items() if value is not None}
    different = {name: value for name, value in wanted.items() if getattr(customer, name) != value}
    for name, value in different.items():
        setattr(customer, name, value)
    return bool(different)


def _write_customers(rows: list[_Row]) -> None:
    Customer.objects.bulk_create([row.customer for row in rows if row.is_new], batch_size=BATCH)
    # An upsert by primary key: several times faster than bulk_update's CASE for each column.
    Customer.objects.bulk_create(
        [row.customer for row in rows if row.is_changed],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=_COLUMNS,
    )


def _write_identities(run: SyncRun, rows: list[_Row]) -> None:
    identities = [
        ExternalIdentity(
            connection_id=run.connection_id,
            external_id=row.mapped.external_id,
            customer=row.customer,
            fingerprint=row.fingerprint,
        )
        for row in rows
    ]
    ExternalIdentity.objects.bulk_create(
        identities,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["connection", "external_id"],
        update_fields=["fingerprint"],
    )


def _write_handles(rows: list[_Row]) -> list[str]:
    """Give the customers the handles of their records; the keys that have left somebody."""
    by_customer = {row.customer.pk: row for row in rows}
    wanted = {(pk, kind, value) for pk, row in by_customer.items() for kind, value in _addresses(row.mapped)}
    held = Handle.objects.filter(customer_id__in=[row.customer.pk for row in rows if not row.is_new])
    present: set[tuple[int, str, str]] = set()
    gone: dict[int, tuple[int, str]] = {}
    for handle_id, customer_id, kind, value in held.order_by().values_list("pk", "customer_id", "kind", "value"):
        present.add((customer_id, kind, value))
        if kind in by_customer[customer_id].mapped.handles and (customer_id, kind, value) not in wanted:
            gone[handle_id] = (customer_id, f"{kind}:{value}")
    added = wanted - present
    leaving = Handle.objects.filter(pk__in=list(gone))
    leaving._raw_delete(leaving.db)  # nothing hangs on a handle, and the page marks them all at once
    handles = [Handle(customer_id=pk, kind=kind, value=value) for pk, kind, value in sorted(added)]
    Handle.objects.bulk_create(handles, batch_size=BATCH, ignore_conflicts=True)
    for customer_id in {pk for pk, *_ in added} | {pk for pk, _ in gone.values()}:
        by_customer[customer_id].is_changed = not by_customer[customer_id].is_new
    return [key for _, key in gone.values()]


def _addresses(mapped: Mapped) -> Iterable[tuple[str, str]]:
    return ((kind, value) for kind, values in mapped.handles.items() for value in values)


def _write_tier_changes(run: SyncRun, rows: list[_Row]) -> int:
    """Record who moved from one tier to another; a customer who is new has not moved."""
    slugs: dict[int | None, str] = dict(LoyaltyTier.objects.values_list("pk", "slug"))
    moved = [row for row in rows if not row.is_new and row.old_tier != row.customer.tier_id]
    TierChange.objects.bulk_create(
        [
            TierChange(
                customer=row.customer,
                old_tier=slugs.get(row.old_tier, ""),
                new_tier=slugs.get(row.customer.tier_id, ""),
                cause=TierChange.Cause.SYNC,
                run=run,
            )
            for row in moved
        ],
        batch_size=BATCH,
    )
    return len(moved)


def _write_rejections(run: SyncRun, rejections: list[Rejection]) -> None:
    RejectedRow.objects.bulk_create(
        [
            RejectedRow(
                run=run,
                external_id=rejection.external_id,
                field=rejection.field[:80],
                reason=rejection.reason[:200],
                page_no=run.page_no,
            )
            for rejection in rejections
        ],
        batch_size=BATCH,
    )
