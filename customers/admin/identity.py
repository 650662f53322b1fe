"""Who is behind shared addresses, and customers that are one: merged and parted by people."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import EvidenceAdmin
from contactcenter.foundation.one_row import OneRowAdmin
from customers import identity
from customers.models import Customer, CustomerMerge, IdentityPolicy

MERGE = "customers.merge_customers"


@admin.register(IdentityPolicy)
class IdentityPolicyAdmin(OneRowAdmin):
    """How an address that several customers share is read."""


@admin.register(CustomerMerge)
class CustomerMergeAdmin(EvidenceAdmin):
    """Which customers were found to be one."""

    list_display = ("merged_at", "absorbed", "kept", "cause", "merged_by", "reason", "undone_at")
    list_filter = ("cause",)
    list_select_related = ("kept", "absorbed", "merged_by")
    fields = ("kept", "absorbed", "cause", "reason", "merged_by", "merged_at", "undone_by", "undone_at")
    actions = ("part",)  # type: ignore[assignment] # evidence has none as a rule

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(MERGE))

    @admin.action(description=_("Part them again"), permissions=["merge"])
    def part(self, request: HttpRequest, queryset: QuerySet[CustomerMerge]) -> None:
        for done in queryset:
            try:
                identity.part(done, request.user.pk)
            except identity.CannotMerge:
                messages.warning(request, gettext("%(merge)s: they are apart already.") % {"merge": done})
            else:
                messages.success(request, gettext("%(merge)s: they are two again.") % {"merge": done})


class MergeForm(forms.Form):
    """Which of the two counts, and why they are one."""

    kept = forms.ModelChoiceField(
        queryset=Customer.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        label=_("Who counts"),
        help_text=_("Tier, values and overrides are his. Whoever calls from an address of the other is he."),
    )
    reason = forms.CharField(max_length=200, label=_("Reason"), help_text=_("Why, for whoever asks later."))

    def __init__(self, customers: QuerySet[Customer], *args: Any) -> None:
        super().__init__(*args)
        kept: Any = self.fields["kept"]
        kept.queryset = customers


class MergeAction:
    """For the list of customers: two of them are one."""

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(MERGE))

    @admin.action(description=_("Merge two customers"), permissions=["merge"])
    def merge(self, request: HttpRequest, queryset: QuerySet[Customer]) -> HttpResponse | None:
        customers = Customer.objects.filter(pk__in=[customer.pk for customer in queryset[:3]])
        if len(customers) != 2:
            messages.warning(request, gettext("Choose two customers."))
            return None
        form = MergeForm(customers, request.POST if "kept" in request.POST or "reason" in request.POST else None)
        if form.is_valid():
            self._merge(request, list(customers), form.cleaned_data)
            return None
        shown = {
            **admin.site.each_context(request),
            "title": gettext("Merge two customers"),
            "form": form,
            "customers": customers,
            "opts": Customer._meta,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/customers/customer/merge.html", shown)

    def _merge(self, request: HttpRequest, customers: list[Customer], said: dict[str, Any]) -> None:
        kept = said["kept"]
        (absorbed,) = (customer for customer in customers if customer != kept)
        try:
            done = identity.merge(kept, absorbed, CustomerMerge.Cause.ADMIN, said["reason"], request.user.pk)
        except identity.CannotMerge:
            done = None
        if done is None:
            messages.warning(request, gettext("They are one already."))
        else:
            messages.success(request, gettext("They are one now. “Merges of customers” has a way back."))
