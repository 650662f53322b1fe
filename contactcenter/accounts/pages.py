"""The portal's own pages on the way in: the login, and the links that let somebody in once."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import login as let_in
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from contactcenter.accounts import links, mail
from contactcenter.accounts.adapters import CAME_BY_LINK_AT
from contactcenter.accounts.forms import FirstPasswordForm
from contactcenter.accounts.models import AccessLink, User
from contactcenter.foundation.logs import logger

log = logger(__name__)

IN_SESSION = "access_link"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WITHOUT_NAMESPACE = ("account_", "mfa_", "socialaccount_", "openid_connect_", "use_link", "open_link")


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the admin's frame around the pages of this app, and what they must know."""
    match = request.resolver_match
    if not match or not (match.url_name or "").startswith(WITHOUT_NAMESPACE):
        return {}
    return {**admin.site.each_context(request), "mail_is_set_up": mail.is_set_up()}


def login(request: HttpRequest) -> HttpResponseBase:
    """The login; whoever is logged in without rights is told so instead of being sent round in a circle."""
    if request.user.is_authenticated and not admin.site.has_permission(request):
        return TemplateResponse(request, "account/no_access.html", status=403)
    answer: HttpResponseBase = account.login(request)
    return answer


logout = require_POST(account.logout)


def company(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of the company's login; words instead of a crash while that is down or answers nonsense."""

    @wraps(view)
    def said(request: HttpRequest, provider_id: str) -> HttpResponseBase:
        try:
            return view(request, provider_id)
        except (OSError, ValueError, KeyError) as error:  # what allauth asks the issuer with raises OSErrors
            log.warning("company_login_failed", error=type(error).__name__)
            return TemplateResponse(request, "socialaccount/authentication_error.html", status=503)

    return said


@never_cache
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Keep the token and go on without it in the address: addresses get into logs and other pages' headers."""
    request.session[IN_SESSION] = token
    return redirect("use_link")


@never_cache
@sensitive_post_parameters()
def use_link(request: HttpRequest) -> HttpResponse:
    """What the link is for: a first password, or straight in."""
    now = timezone.now()
    link = links.find(request.session.get(IN_SESSION, ""), now)
    if link is None:
        return TemplateResponse(request, "account/link_spent.html")
    form = None
    if link.purpose == AccessLink.Purpose.INVITATION:
        form = FirstPasswordForm(link.person, request.POST or None)
    if request.method == "POST" and (form is None or form.is_valid()):
        if not links.use_up(link, now):
            return TemplateResponse(request, "account/link_spent.html")
        if form:
            form.save()
        return _in(request, link)
    return TemplateResponse(request, "account/link.html", {"form": form, "person": link.person})


def _in(request: HttpRequest, link: AccessLink) -> HttpResponse:
    """Logged in, and noted. A break-glass link also stands in for a second factor that got lost."""
    del request.session[IN_SESSION]
    let_in(request, link.person, backend=BACKEND)
    request.session[CAME_BY_LINK_AT] = timezone.now().timestamp()
    if link.purpose == AccessLink.Purpose.BREAK_GLASS:
        log.warning("break_glass_used", person=link.person.pk)
    words = _("Logged in by the link: %(purpose)s.") % {"purpose": link.get_purpose_display()}
    person = User.objects.filter(pk=link.person.pk)
    LogEntry.objects.log_actions(link.person.pk, person, CHANGE, change_message=words, single_object=True)
    return redirect("admin:index")
