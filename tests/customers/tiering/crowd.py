"""A CRM's customers in the database, with a run that has read them: what tiers are assigned to."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from customers.models import (
    CrmConnection,
    Customer,
    ExternalIdentity,
    LoyaltyTier,
    StagedRecord,
    SyncRun,
    TierPolicy,
    TierRule,
    TierShare,
)
from tests.customers.crm_standin import tiers


class Crowd:
    """Customers named by their id in the CRM; `tier` are the four loyalty tiers by short name."""

    def __init__(self) -> None:
        self.tier: dict[str, LoyaltyTier] = tiers()
        [self.connection] = CrmConnection.objects.bulk_create(
            [CrmConnection(name="CRM", slug="crm", url="https://crm.example.com/", synced_until=timezone.now())]
        )

    def add(self, external_id: str, tier: str = "", **fields: Any) -> Customer:
        """A customer known from the CRM."""
        someone = Customer.objects.create(name=external_id, tier=self.tier.get(tier), **fields)
        ExternalIdentity.objects.create(connection=self.connection, external_id=external_id, customer=someone)
        return someone

    def add_many(self, people: Iterable[dict[str, Any]]) -> None:
        """Customers m0, m1, m2... with these fields."""
        customers = Customer.objects.bulk_create(
            Customer(name=f"m{place}", **each) for place, each in enumerate(people)
        )
        ExternalIdentity.objects.bulk_create(
            ExternalIdentity(connection=self.connection, external_id=one.name, customer=one) for one in customers
        )

    def policy(self, source: str, shares: dict[str, float] | None = None, **fields: Any) -> TierPolicy:
        """The connection's policy; without margin and grace unless they are given."""
        settings = {"margin_percent": 0, "grace_days": 0, **fields}
        policy = TierPolicy.objects.create(connection=self.connection, source=source, **settings)
        for tier, percent in (shares or {}).items():
            TierShare.objects.create(policy=policy, tier=self.tier[tier], percent=percent)
        return policy

    def rule(self, policy: TierPolicy, field: str, operator: str, operand: object, tier: str) -> None:
        """The next rule of the policy."""
        TierRule.objects.create(
            policy=policy,
            position=policy.rules.count() * 10,
            field=field,
            operator=operator,
            operand=str(operand),
            tier=self.tier[tier],
        )

    def run(self, **fields: Any) -> SyncRun:
        """A run that has staged nothing yet; the one before it is over."""
        SyncRun.objects.update(state=SyncRun.State.SUCCEEDED)
        return SyncRun.objects.create(
            connection=self.connection,
            trigger=SyncRun.Trigger.MANUAL,
            state=SyncRun.State.RUNNING,
            upper_bound=timezone.now(),
            **fields,
        )

    def stage(self, run: SyncRun, external_id: str, operation: str = "unchanged", **mapped: Any) -> StagedRecord:
        """A record that the run has read."""
        customer = Customer.objects.filter(name=external_id).first()
        before = customer.tier if customer else None
        return StagedRecord.objects.create(
            run=run,
            external_id=external_id,
            operation=operation,
            mapped={"fields": {}, "attributes": {}, "handles": {}, **mapped},
            customer=customer,
            old_tier=before,
            new_tier=None if operation == "delete" else before,
        )


def moves(run: SyncRun) -> dict[str, tuple[str, str]]:
    """What the run would do: the operation and the tier then, by id in the CRM."""
    rows = StagedRecord.objects.filter(run=run).values_list("external_id", "operation", "new_tier__slug")
    return {external_id: (operation, tier or "") for external_id, operation, tier in rows}
