"""Customers: found by name or by an address, with their handles and tier overrides."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection
from django.db.models import Q, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import EvidenceInline, KeysetAdmin, PortalAdmin, PortalInline
from contactcenter.foundation.paging import KeysetChangeList
from customers.addresses import AddressError, normalise
from customers.admin import attributes
from customers.admin.identity import MergeAction
from customers.models import (
    AttributeDefinition,
    Customer,
    ExternalIdentity,
    Handle,
    LoyaltyTier,
    TierChange,
    TierOverride,
)
from customers.tiering import overrides

MOST_FOUND = 10_000
"""Customers with a name that are put in order: of one that a quarter of a million have, nobody reads the last."""

UNREADABLE = {
    Handle.Kind.PHONE: _("This is not a phone number. Write it with its country code: +39 02 1234567."),
    Handle.Kind.CUSTOMER_NO: _("A customer number has letters, digits and . _ / - only."),
    Handle.Kind.EMAIL: _("This is not an e-mail address."),
    Handle.Kind.MESSENGER: _("This is not a Messenger id."),
    Handle.Kind.INSTAGRAM: _("This is not an Instagram id."),
}


class HandleForm(forms.ModelForm):
    """An address, stored in the one form in which it is looked up."""

    class Meta:
        model = Handle
        fields = ("kind", "value", "is_primary")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        kind, value = self.cleaned_data.get("kind"), self.cleaned_data.get("value")
        if kind and value:
            try:
                # No region: a person writes the country code, a guess would find somebody else.
                self.cleaned_data["value"] = normalise(kind, value, "")
            except AddressError:
                self.add_error("value", UNREADABLE[Handle.Kind(kind)])
        return cleaned


class HandleInline(PortalInline):
    model = Handle
    form = HandleForm


class TierOverrideInline(PortalInline):
    model = TierOverride
    fields = ("tier", "reason", "starts_at", "ends_at", "created_by")
    readonly_fields = ("created_by",)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "starts_at":
            kwargs["initial"] = timezone.now
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class ExternalIdentityInline(EvidenceInline):
    model = ExternalIdentity
    fields = readonly_fields = ("connection", "external_id")


class TierChangeInline(EvidenceInline):
    model = TierChange
    fields = readonly_fields = ("changed_at", "old_tier", "new_tier", "cause", "run")


class CustomerList(KeysetChangeList):
    """What a search finds is looked up first, and put in order then.

    In one question PostgreSQL walks back from the newest customer and reads every name: 13 s among a million.
    """

    is_cut = False
    """More customers have such a name than are looked at."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet:
        customers: QuerySet = super().get_queryset(request, exclude_parameters)
        if not self.query:
            return customers
        found = list(customers.order_by().values_list("pk", flat=True)[: MOST_FOUND + 1])
        self.is_cut = len(found) > MOST_FOUND
        known = self.root_queryset.filter(pk__in=found[:MOST_FOUND])
        return self.apply_select_related(known).order_by(*self.get_ordering(request, known))


@admin.register(Customer)
class CustomerAdmin(MergeAction, KeysetAdmin, PortalAdmin):
    """A customer with everything a branch may ask about."""

    class Media:
        css = {"all": ("portal/live.css",)}

    about = _("Customers are whom we recognise by their number. The CRM brings them every night, or you add them here.")
    change_list_template = "admin/customers/customer/change_list.html"
    list_display = ("__str__", "tier", "plan", "account_manager", "updated_at")
    list_filter = ("tier",)
    list_select_related = ("tier",)
    search_fields = ("name",)
    search_help_text = _("Beginnings of a name, or a whole phone number, customer number or e-mail address")
    readonly_fields = ("updated_at", "attributes_shown", "merged_into")
    actions = ("merge",)
    inlines = (HandleInline, TierOverrideInline, ExternalIdentityInline, TierChangeInline)
    fieldsets = (
        (None, {"fields": ("name", "tier", "account_manager", "language", "objects_to_profiling", "updated_at")}),
        (_("What he brings"), {"fields": ("purchases", "order_volume", "lifetime_value")}),
        (_("As in the CRM"), {"fields": ("plan", "account_level", "category")}),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CustomerList

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs.setdefault("form", attributes.form_for(AttributeDefinition.objects.all()))
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj and obj.merged_into_id:
            fieldsets = ((None, {"fields": ("merged_into",)}), *fieldsets)
        may_edit = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        if not may_edit:
            return (*fieldsets, (_("Further attributes"), {"fields": ("attributes_shown",)}))
        fields = tuple(map(attributes.field_name, AttributeDefinition.objects.all()))
        return (*fieldsets, (_("Further attributes"), {"fields": fields})) if fields else fieldsets

    @admin.display(description=_("further attributes"))
    def attributes_shown(self, customer: Customer) -> SafeString | str:
        return format_html_join("", "{}: {}<br>", sorted(customer.attributes.items())) or "-"

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if behind := _customers_behind(search_term):
            return queryset.filter(pk__in=behind), False
        return _named(queryset, search_term), False

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "objects_to_profiling" in form.changed_data:
            overrides.objection_changed(obj)
        if "tier" in form.changed_data:
            before = LoyaltyTier.objects.filter(pk=form.initial.get("tier")).first()
            TierChange.objects.create(
                customer=obj,
                old_tier=before.slug if before else "",
                new_tier=obj.tier.slug if obj.tier else "",
                cause=TierChange.Cause.ADMIN,
            )

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseInlineFormSet, change: bool) -> None:
        if formset.model is TierOverride:
            for added in formset.extra_forms:
                added.instance.created_by = request.user
        super().save_formset(request, form, formset, change)
        for gone in formset.deleted_objects if formset.model is TierOverride else ():
            overrides.removed(gone)


def _named(queryset: QuerySet, text: str) -> QuerySet:
    """The customers in whose names every word of `text` begins a word; on SQLite, which has few, is part of one."""
    words = re.findall(r"\w+", text)
    if not words:
        return queryset.none() if text.strip() else queryset
    if connection.vendor != "postgresql":
        return queryset.filter(*(Q(name__icontains=word) for word in words))
    beginnings = SearchQuery(" & ".join(f"{word}:*" for word in words), config="simple", search_type="raw")
    # Exactly the vector that migration 0011 has made an index of.
    return queryset.annotate(words=SearchVector("name", config="simple")).filter(words=beginnings)


def _customers_behind(text: str) -> list[int]:
    """The customers who have exactly this address, of whatever kind."""
    found: list[int] = []
    for kind in Handle.Kind.values:
        try:
            address = normalise(kind, text, "")
        except AddressError:
            continue
        found += Handle.objects.filter(kind=kind, value=address).values_list("customer_id", flat=True)[:50]
    return found
