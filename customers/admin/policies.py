"""Tier policies: where tiers come from, the customers' value curve with its cut-offs, and “Compute tiers now”."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from contactcenter.foundation.admin import EvidenceAdmin, PortalAdmin
from customers import sync
from customers.admin.connections import RUN_SYNC
from customers.admin.policy_forms import TierPolicyForm, TierRuleInline, TierShareInline, shares_in
from customers.admin.tiers import CustomerLink
from customers.admin.value_curve import shown
from customers.models import DemotionCandidate, ExternalIdentity, TierPolicy, TierShare
from customers.tiering import computing

DRAWN_AT_ONCE = 200_000
"""Customers of a curve that is drawn with the page; a million take some seconds, and only when asked for."""

FRAGMENT = "admin/customers/tierpolicy/curve.html"
PAGE = "admin/customers/tierpolicy/curve_page.html"


@admin.register(TierPolicy)
class TierPolicyAdmin(PortalAdmin):
    """How the customers of one CRM come by their tier."""

    about = _(
        "A tier policy says how the customers of a CRM come by their tier: as the CRM has it, or by what they spend."
    )
    form = TierPolicyForm
    change_form_template = "admin/customers/tierpolicy/change_form.html"
    list_display = ("connection", "source", "value_field", "margin_percent", "grace_days")
    list_select_related = ("connection",)
    radio_fields = {"source": admin.VERTICAL}
    shown_for = {
        "value_field": ("source", "percentile pareto"),
        "otherwise": ("source", "rules percentile pareto"),
    }
    inlines = (TierRuleInline, TierShareInline)
    fieldsets = (
        (None, {"fields": ("connection", "source", "value_field", "otherwise")}),
        (_("So that nobody moves to and fro"), {"fields": (("margin_percent", "grace_days"),)}),
    )

    class Media:
        js = (forms.Script("portal/live-preview.js", defer=True),)
        css = {"all": ("portal/live.css", "portal/value-curve.css")}

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("curve/", wrap(require_POST(self.curve_view)), name="customers_tierpolicy_curve_new"),
            path("<int:pk>/curve/", wrap(require_POST(self.curve_view)), name="customers_tierpolicy_curve"),
            path("<int:pk>/compute/", wrap(require_POST(self.compute_view)), name="customers_tierpolicy_compute"),
            *super().get_urls(),
        ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        policy = self.get_object(request, object_id) if object_id else None
        context: dict[str, Any] = {"may_draw": self._may_draw(request)}
        if policy and policy.source != TierPolicy.Source.DIRECT:
            context["may_compute"] = request.user.has_perm(RUN_SYNC)
        if policy and request.method == "GET" and _is_quickly_drawn(policy):
            saved = [(share.tier, share.percent) for share in policy.shares.select_related("tier")]
            context |= {"curve": shown(policy, saved), "drawn": True}
        return super().changeform_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def _may_draw(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) or self.has_add_permission(request)

    def curve_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """The curve as the form stands, unsaved: a fragment for the page, or a page without JavaScript."""
        if not self._may_draw(request):
            raise PermissionDenied
        policy = get_object_or_404(TierPolicy, pk=pk) if pk else None
        form: Any = self.get_form(request, policy, change=bool(policy))(request.POST, instance=policy)
        formsets = {inline.model: formset for formset, inline in self.get_formsets_with_inlines(request, policy)}
        formset_class = formsets[TierShare]
        rows = formset_class(request.POST, instance=form.instance, prefix=formset_class.get_default_prefix())
        form.is_valid()  # copies what is readable into the instance
        context: dict[str, Any] = {"drawn": bool(form.instance.connection_id), "wrong": _wrong(form, rows)}
        if context["drawn"] and "value_field" not in form.errors:
            context["curve"] = shown(form.instance, shares_in(rows))
        if request.headers.get("X-Requested-With") == "fetch":
            return render(request, FRAGMENT, context)
        return render(request, PAGE, {**self.admin_site.each_context(request), **context})

    def compute_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Compute everybody's tier now, or show what that would do; a run that is watched like a sync."""
        if not request.user.has_perm(RUN_SYNC):
            raise PermissionDenied
        policy = get_object_or_404(TierPolicy.objects.select_related("connection"), pk=pk)
        try:
            run = computing.start(policy.connection, request.user.pk, is_dry="preview" in request.POST)
        except sync.CannotStart as error:
            messages.warning(request, str(error))
            return HttpResponseRedirect(reverse("admin:customers_tierpolicy_change", args=[pk]))
        return HttpResponseRedirect(reverse("admin:customers_syncrun_change", args=[run.pk]))


def _is_quickly_drawn(policy: TierPolicy) -> bool:
    known = ExternalIdentity.objects.filter(connection_id=policy.connection_id).order_by()
    return known[: DRAWN_AT_ONCE + 1].count() <= DRAWN_AT_ONCE


def _wrong(form: forms.ModelForm, rows: BaseInlineFormSet) -> list[str]:
    of_rows: list[Any] = [text for row in rows.forms for texts in row.errors.values() for text in texts]
    return [str(text) for text in [*form.errors.get("value_field", []), *of_rows, *rows.non_form_errors()]]


@admin.register(DemotionCandidate)
class DemotionCandidateAdmin(CustomerLink, EvidenceAdmin):
    """Who is below his tier, since when, and where he would move once the days of grace are over."""

    list_display = ("since", "who", "tier_now", "would_move_to", "connection")
    list_filter = ("connection", "tier")
    list_select_related = ("customer__tier", "tier", "connection")
    fields = ("who", "tier_now", "would_move_to", "since", "connection")
    readonly_fields = ("who", "tier_now", "would_move_to")

    @admin.display(description=_("tier now"))
    def tier_now(self, row: DemotionCandidate) -> str:
        return str(row.customer.tier or "-")

    @admin.display(description=_("would move to"))
    def would_move_to(self, row: DemotionCandidate) -> str:
        return str(row.tier or _("no tier"))
