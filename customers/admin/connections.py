"""CRM connections: how a CRM is read, what its fields mean, when it is read, and “Sync now”."""

from typing import Any

import jmespath
import phonenumbers
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from contactcenter.foundation.admin import PortalInline
from contactcenter.foundation.naming import NamedAdmin
from contactcenter.foundation.stored_secrets import KeepsSecretAtHome, origin
from customers import schedule, sync
from customers.crm.targets import targets
from customers.models import AttributeDefinition, CrmConnection, ExternalIdentity, FieldMapping, SyncRun, TierMapping

RUN_SYNC = "customers.run_sync"
LAST_RUNS = 10


def jmespath_expression(text: str) -> None:
    """Refuses what is no JMESPath expression."""
    try:
        jmespath.compile(text)
    except (ValueError, RecursionError) as error:
        raise ValidationError(_("This is no JMESPath expression. A simple one: loyalty.status")) from error


class CrmConnectionForm(KeepsSecretAtHome, forms.ModelForm):
    """A connection; its token stays with the host it was typed for."""

    secret_field = "token"  # noqa: S105 - the name of a field

    class Meta:
        model = CrmConnection
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("records_path", "next_cursor_path", "count_path", "external_id_path"):
            if name in self.fields:
                self.fields[name].validators.append(jmespath_expression)

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if not origin(url):
            raise ValidationError(_("Write the whole address: https://crm.example.com/api/customers"))
        return url

    def clean_region(self) -> str:
        region: str = self.cleaned_data["region"].upper()
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValidationError(_("Use the two letters of a country, such as IT."))
        return region


class FieldMappingForm(forms.ModelForm):
    class Meta:
        model = FieldMapping
        fields = ("target", "expression", "is_required", "on_error")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["target"]
        self.fields["target"] = forms.ChoiceField(choices=_targets, label=field.label, help_text=field.help_text)
        self.fields["expression"].validators.append(jmespath_expression)


def _targets() -> list[tuple[str, Any]]:
    """The choices depend on the attributes that supervisors define, so they belong to the form."""
    return list(targets(AttributeDefinition.objects.values_list("key", "label")))


class FieldMappingInline(PortalInline):
    model = FieldMapping
    form = FieldMappingForm


class TierMappingInline(PortalInline):
    model = TierMapping


@admin.register(CrmConnection)
class CrmConnectionAdmin(NamedAdmin):
    """A CRM that is read every night."""

    form = CrmConnectionForm
    change_form_template = "admin/customers/crmconnection/change_form.html"
    list_display = ("name", "connector", "is_enabled", "nightly_at", "time_zone", "synced_until")
    search_fields = ("name", "slug")
    inlines = (FieldMappingInline, TierMappingInline)
    fieldsets = (
        (None, {"fields": ("name", "slug", "connector", "is_enabled")}),
        (_("When"), {"fields": (("nightly_at", "time_zone"),)}),
        (_("Where"), {"fields": ("url", "token")}),
        (
            _("How its pages are read"),
            {
                "fields": (
                    *("records_path", "next_cursor_path", "count_path", "cursor_param"),
                    *("page_size_param", "page_size", "updated_since_param"),
                )
            },
        ),
        (_("What a record is"), {"fields": ("external_id_path", "region", "unmapped_tier")}),
    )

    class Media:
        css = {"all": ("portal/live.css",)}

    def get_urls(self) -> list[URLPattern]:
        sync_now = self.admin_site.admin_view(require_POST(self.sync_view))
        return [path("<int:pk>/sync/", sync_now, name="customers_crmconnection_sync"), *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        connection = self.get_object(request, object_id) if object_id else None
        shown = {
            "may_sync": bool(connection and connection.is_enabled and request.user.has_perm(RUN_SYNC)),
            "runs": SyncRun.objects.filter(connection=connection)[:LAST_RUNS] if connection else [],
        }
        return super().changeform_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: CrmConnection, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        schedule.apply(obj)

    def delete_model(self, request: HttpRequest, obj: CrmConnection) -> None:
        schedule.remove(obj.pk)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for connection in queryset:
            schedule.remove(connection.pk)
        super().delete_queryset(request, queryset)

    def sync_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start reading this CRM now, unless it is being read."""
        if not request.user.has_perm(RUN_SYNC):
            raise PermissionDenied
        connection = get_object_or_404(CrmConnection, pk=pk)
        try:
            run = sync.start(connection, SyncRun.Trigger.MANUAL, request.user.pk)
        except sync.CannotStart as error:
            messages.warning(request, str(error))
            return HttpResponseRedirect(reverse("admin:customers_crmconnection_change", args=[pk]))
        return HttpResponseRedirect(reverse("admin:customers_syncrun_change", args=[run.pk]))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[str], list[str]]:
        # Never the stock list: a CRM knows a million customers.
        connections = list(objs)
        lacking = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        counts: dict[Any, int] = {self.opts.verbose_name_plural: len(connections)}
        for model in (ExternalIdentity, SyncRun):
            counts[model._meta.verbose_name_plural] = model._default_manager.filter(connection__in=connections).count()
        running = SyncRun.objects.filter(connection__in=connections, state__in=SyncRun.UNFINISHED)
        in_use = [gettext("the sync that is running: %(run)s") % {"run": run} for run in running]
        return [str(each) for each in connections], counts, lacking, in_use
