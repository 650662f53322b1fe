"""A connection's tier policy as rules, ready to be applied: shares become the bounds that they come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from contactcenter.foundation import values
from customers.crm.mapping import BadMapping
from customers.models import AttributeDefinition, TierPolicy, TierRule
from customers.tiering import bounds, curve
from customers.tiering.fields import ATTRIBUTE, COLUMNS, COUNTABLE
from customers.tiering.groups import Percent
from customers.tiering.population import Column, Query, column
from customers.tiering.rules import AT_LEAST, NO_TIER, Rule, as_text

Source = TierPolicy.Source


@dataclass(frozen=True)
class Plan:
    """Who gets which tier: the rules in order, and the tier of everyone else."""

    rules: tuple[Rule, ...]
    otherwise: int | None
    otherwise_rank: int
    margin_percent: int
    grace: timedelta

    def columns(self) -> dict[tuple[str, bool], str]:
        """The population's column of each field that the rules look at, as a number (True) or as text."""
        read = sorted({rule.reads for rule in self.rules})
        return {each: f"v{place}" for place, each in enumerate(read)}


def policy_of(connection_id: int) -> TierPolicy | None:
    """The policy of this connection; None when the CRM's own word counts."""
    policy = TierPolicy.objects.select_related("otherwise").filter(connection_id=connection_id).first()
    return None if policy is None or policy.source == Source.DIRECT else policy


def columns_of(policy: TierPolicy) -> list[Column]:
    """What has to be read of each customer to apply the policy, named as its plan has it."""
    if policy.source in TierPolicy.BY_SHARE:
        return [value_column(policy)]
    read = _plan(policy, rules_of(policy)).columns()
    return [column(field, name, is_number) for (field, is_number), name in read.items()]


def plan_of(policy: TierPolicy, population: Query) -> Plan:
    """The policy for these customers: shares have become bounds."""
    by_share = policy.source in TierPolicy.BY_SHARE
    return _plan(policy, rules_of_shares(policy, population) if by_share else rules_of(policy))


def standing_plan_of(policy: TierPolicy) -> Plan | None:
    """The policy as it stands since the last good run: for a few customers, without looking at all the others.

    None where a share has not been computed yet, or by another value than the policy names now.
    """
    by_share = policy.source in TierPolicy.BY_SHARE
    rules = bounds.standing(policy) if by_share else rules_of(policy)
    return _plan(policy, rules) if rules else None


def _plan(policy: TierPolicy, rules: Sequence[Rule]) -> Plan:
    other = policy.otherwise
    return Plan(
        tuple(rules),
        other.pk if other else None,
        other.rank if other else NO_TIER,
        policy.margin_percent,
        timedelta(days=policy.grace_days),
    )


def value_column(policy: TierPolicy) -> Column:
    """What the customers are ranked by, named as curve.py wants it."""
    return column(policy.value_field, curve.VALUE, is_number=True)


def rules_of_shares(policy: TierPolicy, population: Query) -> list[Rule]:
    """The bounds that the shares come to in this population, the highest tier first."""
    shares = sorted(policy.shares.select_related("tier"), key=lambda share: -share.tier.rank)
    found = curve.read(population, [cut(policy, share.percent) for share in shares]).groups
    return [
        Rule(policy.value_field, AT_LEAST, group.bound, share.tier_id, share.tier.rank)
        for share, group in zip(shares, found, strict=True)
        if group is not None
    ]


def cut(policy: TierPolicy, percent: Percent) -> curve.Share:
    """A share of the kind that the policy has."""
    return curve.Share(curve.CUSTOMERS if policy.source == Source.PERCENTILE else curve.WORTH, percent)


def rules_of(policy: TierPolicy) -> list[Rule]:
    """The policy's own rules, in order. Raises BadMapping, which ends a run with its words."""
    types = COLUMNS | {
        f"{ATTRIBUTE}{key}": kind for key, kind in AttributeDefinition.objects.values_list("key", "type")
    }
    rows = policy.rules.select_related("tier").order_by("position", "pk")
    return [_readable(row, types.get(row.field, values.TEXT)) for row in rows]


def _readable(row: TierRule, kind: str) -> Rule:
    try:
        return rule(row, kind)
    except values.NotOfType:  # the attribute has been given another type since
        raise BadMapping(str(row), _("this tier rule cannot be read any more; correct it in the tier policy")) from None


def rule(row: TierRule, kind: str) -> Rule:
    """One rule, its operand read as its field's type. Raises values.NotOfType."""
    operand = values.read(row.operand, kind)
    if operand is None or (kind not in COUNTABLE and row.operator != TierRule.Operator.IS):
        raise values.NotOfType(kind)
    known: int | float | str = as_text(operand) if kind not in COUNTABLE or isinstance(operand, bool) else operand
    return Rule(row.field, row.operator, known, row.tier_id, row.tier.rank)
