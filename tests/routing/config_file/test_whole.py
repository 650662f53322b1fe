"""Every field that somebody sets up is in the document, or it is written here why not. A new one has to be decided."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from queues.models import Queue
from routing import config_file
from routing.config_file import shape
from routing.document import canonical, render
from routing.models import Flow, Number, ProviderAccount
from routing.release import compile_release
from tests.routing.documents import GOOD, good

OURS = ("accounts", "audit", "customers", "foundation", "queues", "routing", "tables")

IN_THE_DOCUMENT = {
    "customers.LoyaltyTier": "tiers",
    "customers.AttributeDefinition": "attributes",
    "customers.DataSource": "sources",
    "customers.DataSourceVariable": "sources.variables",
    "queues.Calendar": "calendars",
    "queues.OpeningHours": "calendars.hours",
    "queues.CalendarException": "calendars.exceptions",
    "queues.PhoneSystem": "phone_systems",
    "queues.HelpDesk": "help_desks",
    "queues.Queue": "queues",
    "routing.NotificationTarget": "notification_targets",
    "routing.Flow": "flows",
    "routing.FetchStep": "flows.steps",
    "routing.Branch": "flows.branches",
    "routing.Number": "numbers",
}
"""Where the rows of a model stand in it."""

KEYS = {"id", "slug", "key", "channel", "address", "position", "flow", "source", "calendar"}
"""What is the name of a row there, its place in a list, or what the list lies in."""

AT_ONCE = "counts at once, without being published, and is never rolled back"
SECRET = "a secret, or what belongs to one"
PERSON = "a person, or what a person may do"
EVIDENCE = "what happened, or is true at this moment; nobody sets it up"
ELSEWHERE = "how customers are read and judged: no release says it, it counts from the next sync on"

FIELDS_BESIDE_IT: dict[str, dict[str, str]] = {
    "customers.DataSource": {"secret": SECRET},
    "queues.HelpDesk": {"token": SECRET, "account": SECRET, "kind": AT_ONCE, "url": AT_ONCE},
    "queues.PhoneSystem": {"web_address": "for its check alone; no call needs it"},
    "queues.Queue": {"is_emergency": "stands as emergency_queue, of which there is one", "belongs_to": PERSON},
    "routing.Flow": {"belongs_to": PERSON},
    "routing.NotificationTarget": {
        "url": AT_ONCE,
        "secret": SECRET,
        "with_caller": AT_ONCE,
        "is_enabled": AT_ONCE,
    },
    "routing.Number": {
        "belongs_to": PERSON,
        "silent_after_days": AT_ONCE,
        "in_service_from": AT_ONCE,
        "in_service_until": AT_ONCE,
    },
}

MODELS_BESIDE_IT: dict[str, str] = {
    **dict.fromkeys(("queues.AccountManager", "routing.BlockedCaller", "customers.IdentityPolicy"), AT_ONCE),
    **dict.fromkeys(("customers.AlertDestination", "routing.ReportSettings"), AT_ONCE),
    **dict.fromkeys(("routing.ProviderAccount", "routing.ApiKey"), SECRET),
    "routing.SampleCall": "judges releases, and is part of none: going back must not bring an old promise back",
    **dict.fromkeys(
        (
            "customers.CrmConnection",
            "customers.FieldMapping",
            "customers.TierMapping",
            "customers.CrmPush",
            "customers.Safeguards",
            "customers.TierPolicy",
            "customers.TierRule",
            "customers.TierShare",
        ),
        ELSEWHERE,
    ),
    **dict.fromkeys(
        (
            "accounts.User",
            "accounts.AccessLink",
            "foundation.Team",
            "customers.Customer",
            "customers.Handle",
            "customers.ExternalIdentity",
            "customers.TierOverride",
            "customers.CustomerMerge",
            "customers.Suppression",
            "customers.Erasure",
            "customers.UploadedList",
        ),
        PERSON,
    ),
    **dict.fromkeys(
        (
            "audit.ChainEnd",
            "audit.Event",
            "customers.Alert",
            "customers.AlertNotice",
            "customers.CrmBookmark",
            "customers.CrmEvent",
            "customers.CrmToken",
            "customers.DemotionCandidate",
            "customers.Heartbeat",
            "customers.RejectedRow",
            "customers.RetentionMark",
            "customers.StagedRecord",
            "customers.SyncRun",
            "customers.TierBound",
            "customers.TierChange",
            "foundation.Change",
            "foundation.ChangeCounter",
            "foundation.GuidedSetUp",
            "foundation.RequestCount",
            "queues.QueueState",
            "queues.ReportedWait",
            "queues.Switch",
            "queues.WaitEstimate",
            "routing.BranchInterval",
            "routing.ContactEvent",
            "routing.Conversation",
            "routing.Decision",
            "routing.Delivery",
            "routing.InboundMessage",
            "routing.MonthlyMail",
            "routing.Notification",
            "routing.NumberUse",
            "routing.Pilot",
            "routing.PlannedRelease",
            "routing.Release",
            "routing.ReportInterval",
            "routing.ReportMark",
            "tables.ImportRow",
            "tables.TableExport",
            "tables.TableImport",
        ),
        EVIDENCE,
    ),
}


def our_models() -> list[type[models.Model]]:
    """Without those that simple-history makes of them."""
    every = (model for model in apps.get_models() if model._meta.app_label in OURS)
    return [model for model in every if not model.__name__.startswith("Historical")]


def test_every_model_is_in_the_document_or_has_a_reason_not_to_be() -> None:
    known = IN_THE_DOCUMENT.keys() | MODELS_BESIDE_IT.keys()
    assert {model._meta.label for model in our_models()} == known


@pytest.mark.parametrize("label", IN_THE_DOCUMENT)
def test_every_field_is_in_the_document_or_has_a_reason_not_to_be(label: str) -> None:
    fields = {field.name for field in apps.get_model(label)._meta.fields}
    beside, inside = set(FIELDS_BESIDE_IT.get(label, ())), _in_the_document(IN_THE_DOCUMENT[label])
    assert beside <= fields
    assert fields - KEYS - beside == inside & fields - KEYS
    assert not beside & inside


def _in_the_document(place: str) -> set[str]:
    """The names that a row at this place may have, as the schema says."""
    part, _dot, rows = place.partition(".")
    thing: Mapping[str, Any] = shape.schema(GOOD)["properties"][part]["additionalProperties"]["properties"]
    return set(thing[rows]["items"]["properties"] if rows else thing)


@pytest.mark.django_db
@pytest.mark.portable
def test_a_file_sets_an_empty_portal_up_as_the_one_it_comes_from() -> None:
    account = {"name": "Telco", "slug": "telco", "dialect": "twilio"}
    ProviderAccount.objects.create(**account, secret="of the first portal")
    config_file.apply(good())
    first = render()
    text = config_file.write(first)
    Number.objects.all().delete()
    Flow.objects.all().delete()
    Queue.objects.update(overflow_to=None)
    Queue.objects.all().delete()
    ProviderAccount.objects.all().delete()
    ProviderAccount.objects.create(**account, secret="of the second portal")
    config_file.apply(config_file.read(text))
    assert canonical(render()) == canonical(first)
    assert config_file.write(render()) == text
    assert compile_release(render(), 1) == compile_release(first, 1)
