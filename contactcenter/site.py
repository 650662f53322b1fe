"""The portal's admin site: a menu grouped as a supervisor thinks, and a home page that says how things stand."""

from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from contactcenter import home, kept_forms
from contactcenter.audit.story import rows_of, savers
from contactcenter.audit.wording import Words
from contactcenter.menu import menu


class PortalSite(admin.AdminSite):
    """Django's admin, arranged for people who run a contact centre."""

    site_header = _("Priority routing")
    site_title = _("Priority routing")
    index_title = _("Home")
    site_url = None
    enable_nav_sidebar = True

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Any page: a form from somebody whose login has run out waits in his browser."""
        page = super().admin_view(view, cacheable)

        @wraps(page)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if kept_forms.needs_a_login(request):
                return kept_forms.logged_out(request)
            if kept_forms.is_anothers(request):
                return kept_forms.of_another(request)
            answer = page(request, *args, **kwargs)
            kept_forms.remember(request, answer)
            return answer

        return guarded

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The menu's groups, each with the models that this person may see."""
        seen = {
            model["model"]._meta.label: model
            for app in self._build_app_dict(request).values()
            for model in app["models"]
            if app_label in (None, model["model"]._meta.app_label)
        }
        return menu(request, seen, with_pages=app_label is None)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Home: how things stand."""
        return super().index(request, {"home": home.standing(request), **(extra_context or {})})

    def deleted_meanwhile(self, request: HttpRequest) -> TemplateResponse:
        """What was typed into the form of something that is gone."""
        return kept_forms.deleted_meanwhile(request)

    def words(self, request: HttpRequest) -> Words:
        """Values in the words of this person."""
        return Words(request.user)

    def savers(
        self, request: HttpRequest, page: admin.ModelAdmin, thing: Model, since: datetime
    ) -> list[tuple[str, datetime]]:
        """Who has saved `thing` or a row of its page since then, and when last."""
        return savers(thing, rows_of(page, request, thing), since)
