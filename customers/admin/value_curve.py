"""The customers' own value curve, ready for a page: the picture, and the same as a table."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from contactcenter.foundation import values
from customers.models import AttributeDefinition, LoyaltyTier, TierPolicy
from customers.tiering import curve
from customers.tiering.drawing import picture
from customers.tiering.fields import ATTRIBUTE, COLUMNS
from customers.tiering.policies import cut, value_column
from customers.tiering.population import stored

VITAL = 80
"""Per cent of the value that the sentence above the picture is about."""

Shares = Sequence[tuple[LoyaltyTier, Decimal]]


def shown(policy: TierPolicy, shares: Shares) -> dict[str, Any]:
    """The curve of the policy's customers as they are now, cut by `shares`. Empty when nobody brings anything."""
    ordered = sorted(shares, key=lambda share: -share[0].rank) if policy.source in TierPolicy.BY_SHARE else []
    cuts = [cut(policy, percent) for _tier, percent in ordered]
    population = stored(policy.connection_id, [value_column(policy)])
    read = curve.read(population, [curve.Share(curve.WORTH, VITAL), *cuts], curve.POINTS)
    vital, *groups = read.groups
    if vital is None:
        return {}
    return {
        "headline": _headline(vital, read.total),
        "picture": picture(
            [_shares_of(point, read.total) for point in read.points],
            [_shares_of(group, read.total) for group in groups if group],
        ),
        "rows": list(_rows(ordered, groups, read.total, _is_money(policy.value_field))),
        "others": _others(groups, read.total, policy) if ordered else None,
    }


def _shares_of(group: curve.Group, total: curve.Group) -> tuple[float, float]:
    return group.customers / total.customers, float(group.worth) / float(total.worth)


def _headline(vital: curve.Group, total: curve.Group) -> str:
    return _("The best %(share)s %% of the customers (%(count)s of %(total)s) bring %(vital)s %% of the value.") % {
        "share": _percent(vital.customers / total.customers),
        "count": whole(vital.customers),
        "total": whole(total.customers),
        "vital": VITAL,
    }


def _rows(
    ordered: Shares, groups: Sequence[curve.Group | None], total: curve.Group, is_money: bool
) -> Iterator[dict[str, Any]]:
    """A row for each tier that anybody is in, numbered as its mark in the picture."""
    taken = [
        (tier, percent, group, size)
        for (tier, percent), group, size in zip(ordered, groups, curve.sizes(groups), strict=True)
        if group
    ]
    for number, (tier, percent, group, size) in enumerate(taken, 1):
        of_customers, of_value = _shares_of(group, total)
        yield {
            "number": number,
            "tier": tier,
            "share": _percent(float(percent) / 100),
            "bound": _amount(group.bound, is_money),
            "customers": whole(size),
            "of_customers": _percent(of_customers),
            "of_value": _percent(of_value),
        }


def _others(groups: Sequence[curve.Group | None], total: curve.Group, policy: TierPolicy) -> dict[str, Any]:
    return {"tier": policy.otherwise, "customers": whole(total.customers - sum(curve.sizes(groups)))}


def _is_money(field: str) -> bool:
    if field in COLUMNS:
        return COLUMNS[field] == values.MONEY
    key = field.removeprefix(ATTRIBUTE)
    return AttributeDefinition.objects.filter(key=key, type=values.MONEY).exists()


def _amount(value: float, is_money: bool) -> str:
    return number_format(Decimal(value) / 100, 2, force_grouping=True) if is_money else whole(value)


def whole(value: float) -> str:
    """A number with its thousands apart."""
    return number_format(value, force_grouping=True)


def _percent(share: float) -> str:
    rounded = round(share * 100, 1)
    return number_format(int(rounded) if rounded == int(rounded) else rounded)
