"""Writes down when overrides began and ended: the decide plane follows their dates by itself, this is the evidence.

Each override is recorded once at its start and once at its end, at the moment that it says itself, however
late the job comes. Who counts on an address that several customers share is chosen on this side, though: the
plane is told of them once more.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from customers.facts import mark_customers
from customers.models import Customer, TierChange, TierOverride
from customers.tiers import tier_at

BATCH = 500

Cause, Recorded = TierChange.Cause, TierOverride.Recorded


def record(now: datetime) -> int:
    """Record every start and end up to `now` that is not recorded yet; how many tier changes that makes."""
    recorded = 0
    while True:
        with transaction.atomic():
            due = list(_due(now).select_for_update().order_by("pk")[:BATCH])
            recorded += len(_write(due, now))
        if len(due) < BATCH:
            return recorded


def removed(override: TierOverride, now: datetime | None = None) -> None:
    """Record that a person took away an override that was in force; call it after it is gone."""
    moment = now or timezone.now()
    if override.starts_at <= moment and (override.ends_at is None or override.ends_at > moment):
        customer = override.customer
        others = list(customer.tier_overrides.exclude(pk=override.pk).select_related("tier"))
        before = _tier_at(customer, [*others, override], moment)
        _save([_change(customer, before, _tier_at(customer, others, moment), Cause.OVERRIDE, moment)])


def objection_changed(customer: Customer) -> None:
    """Record that a customer objected to profiling, or took it back: the tier that counts is gone, or is back."""
    now = timezone.now()
    counted = _tier_at(customer, list(customer.tier_overrides.select_related("tier")), now, anyway=True)
    before, after = (counted, "") if customer.objects_to_profiling else ("", counted)
    _save([_change(customer, before, after, Cause.OBJECTION, now)])


def _due(now: datetime) -> Any:
    begun = Q(recorded=Recorded.NOTHING, starts_at__lte=now)
    ended = Q(recorded__in=(Recorded.NOTHING, Recorded.START), ends_at__lte=now)
    return TierOverride.objects.filter(begun | ended)


def _write(due: list[TierOverride], now: datetime) -> list[TierChange]:
    customers = Customer.objects.select_related("tier").in_bulk([each.customer_id for each in due])
    held = TierOverride.objects.filter(customer_id__in=list(customers)).select_related("tier")
    of_customer: dict[int, list[TierOverride]] = {key: [] for key in customers}
    for override in held:
        of_customer[override.customer_id].append(override)
    changes: list[TierChange] = []
    for override in due:
        changes += _of_one(override, customers[override.customer_id], of_customer[override.customer_id], now)
        override.recorded = Recorded.END if override.ends_at and override.ends_at <= now else Recorded.START
    TierOverride.objects.bulk_update(due, ["recorded"])
    mark_customers(customers)
    return _save(changes)


def _of_one(
    override: TierOverride, customer: Customer, held: list[TierOverride], now: datetime
) -> Iterable[TierChange]:
    others = [other for other in held if other.pk != override.pk]
    if override.recorded == Recorded.NOTHING:
        start = override.starts_at
        before, after = _tier_at(customer, others, start), _tier_at(customer, held, start)
        yield _change(customer, before, after, Cause.OVERRIDE, start)
    if override.ends_at and override.ends_at <= now:
        end = override.ends_at
        lasting = TierOverride(tier=override.tier, starts_at=override.starts_at)
        before, after = _tier_at(customer, [*others, lasting], end), _tier_at(customer, others, end)
        yield _change(customer, before, after, Cause.EXPIRY, end)


def _tier_at(customer: Customer, overrides: list[TierOverride], moment: datetime, anyway: bool = False) -> str:
    """The tier that counted at `moment`, as the decide plane reckons it (customers.tiers)."""
    if customer.objects_to_profiling and not anyway:
        return ""
    latest_first = sorted(overrides, key=lambda each: each.starts_at, reverse=True)
    facts: dict[str, Any] = {"spans": [_span(each) for each in latest_first]}
    if customer.tier:
        facts["tier"] = customer.tier.slug
    return tier_at(facts, moment) or ""


def _span(override: TierOverride) -> dict[str, str]:
    until = {"until": override.ends_at.isoformat()} if override.ends_at else {}
    return {"tier": override.tier.slug, "from": override.starts_at.isoformat(), **until}


def _change(customer: Customer, old: str, new: str, cause: str, moment: datetime) -> TierChange:
    return TierChange(customer=customer, old_tier=old, new_tier=new, cause=cause, changed_at=moment)


def _save(changes: list[TierChange]) -> list[TierChange]:
    """Those that changed something."""
    return TierChange.objects.bulk_create([each for each in changes if each.old_tier != each.new_tier])
