"""The bounds that the shares of a policy came to, kept from one night to the next.

Where the curve of all customers cuts is found at night. Between two nights a customer who changes is measured by it.
"""

from collections.abc import Iterable

from customers.models import SyncRun, TierBound, TierPolicy
from customers.tiering.groups import Number
from customers.tiering.rules import AT_LEAST, Rule


def keep(policy: TierPolicy, run: SyncRun, rules: Iterable[Rule]) -> None:
    """Note what `run` found; it stands once the run has succeeded. Called again it comes to the same."""
    last_good = _last_good(policy)
    TierBound.objects.filter(policy=policy).exclude(run=last_good).delete()
    TierBound.objects.bulk_create(
        TierBound(policy=policy, run=run, tier_id=rule.tier, field=rule.field, value=rule.operand) for rule in rules
    )


def standing(policy: TierPolicy) -> list[Rule]:
    """The bounds as rules, the highest tier first; none while there are none by the value that the policy names."""
    found = TierBound.objects.filter(run=_last_good(policy), policy=policy, field=policy.value_field)
    return [
        Rule(bound.field, AT_LEAST, _number(bound.value), bound.tier_id, bound.tier.rank)
        for bound in found.select_related("tier")
    ]


def _number(value: float) -> Number:
    return int(value) if value.is_integer() else value


def _last_good(policy: TierPolicy) -> SyncRun | None:
    good = SyncRun.objects.filter(connection=policy.connection_id, state__in=SyncRun.GOOD, bounds__isnull=False)
    return good.order_by("-pk").first()
