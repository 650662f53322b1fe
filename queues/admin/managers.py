"""Account managers: reached directly by their own customers."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.long_forms import FOLD
from contactcenter.foundation.naming import NamedAdmin
from queues import presence
from queues.models import AccountManager


class ManagerList(ChangeList):
    """Knows whether this person may say who is there."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        for manager in self.result_list:
            manager.may_change = self.model_admin.has_change_permission(request, manager)


@admin.register(AccountManager)
class AccountManagerAdmin(NamedAdmin):
    """An account manager. One click in the list says that he is there or away, and holds at once."""

    about = _("An account manager is reached directly by his own customers, with a queue behind him when he is away.")
    list_display = ("name", "now", "set_presence", "phone_system", "address", "calendar")
    list_filter = ("is_present", "phone_system", "calendar")
    list_select_related = ("phone_system", "calendar")
    search_fields = ("name", "slug", "address")
    search_help_text = _("Part of a name, a short name or an extension")
    fieldsets = (
        (None, {"fields": ("name",)}),
        (_("How callers reach him"), {"fields": ("phone_system", "address", "answer_timeout_s", "calendar")}),
        (_("Is he there?"), {"fields": ("now", "is_present", "present_until")}),
        (_("For engineers"), {"fields": ("slug",), "classes": (FOLD,)}),
    )
    readonly_fields = ("now",)

    def get_queryset(self, request: HttpRequest) -> Any:
        hours = ("calendar__hours", "calendar__exceptions")
        return super().get_queryset(request).select_related("calendar").prefetch_related(*hours)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ManagerList

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/presence/", wrap(self.presence_view), name="queues_accountmanager_presence"),
            *super().get_urls(),
        ]

    @admin.display(description=_("now"))
    def now(self, manager: AccountManager) -> str:
        return presence.in_words(manager, timezone.now()) if manager.pk else "-"

    @admin.display(description=_("at once"))
    def set_presence(self, manager: Any) -> str | SafeString:
        """A button of the list's own form, with its token."""
        if not manager.may_change:
            return ""
        there = manager.is_there(timezone.now())
        return format_html(
            '<button type="submit" class="button" formaction="{}" formnovalidate>{}</button>',
            reverse("admin:queues_accountmanager_presence", args=[manager.pk]),
            gettext("Set away") if there else gettext("Set available"),
        )

    def presence_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The other way round, until somebody changes it."""
        manager = get_object_or_404(AccountManager, pk=pk)
        if not self.has_change_permission(request, manager):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        available = presence.toggle(manager)
        words = gettext("%(name)s is available from now on.") if available else gettext("%(name)s is away from now on.")
        messages.success(request, words % {"name": manager})
        return HttpResponseRedirect(reverse("admin:queues_accountmanager_changelist"))
