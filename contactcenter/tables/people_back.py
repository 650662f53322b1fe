"""The way back for customers: what an import changed of them, and whom it added."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.foundation.parameters import numbers
from contactcenter.tables.columns import Refused
from contactcenter.tables.going_back import leave_alone, left_in, say, to_go_back
from contactcenter.tables.models import ImportRow
from contactcenter.tables.people import (
    NO_CONNECTION,
    Handles,
    PeopleTable,
    held_by,
    in_columns,
    shown,
    standing,
    version_of,
)
from contactcenter.tables.things import VERSION
from customers.crm.targets import ATTRIBUTE, HANDLE, TIER
from customers.facts import mark_customers
from customers.models import (
    Customer,
    CustomerMerge,
    DemotionCandidate,
    ExternalIdentity,
    Handle,
    LoyaltyTier,
    TierChange,
    TierOverride,
)
from customers.privacy.suppression import suppressed
from customers.records import Wanted, take_over
from customers.writing import Move, write_customers, write_tier_changes

Kind = ImportRow.Kind

HANGING_ON: tuple[type[Model], ...] = (Handle, TierChange, DemotionCandidate)
"""What goes with a customer who goes: nobody has set it up."""

KEEPING: tuple[tuple[type[Model], str], ...] = (
    (ExternalIdentity, "customer_id"),
    (TierOverride, "customer_id"),
    (CustomerMerge, "kept_id"),
    (CustomerMerge, "absorbed_id"),
    (Customer, "merged_into_id"),
)
"""What says that somebody else relies on him: a sync, a person who has set a tier or merged."""


@dataclass(frozen=True)
class _Now:
    """How the customers of some rows stand."""

    customers: Mapping[int, Customer]
    held: Mapping[int, Handles]
    tiers: Mapping[int | None, str]
    erased: Collection[str]
    settled: Collection[int]

    @classmethod
    def of(cls, rows: Sequence[ImportRow], *, is_locked: bool) -> "_Now":
        keys = [row.target for row in rows if row.target]
        found = Customer.objects.filter(pk__in=numbers(keys)).order_by("pk")
        known = (found.select_for_update(of=("self",)) if is_locked else found).in_bulk()
        addresses = {row.key: list(_addresses(row.wanted)) for row in rows if row.kind == Kind.CHANGED}
        tiers: dict[int | None, str] = dict(LoyaltyTier.objects.values_list("pk", "slug"))
        added = [row.target for row in rows if row.target and row.kind == Kind.REMOVED]
        return cls(known, held_by(list(known)), tiers, suppressed(NO_CONNECTION, addresses), _settled(added))

    def going_back(self, row: ImportRow, labels: Mapping[str, str]) -> dict[str, Any]:
        """What of a customer goes back, said in the row. Raises Refused."""
        customer = self._customer(row)
        if row.key in self.erased:
            raise Refused("", _("An address that this had before is of somebody who was erased."))
        left = in_columns(left_in(row))
        now = standing(customer, left, self.held[customer.pk], self.tiers)
        back, stays = to_go_back(now, left, row.wanted)
        if back.get(TIER) and back[TIER] not in self.tiers.values():
            raise Refused(TIER, _("What stood here before was deleted since."))
        say(row, [(name, shown(now[name]), shown(back[name])) for name in back], [labels[name] for name in stays])
        return back

    def leaving(self, row: ImportRow, user: Any) -> Customer | None:
        """The customer who goes; None when he has gone. Raises Refused when he stays."""
        if row.target not in self.customers:
            return None
        customer = self._customer(row)
        if not user.has_perm("customers.delete_customer"):
            raise Refused("", _("You may not delete it."))
        left = in_columns(left_in(row))
        held = self.held[customer.pk]
        is_same = standing(customer, left, held, self.tiers) == left and version_of(customer) == row.wanted[VERSION]
        if not is_same or customer.pk in self.settled or not held.keys() <= left_in(row)["handles"].keys():
            raise Refused("", _("Was changed since."))
        return customer

    def _customer(self, row: ImportRow) -> Customer:
        try:
            return self.customers[row.target or 0]
        except KeyError:
            raise Refused("", _("Was deleted since.")) from None


class PeopleBack:
    """Of customers goes back what no sync and nobody else has changed; whom nobody has touched is deleted again."""

    slug = PeopleTable.slug

    def look(self, rows: Sequence[ImportRow], user: Any) -> None:
        """Say of each of `rows` what would come of it."""
        _judged(rows, user, _Now.of(rows, is_locked=False))

    def write(self, rows: Sequence[ImportRow], user: Any) -> int:
        """Take back what `rows` say, in the caller's transaction; how many are left alone."""
        now = _Now.of(rows, is_locked=True)
        changed, leaving = _judged(rows, user, now)
        by_slug = {slug: pk for pk, slug in now.tiers.items()}
        moves = [_move(customer, back, by_slug) for customer, back in changed]
        write_customers(moves)
        write_tier_changes(((move, TierChange.Cause.IMPORT) for move in moves), now.tiers)
        _delete([customer.pk for customer in leaving])
        return sum(row.kind not in ImportRow.TO_APPLY for row in rows)


def _judged(
    rows: Sequence[ImportRow], user: Any, now: _Now
) -> tuple[list[tuple[Customer, dict[str, Any]]], list[Customer]]:
    """Who goes back, to what, and who goes; each row says what comes of it."""
    labels = {column.name: column.shown for column in PeopleTable().columns()}
    changed, leaving = [], []
    for row in rows:
        try:
            if row.kind == Kind.REMOVED:
                customer = now.leaving(row, user)
                if customer:
                    leaving.append(customer)
                else:
                    row.kind = Kind.UNCHANGED
            elif back := now.going_back(row, labels):
                changed.append((now.customers[row.target or 0], back))
        except Refused as refused:
            leave_alone(row, refused)
    return changed, leaving


def _settled(customer_ids: Sequence[int]) -> set[int]:
    """On whom somebody else has begun to rely."""
    found: set[int] = set()
    for model, name in KEEPING:
        rows = model._default_manager.filter(Q(**{f"{name}__in": numbers(customer_ids)})).order_by()
        found |= set(rows.values_list(name, flat=True))
    return found


def _addresses(wanted: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, values in wanted.items():
        if name.startswith(HANDLE):
            yield from ((name.removeprefix(HANDLE), value) for value in values)


def _move(customer: Customer, back: Mapping[str, Any], tiers: Mapping[str, int | None]) -> Move:
    """The customer, in memory, as he was before."""
    special = (ATTRIBUTE, HANDLE, TIER)
    wanted = Wanted(
        {name: value for name, value in back.items() if not name.startswith(special)},
        {name.removeprefix(ATTRIBUTE): value for name, value in back.items() if name.startswith(ATTRIBUTE)},
        {name.removeprefix(HANDLE): value for name, value in back.items() if name.startswith(HANDLE)},
    )
    move = Move(customer, wanted, customer.tier_id)
    move.is_changed = take_over(customer, wanted) or TIER in back
    if TIER in back:
        customer.tier_id = tiers.get(back[TIER])
    customer.updated_at = timezone.now()
    return move


def _delete(customer_ids: Sequence[int]) -> None:
    """Delete customers on whom nothing hangs but what HANGING_ON names; decide hosts hear of it."""
    mark_customers(customer_ids)
    for model in HANGING_ON:
        rows = model._default_manager.filter(customer_id__in=numbers(customer_ids))
        rows._raw_delete(rows.db)
    leaving = Customer.objects.filter(pk__in=numbers(customer_ids))
    leaving._raw_delete(leaving.db)
