"""CRM connections: how a CRM is read, what its fields mean, when it is read, “Test connection” and “Sync now”."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from contactcenter.foundation.admin import PortalInline
from contactcenter.foundation.naming import NamedAdmin
from customers import schedule, sync
from customers.admin.connection_forms import OPTION, REFRESH_TOKEN, FieldMappingForm, form_for, options_of
from customers.admin.connection_trial import LONGEST_SAMPLE, TrialViews
from customers.admin.uploads import UploadViews
from customers.crm import CONNECTORS
from customers.crm.auth import AUTHS
from customers.models import CrmConnection, FieldMapping, SyncRun, TierMapping

RUN_SYNC = "customers.run_sync"
LAST_RUNS = 10
PAGING = (
    *("pagination", "records_path", "next_cursor_path", "count_path"),
    *("cursor_param", "page_size_param", "page_size", "updated_since_param"),
)

FOR_ENGINEERS = (_("For engineers"), {"fields": ("slug",), "classes": ("collapse",)})


class FieldMappingInline(PortalInline):
    model = FieldMapping
    form = FieldMappingForm


class TierMappingInline(PortalInline):
    model = TierMapping


@admin.register(CrmConnection)
class CrmConnectionAdmin(TrialViews, UploadViews, NamedAdmin):
    """A CRM that is read every night."""

    about = _(
        "A CRM connection reads your customers every night, so that callers are recognised while the CRM is away."
    )
    change_form_template = "admin/customers/crmconnection/change_form.html"
    list_display = ("name", "connector", "is_enabled", "nightly_at", "time_zone", "synced_until")
    list_filter = ("is_enabled", "connector")
    switched_off_by = "is_enabled"
    switching_off_means = _("It is read no more, neither at night nor now:")
    search_fields = ("name", "slug")
    inlines = (FieldMappingInline, TierMappingInline)

    class Media:
        js = (forms.Script("portal/mapping-preview.js", defer=True),)
        css = {"all": ("portal/live.css",)}

    def get_urls(self) -> list[URLPattern]:
        sync_now = self.admin_site.admin_view(require_POST(self.sync_view))
        return [
            path("<int:pk>/sync/", sync_now, name="customers_crmconnection_sync"),
            *self.trial_urls(),
            *self.upload_urls(),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """First the kind, then the form: each kind has fields of its own."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        kind = chosen_kind(request)
        if kind == "upload":
            return HttpResponseRedirect(reverse("admin:customers_crmconnection_upload"))
        if kind:
            return super().add_view(request, form_url, extra_context)
        kinds = [(name, connector.label, connector.about) for name, connector in CONNECTORS.items()]
        context = {**self.admin_site.each_context(request), "title": gettext("What do you want to connect?")}
        context |= {"opts": self.opts, "kinds": kinds, "carried": request.GET.urlencode()}
        return TemplateResponse(request, "admin/customers/crmconnection/choose_kind.html", context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs.setdefault("form", form_for(self._kind(request, obj)))
        return super().get_form(request, obj, change, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if db_field.name == "connector":
            kwargs["widget"] = forms.HiddenInput
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().get_changeform_initial_data(request), "connector": self._kind(request, None)}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        return (*super().get_readonly_fields(request, obj), *(("connector",) if obj else ()))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        kind = self._kind(request, obj)
        connector = CONNECTORS[kind]
        named = (None, {"fields": ("name", "connector", "is_enabled"), "description": connector.about})
        record = (_("What a record is"), {"fields": ("external_id_path", "region", "unmapped_tier")})
        if kind == "upload":
            return (named, record, FOR_ENGINEERS)
        own = [f"{OPTION}{option.name}" for option in connector.options]
        access = [f"{OPTION}{each.name}" for each in options_of(kind) if each not in connector.options]
        refresh = [REFRESH_TOKEN] if any(AUTHS[name].has_refresh_token for name in connector.auths) else []
        paging = [name for name in PAGING if name in connector.fields]
        return (
            named,
            (_("When"), {"fields": (("nightly_at", "time_zone"),)}),
            (_("Where"), {"fields": ("url", *own)}),
            (_("How we identify ourselves"), {"fields": ("auth", *access, "token", *refresh)}),
            *(
                [(_("How its pages are read"), {"fields": paging, "classes": () if obj is None else ("collapse",)})]
                if paging
                else []
            ),
            record,
            FOR_ENGINEERS,
        )

    def _kind(self, request: HttpRequest, obj: CrmConnection | None) -> str:
        return obj.connector if obj else chosen_kind(request) or "rest_json"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        connection = self.get_object(request, object_id) if object_id else None
        is_list = bool(connection and connection.connector == "upload")
        may_sync = bool(connection and connection.is_enabled and request.user.has_perm(RUN_SYNC))
        shown = {
            "may_sync": may_sync and not is_list,
            "may_upload": may_sync and is_list,
            "may_try": not is_list and request.user.has_perm("customers.change_crmconnection"),
            # Only shown when the form comes back because something in it is wrong.
            "sample": request.POST.get("sample", "")[:LONGEST_SAMPLE],
            "type_again": any(request.POST.get(name) for name in ("token", REFRESH_TOKEN)),
            "runs": SyncRun.objects.filter(connection=connection)[:LAST_RUNS] if connection else [],
        }
        return super().changeform_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: CrmConnection, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        form.keep_grants()
        if obj.connector != "upload":  # a list has no night of its own: it is read when it is handed in
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


def chosen_kind(request: HttpRequest) -> str:
    """The kind of CRM that somebody who adds one has chosen; "" before that."""
    kind = request.POST.get("connector") or request.GET.get("connector") or ""
    return kind if kind in CONNECTORS else ""
