"""Releases: what was published, by whom, and how each differs from its neighbours."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from routing import planning, publishing
from routing.admin import pictures, plan_pages, publish_page, release_pages
from routing.admin.release_pages import PUBLISH, ROLL_BACK, page
from routing.differences import differences, grouped
from routing.document import render
from routing.models import Release

MOST_PICTURES = 10
"""So many flows of a release are drawn on its page."""


@admin.register(Release)
class ReleaseAdmin(admin.ModelAdmin):
    """What was published: to be read, never edited. New ones come from publishing and rolling back."""

    list_display = ("title", "is_live", "note", "published_at", "published_by", "contents_of")
    list_display_links = ("title",)
    list_per_page = 50
    sortable_by = ()
    actions = None
    change_list_template = "admin/routing/release/list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        """Whoever may publish or roll back may see what there is."""
        user = request.user
        return super().has_view_permission(request, obj) or user.has_perm(PUBLISH) or user.has_perm(ROLL_BACK)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        later = Release.objects.filter(number__gt=OuterRef("number"))
        releases = super().get_queryset(request).defer("document").select_related("published_by")
        same = Release.objects.filter(number=OuterRef("rolled_back_from"), sha256=OuterRef("sha256"))
        return releases.annotate(is_newest=~Exists(later), is_whole=Exists(same))

    def get_urls(self) -> list[URLPattern]:
        """Our pages come first: Django's own would take "publish" for the key of a release."""
        ours = (
            ("publish/", publish_page.publish, "publish"),
            ("plans/<int:pk>/cancel/", plan_pages.cancel, "cancel_plan"),
            ("<int:pk>/roll-back/", release_pages.roll_back, "roll_back"),
            ("<int:pk>/reset-draft/", release_pages.reset, "reset"),
        )
        within = self.admin_site.admin_view
        return [path(route, within(view), name=f"routing_release_{name}") for route, view, name in ours] + [
            *super().get_urls()
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        back = release_pages.way_back(request.user, publishing.live())
        plans = {
            "plans": planning.ahead().select_related("planned_by"),
            "may_publish": request.user.has_perm(PUBLISH),
            "back": back,
            "changed": release_pages.what_going_back_changes(back),
        }
        return super().changelist_view(request, {"title": _("Releases"), **plans, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One release: its note, what it changed, and how the draft differs from it."""
        release = self.get_object(request, object_id)
        if release is None:
            raise Http404(_("There is no such release."))
        if not self.has_view_permission(request, release):
            raise PermissionDenied
        document = publishing.contents(release) or {}
        before = Release.objects.filter(number__lt=release.number).first()
        context = {
            "title": str(release),
            "release": release,
            "is_live": release.is_newest,
            "before": before,
            "changed": grouped(differences(publishing.contents(before), document)),
            "draft": grouped(differences(document, render())),
            "pictures": [
                pictures.of_flow(request, document, flow) for flow in list(document.get("flows", ()))[:MOST_PICTURES]
            ],
            "may_publish": request.user.has_perm(PUBLISH),
            "may_roll_back": request.user.has_perm(ROLL_BACK) and not release.is_newest,
            "may_reset": release_pages.may_reset(request),
        }
        return page(request, "detail", context)

    @admin.display(description=_("release"), ordering="number")
    def title(self, release: Release) -> str:
        return str(release)

    @admin.display(description=_("live"), empty_value="")
    def is_live(self, release: Any) -> Any:
        return _("✓ live") if release.is_newest else None

    @admin.display(description=_("back to"))
    def contents_of(self, release: Any) -> Any:
        if not release.rolled_back_from:
            return ""
        words = _("Release %(number)s") if release.is_whole else _("Release %(number)s, in part")
        return words % {"number": release.rolled_back_from}
