"""A form that cannot be saved now, through no fault of its sender: what he typed waits on a page of his browser.

His login has run out, or the thing was deleted meanwhile. Nothing of it is kept on our side; from that page it is
sent again, where a script fills in the token of a new login. It is sent by nobody else: whoever logs in next at the
same desk finds the page, and would do in his own name what he has never read.
"""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
WHOSE = "whose_form"
"""The cookie, and the field of that page: a mark of whoever was logged in last. It says nothing of him."""


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


def is_anothers(request: HttpRequest) -> bool:
    """Whether what is sent waited on the page of another person."""
    # That page sends no files: whoever takes some looks at their size before anybody reads them.
    is_plain = request.content_type == "application/x-www-form-urlencoded"
    return is_plain and request.POST.get(WHOSE, _mark(request)) != _mark(request)


def of_another(request: HttpRequest) -> TemplateResponse:
    """The same page for whoever is not that person."""
    return _page(request, _("You are logged in as somebody else"), is_out=True, is_anothers=True)


def remember(request: HttpRequest, answer: HttpResponseBase) -> None:
    """Let the browser know whose forms it shows: when his login has run out, nothing else tells."""
    if request.user.is_authenticated and request.COOKIES.get(WHOSE) != (mark := _mark(request)):
        answer.set_cookie(WHOSE, mark, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax")


def _mark(request: HttpRequest) -> str:
    return salted_hmac(WHOSE, str(request.user.pk)).hexdigest()[:20]


def _page(request: HttpRequest, title: str, *, is_out: bool, is_anothers: bool = False) -> TemplateResponse:
    whose = request.POST.get(WHOSE) or request.COOKIES.get(WHOSE, "")
    sent = [(name, value) for name, values in request.POST.lists() if name not in (TOKEN, WHOSE) for value in values]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": not is_out,
        "title": title,
        "is_out": is_out,
        "is_anothers": is_anothers,
        "sent": [*sent, (WHOSE, whose)] if whose else sent,
        "has_files": bool(request.FILES),
        "address": request.get_full_path(),
    }
    return TemplateResponse(request, "admin/send_again.html", context)
