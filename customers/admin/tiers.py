"""Loyalty tiers and the customer attributes of one's own."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import EvidenceAdmin
from contactcenter.foundation.naming import NamedAdmin
from customers.models import (
    AttributeDefinition,
    Customer,
    LoyaltyTier,
    TierChange,
    TierMapping,
    TierOverride,
    TierRule,
    TierShare,
)

NAMED_IN_USE = 20
"""A tier can have a million customers: nobody wants them listed, and nobody waits for it."""


@admin.register(LoyaltyTier)
class LoyaltyTierAdmin(NamedAdmin):
    """A tier; its rank orders it among the others."""

    list_display = ("name", "rank", "slug")
    search_fields = ("name", "slug")
    fields = ("name", "slug", "rank")

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[str], list[str]]:
        tiers = list(objs)
        lacking = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        return [str(tier) for tier in tiers], {self.opts.verbose_name_plural: len(tiers)}, lacking, _users(tiers)


def _users(tiers: list[LoyaltyTier]) -> list[str]:
    """Where these tiers are used, in words; the first few of each sort."""
    found: list[str] = []
    for model in (Customer, TierOverride, TierMapping, TierRule, TierShare):
        rows = list(model._default_manager.filter(tier__in=tiers)[: NAMED_IN_USE + 1])
        found += [_named(row) for row in rows[:NAMED_IN_USE]]
        if len(rows) > NAMED_IN_USE:
            found.append(gettext("and further %(things)s") % {"things": model._meta.verbose_name_plural})
    return found


def _named(row: Model) -> str:
    return f"{row._meta.verbose_name}: {row}"


@admin.register(AttributeDefinition)
class AttributeDefinitionAdmin(NamedAdmin):
    """A field of the customer that is defined here and filled by the CRM or by hand."""

    short_name = "key"
    proposed_from = ()
    list_display = ("label", "key", "type")
    search_fields = ("label", "key")
    fields = ("label", "key", "type")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {}  # keys have underscores, which Django's proposals have not

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "key":
            kwargs["help_text"] = _(
                "The key contract_type is customer.contract_type in branches. It cannot be changed."
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class CustomerLink:
    """For lists of what happened to customers: leads to the customer, where it is changed."""

    @admin.display(description=_("customer"), ordering="customer")
    def who(self, row: TierOverride | TierChange) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:customers_customer_change", args=[row.customer_id]), row.customer
        )


@admin.register(TierOverride)
class TierOverrideAdmin(CustomerLink, EvidenceAdmin):
    """The tiers that people gave by hand; they are set on the customer's page."""

    list_display = ("tier", "who", "reason", "starts_at", "ends_at", "created_by")
    list_filter = ("tier",)
    list_select_related = ("customer", "tier", "created_by")
    fields = ("who", "tier", "reason", "starts_at", "ends_at", "created_by")
    readonly_fields = ("who",)


@admin.register(TierChange)
class TierChangeAdmin(CustomerLink, EvidenceAdmin):
    """Who moved from one tier to another, and why."""

    list_display = ("changed_at", "who", "old_tier", "new_tier", "cause")
    list_filter = ("cause", "new_tier")
    list_select_related = ("customer",)
    fields = ("changed_at", "who", "old_tier", "new_tier", "cause", "run")
    readonly_fields = ("who",)
