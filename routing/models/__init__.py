"""What happens to a contact: numbers, flows and branches (the draft), releases, and what was decided."""

from routing.models.access import ApiKey, ProviderAccount
from routing.models.blocked import BlockedCaller
from routing.models.evidence import ContactEvent, Decision, NumberUse
from routing.models.flows import Branch, Channel, FetchStep, Flow, Number
from routing.models.messaging import Conversation, Delivery, InboundMessage
from routing.models.notifications import Notification, NotificationTarget
from routing.models.pilots import Pilot
from routing.models.releases import PlannedRelease, Release
from routing.models.reports import BranchInterval, MonthlyMail, ReportInterval, ReportMark, ReportSettings
from routing.models.sample_calls import SampleCall

__all__ = [
    "ApiKey",
    "BlockedCaller",
    "Branch",
    "BranchInterval",
    "Channel",
    "ContactEvent",
    "Conversation",
    "Decision",
    "Delivery",
    "FetchStep",
    "Flow",
    "InboundMessage",
    "MonthlyMail",
    "Notification",
    "NotificationTarget",
    "Number",
    "NumberUse",
    "Pilot",
    "PlannedRelease",
    "ProviderAccount",
    "Release",
    "ReportInterval",
    "ReportMark",
    "ReportSettings",
    "SampleCall",
]
