"""Which models have a history: everything that a person sets up. What machines write by the million has none."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Model
from simple_history import register

from contactcenter.accounts.models import User
from contactcenter.audit.records import PeoplesRecords, Records
from contactcenter.foundation.fields import EncryptedTextField
from contactcenter.foundation.models import Team
from customers import models as customers
from queues import models as queues
from routing import models as routing

HISTORY = "history"

SET_UP: tuple[type[Model], ...] = (
    customers.AlertDestination,
    customers.AttributeDefinition,
    customers.CrmConnection,
    customers.CrmPush,
    customers.DataSource,
    customers.DataSourceVariable,
    customers.FieldMapping,
    customers.IdentityPolicy,
    customers.LoyaltyTier,
    customers.Safeguards,
    customers.TierMapping,
    customers.TierPolicy,
    customers.TierRule,
    customers.TierShare,
    queues.Calendar,
    queues.CalendarException,
    queues.HelpDesk,
    queues.OpeningHours,
    queues.PhoneSystem,
    queues.Queue,
    routing.ApiKey,
    routing.BlockedCaller,
    routing.Branch,
    routing.FetchStep,
    routing.Flow,
    routing.NotificationTarget,
    routing.Number,
    routing.ProviderAccount,
    routing.ReportSettings,
    routing.SampleCall,
    Team,
    User,
)
"""Whoever changes them, by a page or by a command."""

OF_PEOPLE: tuple[type[Model], ...] = (
    customers.Customer,
    customers.ExternalIdentity,
    customers.Handle,
    customers.TierOverride,
    queues.AccountManager,
    Group,
)
"""Programs write them, too: the sync, the presence of managers, the roles. Only what a person did is recorded."""

FOLLOWED: tuple[Any, ...] = SET_UP + OF_PEOPLE

HASHES: dict[type[Model], tuple[str, ...]] = {User: ("password",), routing.ApiKey: ("sha256",)}
"""Of these, and of every encrypted field, history says that they changed and nothing more."""

LEFT_OUT: dict[type[Model], tuple[str, ...]] = {
    User: ("last_login",),
    customers.CrmConnection: ("synced_until",),
    customers.CrmPush: ("held_since", "free_until", "busy_until"),
    customers.Customer: ("updated_at",),
    customers.ExternalIdentity: ("fingerprint", "missing_since"),
    customers.TierOverride: ("recorded",),
}
"""What a machine notes."""

MANY: dict[type[Model], tuple[str, ...]] = {
    User: ("groups", "user_permissions", "teams"),
    Group: ("permissions",),
    routing.ReportSettings: ("users",),
}


def records_of(model: type[Model]) -> Any:
    """The manager of the records of a followed model."""
    return getattr(model, HISTORY)


def follow_all() -> None:
    """Give each of them its history; once, when the models are loaded."""
    _follow(SET_UP, Records)
    _follow(OF_PEOPLE, PeoplesRecords)


def secret_fields(model: type[Model]) -> list[str]:
    """Fields of which history knows no value."""
    encrypted = [each.name for each in model._meta.local_fields if isinstance(each, EncryptedTextField)]
    return [*encrypted, *HASHES.get(model, ())]


def _follow(models: Iterable[type[Model]], records: type[Records]) -> None:
    for model in models:
        secrets = secret_fields(model)
        register(
            model,
            app="contactcenter.audit",
            records_class=records,
            secrets=secrets,
            excluded_fields=[*secrets, *LEFT_OUT.get(model, ())],
            m2m_fields=MANY.get(model, ()),
        )
