"""Who is calling: tiers, customers, and where what we know of them comes from."""

from customers.models.alerts import Alert, AlertDestination, AlertNotice, Heartbeat
from customers.models.connections import CrmConnection, FieldMapping, TierMapping
from customers.models.crm_state import CrmBookmark, CrmToken, UploadedList
from customers.models.identity import CustomerMerge, IdentityPolicy
from customers.models.people import AttributeDefinition, Customer, ExternalIdentity, Handle
from customers.models.privacy import Erasure, RetentionMark, Suppression
from customers.models.push import CrmEvent, CrmPush
from customers.models.safeguards import Safeguards
from customers.models.sources import DataSource, DataSourceVariable
from customers.models.staged import RejectedRow, StagedRecord
from customers.models.syncs import SyncRun
from customers.models.tier_policies import DemotionCandidate, TierBound, TierPolicy, TierRule, TierShare
from customers.models.tiers import LoyaltyTier, TierChange, TierOverride

__all__ = [
    "Alert",
    "AlertDestination",
    "AlertNotice",
    "AttributeDefinition",
    "CrmBookmark",
    "CrmConnection",
    "CrmEvent",
    "CrmPush",
    "CrmToken",
    "Customer",
    "CustomerMerge",
    "DataSource",
    "DataSourceVariable",
    "DemotionCandidate",
    "Erasure",
    "ExternalIdentity",
    "FieldMapping",
    "Handle",
    "Heartbeat",
    "IdentityPolicy",
    "LoyaltyTier",
    "RejectedRow",
    "RetentionMark",
    "Safeguards",
    "StagedRecord",
    "Suppression",
    "SyncRun",
    "TierBound",
    "TierChange",
    "TierMapping",
    "TierOverride",
    "TierPolicy",
    "TierRule",
    "TierShare",
    "UploadedList",
]
