"""Sync runs: how far they are, what they did, what they set aside. Nobody edits them; they can be cancelled."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from contactcenter.foundation.admin import EvidenceAdmin
from customers import runs
from customers.admin.connections import RUN_SYNC
from customers.models import RejectedRow, SyncRun

FIGURES = ("read", "created", "changed", "unchanged", "rejected", "tier_changes")


@admin.register(SyncRun)
class SyncRunAdmin(EvidenceAdmin):
    """One reading of a CRM, live while it lasts."""

    change_form_template = "admin/customers/syncrun/change_form.html"
    list_display = ("__str__", "state", "created_at", "finished_at", "read", "created", "changed", "rejected")
    list_filter = ("state", "connection")
    list_select_related = ("connection",)
    readonly_fields = ("started",)
    fieldsets = (
        (None, {"fields": ("connection", "started", "created_at", "finished_at", "error")}),
        (
            _("For the engineer"),
            {
                "classes": ("collapse",),
                "fields": (
                    *("since", "upper_bound", "page_no", "cursor"),
                    *("heartbeat_at", "not_before", "failures", "expected"),
                ),
            },
        ),
    )

    class Media:
        js = (forms.Script("portal/run-progress.js", defer=True),)
        css = {"all": ("portal/live.css",)}

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/progress/", wrap(require_GET(self.progress_view)), name="customers_syncrun_progress"),
            path("<int:pk>/cancel/", wrap(require_POST(self.cancel_view)), name="customers_syncrun_cancel"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        run = self.get_object(request, object_id)
        shown: dict[str, Any] = {}
        if isinstance(run, SyncRun):
            now = progress(run, timezone.now())
            labels = [(name, label_for_field(name, SyncRun, self), now["figures"][name]) for name in FIGURES]
            may_cancel = not now["finished"] and request.user.has_perm(RUN_SYNC)
            shown = {"progress": now, "figures": labels, "may_cancel": may_cancel}
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    @admin.display(description=_("started by"))
    def started(self, run: SyncRun) -> str:
        return f"{run.get_trigger_display()} ({run.started_by})" if run.started_by else run.get_trigger_display()

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The run as it stands, for the page that watches it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return JsonResponse(progress(get_object_or_404(SyncRun, pk=pk), timezone.now()))

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the run to stop after the page it is at."""
        if not request.user.has_perm(RUN_SYNC):
            raise PermissionDenied
        run = get_object_or_404(SyncRun, pk=pk)
        if run.state in SyncRun.UNFINISHED:
            runs.cancel(run)
            messages.success(request, gettext("The sync stops after the page it is reading. What it wrote stays."))
        else:
            messages.info(request, gettext("This sync has ended already."))
        return HttpResponseRedirect(reverse("admin:customers_syncrun_change", args=[run.pk]))


def progress(run: SyncRun, now: datetime) -> dict[str, Any]:
    """How far `run` is, in words and figures ready to be shown; `share` is of the expected, 0 to 1."""
    finished = run.state not in SyncRun.UNFINISHED
    seconds = max(((run.finished_at or now) - run.created_at).total_seconds(), 1)
    return {
        "state": run.state,
        "words": _words(run),
        "finished": finished,
        "share": min(run.read / run.expected, 1) if run.expected else None,
        "rate": gettext("%(rate)s a second") % {"rate": number_format(round(run.read / seconds), use_l10n=True)},
        "figures": {name: number_format(getattr(run, name), use_l10n=True, force_grouping=True) for name in FIGURES},
    }


def _words(run: SyncRun) -> str:
    if run.cancel_requested and run.state in SyncRun.UNFINISHED:
        return gettext("Stopping after the page it is reading.")
    words = {
        SyncRun.State.QUEUED: gettext("Waiting to start. A worker takes it within seconds."),
        SyncRun.State.RUNNING: gettext("Running."),
        SyncRun.State.WAITING: gettext("Waiting for the CRM, which did not answer; it is asked again by itself."),
        SyncRun.State.SUCCEEDED: gettext("Succeeded."),
        SyncRun.State.PARTIAL: gettext("Succeeded, but some rows were set aside."),
        SyncRun.State.FAILED: gettext("Failed."),
        SyncRun.State.CANCELLED: gettext("Cancelled. What it wrote until then stays."),
    }
    return words[SyncRun.State(run.state)]


@admin.register(RejectedRow)
class RejectedRowAdmin(EvidenceAdmin):
    """The records of a CRM that could not be used: which one, which field, and why."""

    list_display = ("run", "external_id", "field", "reason", "page_no")
    list_display_links = ("external_id",)
    list_filter = ("field",)
    list_select_related = ("run__connection",)
    search_fields = ("external_id__exact",)
    search_help_text = _("The whole id in the CRM")
    fields = ("run", "external_id", "field", "reason", "page_no")
