"""The report pages: how the contact centre did, whom it failed, and the settings of both."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from contactcenter.foundation.admin import EvidenceAdmin
from contactcenter.foundation.one_row import OneRowAdmin
from routing.admin.reports_csv import as_csv
from routing.admin.reports_failed import failed_page
from routing.admin.reports_forms import ReportForm
from routing.admin.reports_overview import overview
from routing.models import MonthlyMail, ReportInterval, ReportSettings

Page = Callable[[HttpRequest], HttpResponseBase]

VIEW = "routing.view_decision"
"""Who may see what was decided may see it counted."""


@admin.register(ReportInterval)
class ReportAdmin(EvidenceAdmin):
    """Not the rows, which are for machines: what they add up to."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm(VIEW))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        pages = {
            "": (self.overview_page, "routing_reportinterval_changelist"),
            "report.csv": (self.csv_page, "routing_report_csv"),
            "failed/": (self.failed_page, "routing_report_failed"),
        }
        return [
            path(address, self.admin_site.admin_view(require_GET(self._guarded(page))), name=name)
            for address, (page, name) in pages.items()
        ]

    def overview_page(self, request: HttpRequest) -> HttpResponse:
        """Figures, pictures and tables of a period."""
        form = ReportForm(request)
        shown = overview(form) if form.is_valid() else {}
        return self._page(request, "reports", {"title": _("Reports"), "form": form, **shown})

    def csv_page(self, request: HttpRequest) -> HttpResponseBase:
        """The same figures by day or hour, queue, tier and channel, for a spreadsheet."""
        form = ReportForm(request)
        if not form.is_valid():
            return self.overview_page(request)
        return as_csv(form, by_hour=request.GET.get("by") == "hour")

    def failed_page(self, request: HttpRequest) -> HttpResponse:
        """The VIPs we failed on one day, and why."""
        return self._page(request, "reports_failed", {"title": _("VIPs we failed, and why"), **failed_page(request)})

    def _guarded(self, page: Page) -> Page:
        def view(request: HttpRequest) -> HttpResponseBase:
            if not self.has_view_permission(request):
                raise PermissionDenied
            return page(request)

        return view

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> TemplateResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, f"admin/routing/{name}.html", frame | context)


class SettingsForm(forms.ModelForm):
    """Only people who may log in to the portal are offered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "users" in self.fields:
            offered: Any = self.fields["users"]
            offered.queryset = get_user_model().objects.filter(is_active=True, is_staff=True)


@admin.register(ReportSettings)
class ReportSettingsAdmin(OneRowAdmin):
    """How the figures are computed, who is a VIP, and who gets the monthly summary."""

    form = SettingsForm
    fieldsets = (
        (_("How figures are computed"), {"fields": ("formula", "short_abandon_s")}),
        (_("Whom we look after"), {"fields": ("vip_tier",)}),
        (_("Monthly summary by e-mail"), {"fields": ("users", "addresses", "language")}),
    )


@admin.register(MonthlyMail)
class MonthlyMailAdmin(EvidenceAdmin):
    """Who has got which summary, and what went wrong."""

    list_display = ("month", "address", "sent_at", "attempts", "error")
    fields = ("month", "address", "sent_at", "due_at", "attempts", "error")
