"""Sync runs: how far they are, what they would do and did. Nobody edits them; people cancel, resume and decide."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from contactcenter.foundation.admin import EvidenceAdmin
from customers import runs, sync
from customers.admin import run_progress
from customers.admin.connections import RUN_SYNC
from customers.models import CrmConnection, SyncRun

APPROVE = "customers.approve_syncrun"


@admin.register(SyncRun)
class SyncRunAdmin(EvidenceAdmin):
    """One reading of a CRM, live while it lasts, with what it would alter and who let it."""

    change_form_template = "admin/customers/syncrun/change_form.html"
    list_display = ("__str__", "state", "created_at", "finished_at", "read", "created", "changed", "rejected")
    list_filter = ("state", "connection")
    list_select_related = ("connection",)
    readonly_fields = ("started",)
    fieldsets = (
        (None, {"fields": ("connection", "started", "is_dry", "created_at", "finished_at")}),
        (_("Decision"), {"fields": ("decided_by", "decided_at", "decision_reason")}),
        (
            _("For the engineer"),
            {
                "classes": ("collapse",),
                "fields": (
                    *("phase", "since", "upper_bound", "page_no", "cursor", "applied_key"),
                    *("heartbeat_at", "not_before", "failures", "restarts", "expected", "is_complete"),
                ),
            },
        ),
    )

    class Media:
        js = (forms.Script("portal/run-progress.js", defer=True),)
        css = {"all": ("portal/live.css",)}

    def get_urls(self) -> list[URLPattern]:
        def page(view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"customers_syncrun_{name}")

        return [
            page(require_GET(self.progress_view), "progress"),
            page(require_POST(self.cancel_view), "cancel"),
            page(require_POST(self.resume_view), "resume"),
            page(require_POST(partial(self.decision_view, runs.approve)), "approve"),
            page(require_POST(partial(self.decision_view, runs.decline)), "decline"),
            page(require_POST(self.preview_view), "preview"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        run = self.get_object(request, object_id)
        shown = self._shown(request, run) if isinstance(run, SyncRun) else {}
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def _shown(self, request: HttpRequest, run: SyncRun) -> dict[str, Any]:
        now = run_progress.progress(run, timezone.now())
        names = run_progress.FIGURES
        may_run = request.user.has_perm(RUN_SYNC)
        return {
            "progress": now,
            "figures": [(name, label_for_field(name, SyncRun, self), now["figures"][name]) for name in names],
            "planned": run_progress.planned(run),
            "guards": list(run_progress.guards(run)),
            "may_cancel": may_run and not now["finished"] and run.state != SyncRun.State.HELD,
            "may_resume": may_run and runs.is_resumable(run),
            "is_held": run.state == SyncRun.State.HELD,
            "may_decide": run.state == SyncRun.State.HELD and request.user.has_perm(APPROVE),
        }

    @admin.display(description=_("started by"))
    def started(self, run: SyncRun) -> str:
        return f"{run.get_trigger_display()} ({run.started_by})" if run.started_by else run.get_trigger_display()

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The run as it stands, for the page that watches it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return JsonResponse(run_progress.progress(get_object_or_404(SyncRun, pk=pk), timezone.now()))

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End the run at once."""
        run = _run(request, pk, RUN_SYNC)
        if runs.cancel(run):
            messages.success(request, gettext("The sync is cancelled."))
        else:
            messages.info(request, gettext("This sync has ended already."))
        return _to(run)

    def resume_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Go on where the run had come to."""
        run = _run(request, pk, RUN_SYNC)
        try:
            runs.resume(run)
            sync.wake(run.pk)
            messages.success(request, gettext("The sync goes on where it had come to."))
        except runs.NotPossible as error:
            messages.warning(request, str(error))
        return _to(run)

    def decision_view(
        self, decide: Callable[[SyncRun, int | None, str], None], request: HttpRequest, pk: int
    ) -> HttpResponse:
        """Apply exactly what the run shows, or nothing of it; never without a reason."""
        run = _run(request, pk, APPROVE)
        reason = " ".join(request.POST.get("reason", "").split())
        if not reason:
            messages.error(request, gettext("Write a reason, for whoever asks later."))
            return _to(run)
        try:
            decide(run, request.user.pk, reason)
            sync.wake(run.pk)
            messages.success(request, gettext("Your decision is noted."))
        except runs.NotPossible as error:
            messages.warning(request, str(error))
        return _to(run)

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Read the CRM of connection `pk` now, and show what would change without changing it."""
        if not request.user.has_perm(RUN_SYNC):
            raise PermissionDenied
        connection = get_object_or_404(CrmConnection, pk=pk)
        try:
            return _to(sync.start(connection, SyncRun.Trigger.MANUAL, request.user.pk, is_dry=True))
        except sync.CannotStart as error:
            messages.warning(request, str(error))
        return HttpResponseRedirect(reverse("admin:customers_crmconnection_change", args=[pk]))


def _run(request: HttpRequest, pk: int, permission: str) -> SyncRun:
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return get_object_or_404(SyncRun, pk=pk)


def _to(run: SyncRun) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:customers_syncrun_change", args=[run.pk]))
