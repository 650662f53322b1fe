"""A form that cannot be saved now, through no fault of its sender: what he typed waits on a page of his browser.

His login has run out, or the thing was deleted meanwhile. Nothing of it is kept on our side; from that page it is
sent again, where a script fills in the token of a new login.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field


def needs_a_login(request: HttpRequest) -> bool:
    """Whether somebody who is not logged in has sent something that he would not like to type again."""
    is_out = not request.user.is_authenticated
    return is_out and request.method == "POST" and len(request.POST) > 1 and request.path != reverse("admin:logout")


def logged_out(request: HttpRequest) -> TemplateResponse:
    """The page of somebody whose login has run out."""
    return _page(request, _("You were logged out"), is_out=True)


def deleted_meanwhile(request: HttpRequest) -> TemplateResponse:
    """The page of somebody whose thing somebody else has deleted."""
    return _page(request, _("This was deleted meanwhile"), is_out=False)


def _page(request: HttpRequest, title: str, is_out: bool) -> TemplateResponse:
    sent = [(name, value) for name, values in request.POST.lists() if name != TOKEN for value in values]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": not is_out,
        "title": title,
        "is_out": is_out,
        "sent": sent,
        "has_files": bool(request.FILES),
        "address": request.get_full_path(),
    }
    return TemplateResponse(request, "admin/send_again.html", context)
