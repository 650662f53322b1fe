"""Loyalty tiers and the customer attributes of one's own."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import EvidenceAdmin
from contactcenter.foundation.long_forms import FOLD
from contactcenter.foundation.naming import NamedAdmin
from contactcenter.foundation.uses_in_lists import ShowsUses
from customers.models import (
    AttributeDefinition,
    LoyaltyTier,
    TierChange,
    TierOverride,
)


@admin.register(LoyaltyTier)
class LoyaltyTierAdmin(ShowsUses, NamedAdmin):
    """A tier; its rank orders it among the others."""

    about = _("A tier is a step of your loyalty programme, such as gold. Branches ask which tier a caller has.")
    list_display = ("name", "rank", "slug", "used_by")
    search_fields = ("name", "slug")
    fieldsets = (
        (None, {"fields": ("name", "rank")}),
        (_("For engineers"), {"fields": ("slug",), "classes": (FOLD,)}),
    )


@admin.register(AttributeDefinition)
class AttributeDefinitionAdmin(NamedAdmin):
    """A field of the customer that is defined here and filled by the CRM or by hand."""

    about = _("An attribute is something else that you know of customers. The CRM or you fill it, branches ask for it.")
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


class NewTierFilter(admin.SimpleListFilter):
    """The tiers there are, not those that stand in millions of rows."""

    title = _("new tier")
    parameter_name = "new_tier"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(LoyaltyTier.objects.values_list("slug", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(new_tier=self.value()) if self.value() else queryset


@admin.register(TierChange)
class TierChangeAdmin(CustomerLink, EvidenceAdmin):
    """Who moved from one tier to another, and why."""

    list_display = ("changed_at", "who", "old_tier", "new_tier", "cause")
    list_filter = ("cause", NewTierFilter)
    list_select_related = ("customer",)
    fields = ("changed_at", "who", "old_tier", "new_tier", "cause", "run")
    readonly_fields = ("who",)
