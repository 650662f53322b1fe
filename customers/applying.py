"""The last third of a sync: what was staged, and judged harmless or approved, reaches the customers.

A few thousand rows are one transaction, and the run remembers how far it came. Only what differs is
written. The tier moves exactly where the comparison said that it would.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.foundation.parameters import numbers, texts
from customers import creating, runs, tiering
from customers.crm.mapping import Mappings, Rejection
from customers.models import (
    CrmConnection,
    Customer,
    ExternalIdentity,
    Handle,
    LoyaltyTier,
    StagedRecord,
    SyncRun,
    TierChange,
)
from customers.records import Wanted, take_over
from customers.staged_rows import QUARANTINED, analyse, write_rejections
from customers.writing import Move, batch_size, write_customers, write_tier_changes

Operation = StagedRecord.Operation


@dataclass(kw_only=True)
class _Move(Move):
    """A staged row on its way to its customer."""

    row: StagedRecord
    identity: ExternalIdentity

    @property
    def is_gone(self) -> bool:
        return self.row.operation == Operation.DELETE


def apply_on(run: SyncRun, mappings: Mappings) -> None:
    """Apply the next rows of the run, or end it when there are none. Raises runs.LeaseLost."""
    keys = next_keys(run, batch_size() if run.most_at_once is None else max(run.most_at_once, 1))
    with transaction.atomic():
        if not keys:
            _succeed(run)
            return
        write = _quarantine if run.most_at_once == 0 else _apply
        runs.checkpoint(run, keys[-1])
        runs.count(run, write(run, keys))


def _succeed(run: SyncRun) -> None:
    run.refresh_from_db(fields=["created", "rejected"])
    if run.created:
        analyse(Customer, ExternalIdentity, Handle)
    runs.finish(run, SyncRun.State.PARTIAL if run.rejected else SyncRun.State.SUCCEEDED)
    CrmConnection.objects.filter(pk=run.connection_id).update(synced_until=run.upper_bound)


def _quarantine(run: SyncRun, keys: list[int]) -> dict[str, int]:
    """Set aside the row that the sync broke down over."""
    rows = StagedRecord.objects.filter(pk__in=numbers(keys))
    reason = _("The sync broke down over this record again and again; it was left out.")
    write_rejections(run, [Rejection(row.external_id, QUARANTINED, reason) for row in rows])
    return {"rejected": rows.update(operation=Operation.REJECT)}


def next_keys(run: SyncRun, limit: int) -> list[int]:
    """The keys of the next rows to be applied, in order."""
    rows = StagedRecord.objects.filter(run=run, pk__gt=run.applied_key, operation__in=StagedRecord.APPLIED)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def _apply(run: SyncRun, keys: list[int]) -> dict[str, int]:
    """Apply the rows of these keys: new customers by the database itself, where it can."""
    created = creating.create(run, keys)
    others = StagedRecord.objects.filter(pk__in=numbers(set(keys) - created)).order_by("pk")
    done = apply(run, list(others))
    return done | {"created": done["created"] + len(created)}


def apply(run: SyncRun, rows: list[StagedRecord]) -> dict[str, int]:
    """Write what `rows` say, in the caller's transaction; what happened, by the run's counters."""
    now = timezone.now()
    moves = _moves(run, rows, now)
    tiers: dict[int | None, str] = dict(LoyaltyTier.objects.values_list("pk", "slug"))
    for move in moves:
        _move(move, tiers)
    write_customers(moves)
    _write_identities(moves, now)
    moved = _write_tier_changes(run, moves, tiers)
    return {
        "created": sum(move.is_new for move in moves),
        "changed": sum(move.is_changed and not move.is_gone for move in moves),
        "deleted": sum(move.is_gone for move in moves),
        "unchanged": sum(not (move.is_new or move.is_changed) for move in moves if move.row.operation in _COUNTED),
        "tier_changes": moved,
    }


_COUNTED = (Operation.CREATE, Operation.CHANGE)
"""Operations whose records no counter has yet."""


def _moves(run: SyncRun, rows: list[StagedRecord], now: datetime) -> list[_Move]:
    """The rows with their customers, existing ones locked; a row whose customer was erased meanwhile is left out."""
    ids = [row.external_id for row in rows]
    found = ExternalIdentity.objects.filter(connection_id=run.connection_id, external_id__in=texts(ids))
    identities = {identity.external_id: identity for identity in found}
    known = Customer.objects.filter(pk__in=numbers([identity.customer_id for identity in identities.values()]))
    customers = {customer.pk: customer for customer in known.select_for_update(of=("self",)).order_by("pk")}
    moves = []
    for row in rows:
        identity = identities.get(row.external_id)
        customer = customers.get(identity.customer_id) if identity else None
        if identity is None and row.operation == Operation.CREATE:
            customer = Customer(updated_at=now)
            identity = ExternalIdentity(connection_id=run.connection_id, external_id=row.external_id)
            moves.append(_Move(customer, Wanted(**row.mapped), row=row, identity=identity, is_new=True))
        elif identity is not None and customer is not None:
            moves.append(_Move(customer, Wanted(**row.mapped), row=row, identity=identity))
    return moves


def _move(move: _Move, tiers: dict[int | None, str]) -> None:
    """Give the customer, in memory, what the row says."""
    row, customer = move.row, move.customer
    move.old_tier = customer.tier_id
    differs = take_over(customer, move.wanted)
    says_tier = row.operation == Operation.CREATE or row.new_tier_id != row.old_tier_id
    if says_tier and row.new_tier_id != customer.tier_id and (row.new_tier_id is None or row.new_tier_id in tiers):
        customer.tier_id = row.new_tier_id
        differs = True
    move.is_changed = differs and not move.is_new


def _write_identities(moves: list[_Move], now: datetime) -> None:
    """Remember what was applied, and who is missing since when."""
    written = [move for move in moves if _remembers(move, now)]
    new = [move.identity for move in written if move.is_new]
    ExternalIdentity.objects.bulk_create(new, batch_size=batch_size())
    ExternalIdentity.objects.bulk_create(
        [move.identity for move in written if not move.is_new],
        batch_size=batch_size(),
        update_conflicts=True,
        unique_fields=["connection", "external_id"],
        update_fields=["fingerprint", "missing_since"],
    )


def _remembers(move: _Move, now: datetime) -> bool:
    """Set what the identity is to remember; whether anything differs."""
    identity = move.identity
    before = (identity.customer_id, identity.fingerprint, identity.missing_since)
    identity.customer_id = move.customer.pk
    if move.is_gone:
        identity.missing_since = identity.missing_since or now
    elif move.row.fingerprint:
        identity.fingerprint, identity.missing_since = move.row.fingerprint, None
    return before != (identity.customer_id, identity.fingerprint, identity.missing_since)


def _write_tier_changes(run: SyncRun, moves: list[_Move], tiers: dict[int | None, str]) -> int:
    """Record who moved, by the record's own word or by a policy. Who is gone from the CRM moves by the sync."""
    moved = any(not move.is_new and move.old_tier != move.customer.tier_id for move in moves)
    cause = tiering.cause(run) if moved else ""
    return write_tier_changes(((move, TierChange.Cause.SYNC if move.is_gone else cause) for move in moves), tiers, run)
