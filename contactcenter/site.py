"""The portal's admin site: a menu grouped as a supervisor thinks, and a home page that says how things stand."""

from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contactcenter import home, kept_forms
from contactcenter.audit.story import rows_of, savers
from contactcenter.audit.wording import Words

MENU: dict[str, tuple[Any, tuple[str, ...]]] = {
    "routing": (
        _("Routing"),
        (
            "routing.Flow",
            "routing.Number",
            "routing.Release",
            "routing.Pilot",
            "routing.BlockedCaller",
            "routing.ReportInterval",
            "routing.Decision",
            "routing.ContactEvent",
            "routing.Conversation",
            "routing.InboundMessage",
            "routing.Delivery",
            "routing.Notification",
        ),
    ),
    "queues": (
        _("Queues"),
        (
            "queues.Queue",
            "queues.Switch",
            "queues.Calendar",
            "queues.AccountManager",
            "queues.PhoneSystem",
            "queues.HelpDesk",
            "queues.QueueState",
        ),
    ),
    "customers": (
        _("Customers"),
        (
            "customers.Customer",
            "customers.LoyaltyTier",
            "customers.TierPolicy",
            "customers.AttributeDefinition",
            "customers.TierOverride",
            "customers.TierChange",
            "customers.DemotionCandidate",
            "customers.IdentityPolicy",
            "customers.CustomerMerge",
            "customers.Erasure",
        ),
    ),
    "integrations": (
        _("Integrations"),
        (
            "routing.ProviderAccount",
            "routing.NotificationTarget",
            "customers.DataSource",
            "customers.CrmConnection",
            "customers.SyncRun",
            "customers.RejectedRow",
            "customers.Safeguards",
            "customers.CrmPush",
            "customers.CrmEvent",
            "customers.Alert",
            "customers.AlertDestination",
        ),
    ),
    "access": (_("Access"), ("accounts.User", "auth.Group", "foundation.Team", "routing.ApiKey", "audit.Event")),
}
"""What the menu shows, in this order. A registered model that is not named here is technical and not shown."""

PAGES: dict[str, tuple[tuple[Any, str, str], ...]] = {
    "routing": ((_("Set up in five minutes"), "guided", "routing.add_number"),),
    "queues": ((_("What if"), "what_if", "queues.view_queue"),),
}
"""Pages that are of no model, behind the models of their group: name, address, permission."""


class PortalSite(admin.AdminSite):
    """Django's admin, arranged for people who run a contact centre."""

    site_header = _("Priority routing")
    site_title = _("Priority routing")
    index_title = _("Home")
    site_url = None
    enable_nav_sidebar = True

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Any page: a form from somebody whose login has run out waits in his browser."""
        page = super().admin_view(view, cacheable)

        @wraps(page)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if kept_forms.needs_a_login(request):
                return kept_forms.logged_out(request)
            return page(request, *args, **kwargs)

        return guarded

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The menu's groups, each with the models that this person may see."""
        seen = {
            model["model"]._meta.label: model
            for app in self._build_app_dict(request).values()
            for model in app["models"]
            if app_label in (None, model["model"]._meta.app_label)
        }
        groups = []
        for slug, (name, labels) in MENU.items():
            models = [seen[label] for label in labels if label in seen]
            if app_label is None:
                models += _pages(request, slug)
            if models:
                groups.append({"name": name, "app_label": slug, "app_url": "", "models": models})
        return groups

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Home: how things stand, then the menu."""
        return super().index(request, {"home": home.standing(request), **(extra_context or {})})

    def deleted_meanwhile(self, request: HttpRequest) -> TemplateResponse:
        """What was typed into the form of something that is gone."""
        return kept_forms.deleted_meanwhile(request)

    def words(self, request: HttpRequest) -> Words:
        """Values in the words of this person."""
        return Words(request.user)

    def savers(
        self, request: HttpRequest, page: admin.ModelAdmin, thing: Model, since: datetime
    ) -> list[tuple[str, datetime]]:
        """Who has saved `thing` or a row of its page since then, and when last."""
        return savers(thing, rows_of(page, request, thing), since)


def _pages(request: HttpRequest, group: str) -> list[dict[str, Any]]:
    user: Any = request.user
    return [
        {"name": name, "object_name": address, "admin_url": reverse(address), "view_only": True}
        for name, address, permission in PAGES.get(group, ())
        if user.has_perm(permission)
    ]
