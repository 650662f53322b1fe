"""Who is calling: tiers, customers, and where what we know of them comes from."""

from customers.models.connections import CrmConnection, FieldMapping, TierMapping
from customers.models.people import AttributeDefinition, Customer, ExternalIdentity, Handle
from customers.models.sources import DataSource, DataSourceVariable
from customers.models.syncs import RejectedRow, SyncRun
from customers.models.tiers import LoyaltyTier, TierChange, TierOverride

__all__ = [
    "AttributeDefinition",
    "CrmConnection",
    "Customer",
    "DataSource",
    "DataSourceVariable",
    "ExternalIdentity",
    "FieldMapping",
    "Handle",
    "LoyaltyTier",
    "RejectedRow",
    "SyncRun",
    "TierChange",
    "TierMapping",
    "TierOverride",
]
