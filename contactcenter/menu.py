"""The menu: what people do every day first, then the rest in groups that open."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

EVERY_DAY = "every-day"


@dataclass(frozen=True)
class Group:
    """Entries under one heading: models by their labels, pages of no model by their addresses."""

    slug: str
    name: Any
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """A page that is of no model; who has the permission sees it, everybody where there is none."""

    name: Any
    permission: str = ""


PAGES: Mapping[str, Page] = {
    "admin:index": Page(_("Home")),
    "try_a_call": Page(_("Try a call"), "routing.view_flow"),
    "admin:routing_release_publish": Page(_("Publish"), "routing.view_release"),
    "guided": Page(_("Set up in five minutes"), "routing.add_number"),
    "what_if": Page(_("What if"), "queues.view_queue"),
}

MENU: tuple[Group, ...] = (
    Group(
        EVERY_DAY,
        _("Every day"),
        (
            "admin:index",
            "routing.Flow",
            "routing.Number",
            "queues.Queue",
            "queues.Switch",
            "customers.Customer",
            "routing.Decision",
            "routing.ReportInterval",
            "try_a_call",
            "admin:routing_release_publish",
        ),
    ),
    Group(
        "routing",
        _("Routing"),
        (
            "routing.Release",
            "routing.Pilot",
            "routing.BlockedCaller",
            "queues.Calendar",
            "queues.AccountManager",
            "what_if",
            "guided",
        ),
    ),
    Group(
        "customer-data",
        _("Customer data"),
        (
            "customers.LoyaltyTier",
            "customers.TierPolicy",
            "customers.TierOverride",
            "customers.DemotionCandidate",
            "customers.AttributeDefinition",
            "customers.IdentityPolicy",
            "customers.CustomerMerge",
            "customers.Erasure",
        ),
    ),
    Group(
        "integrations",
        _("Integrations"),
        (
            "routing.ProviderAccount",
            "queues.PhoneSystem",
            "queues.HelpDesk",
            "customers.CrmConnection",
            "customers.SyncRun",
            "customers.DataSource",
            "customers.CrmPush",
            "customers.Safeguards",
            "routing.NotificationTarget",
            "customers.Alert",
            "customers.AlertDestination",
        ),
    ),
    Group(
        "records",
        _("Records"),
        (
            "routing.Conversation",
            "routing.InboundMessage",
            "routing.Delivery",
            "routing.Notification",
            "routing.ContactEvent",
            "queues.QueueState",
            "customers.TierChange",
            "customers.RejectedRow",
            "customers.CrmEvent",
            "audit.Event",
        ),
    ),
    Group("access", _("Access"), ("accounts.User", "auth.Group", "foundation.Team", "routing.ApiKey")),
)
"""What the menu shows, in this order. A registered model that is not named here is technical and not shown."""


def menu(request: HttpRequest, models: Mapping[str, dict[str, Any]], *, with_pages: bool) -> list[dict[str, Any]]:
    """The groups in which this person may see something. `models`, by label, are those that he may see."""
    pages = _pages(request) if with_pages else {}
    seen = {**models, **pages}
    shown = [(group, [seen[entry] for entry in group.entries if entry in seen]) for group in MENU]
    here = _here(request.path, [entry["admin_url"] for _group, entries in shown for entry in entries])
    return [_shown(group, entries, here) for group, entries in shown if entries]


def _pages(request: HttpRequest) -> dict[str, dict[str, Any]]:
    user: Any = request.user
    return {
        address: {"name": page.name, "object_name": address.replace(":", "-"), "admin_url": reverse(address)}
        for address, page in PAGES.items()
        if not page.permission or user.has_perm(page.permission)
    }


def _here(path: str, addresses: list[str | None]) -> str:
    """The entry that `path` belongs to: the longest address that it begins with; Home is no more than itself."""
    home = reverse("admin:index")
    within = [each for each in addresses if each and path.startswith(each) and (each != home or path == home)]
    return max(within, key=len, default="")


def _shown(group: Group, entries: list[dict[str, Any]], here: str) -> dict[str, Any]:
    models = [{**entry, "is_current": entry["admin_url"] == here} for entry in entries]
    return {
        "name": group.name,
        "app_label": group.slug,
        "app_url": "",
        "models": models,
        "is_everyday": group.slug == EVERY_DAY,
        "is_open": any(entry["is_current"] for entry in models),
    }
