"""Who needs a second factor, and the way to it before anything else is opened."""

from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from contactcenter.accounts.models import User

EVERYONE = "everyone"
OPEN_WITHOUT = ("mfa_", "account_", "logout", "jsi18n", "set_language")
"""Pages by which a second factor is set up, or the portal left."""


class TwoFactorsMiddleware:
    """Whoever needs a second factor and has none is sent to set one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        if not settings.REQUIRE_TWO_FACTORS or not request.user.is_authenticated:
            return None
        match = request.resolver_match
        if match and (match.url_name or "").startswith(OPEN_WITHOUT):
            return None
        if not lacks_one(request):
            return None
        messages.warning(request, _("Your role needs a second factor. Set it up now: it takes a minute."))
        return redirect("mfa_activate_totp")


def lacks_one(request: HttpRequest) -> bool:
    """Whether this person needs a second factor and has none. The company's own login answers for its own."""
    person = request.user
    if not isinstance(person, User) or not is_required(person):
        return False
    records = get_authentication_records(request, person)
    by_company = bool(records) and records[-1].get("method") == "socialaccount"
    return not by_company and not Authenticator.objects.filter(user=person).exists()


def is_required(person: User) -> bool:
    """By REQUIRE_TWO_FACTORS; a superuser may do everything, so whatever any role needs he needs, too."""
    required = settings.REQUIRE_TWO_FACTORS
    if EVERYONE in required or (required and person.is_superuser):
        return True
    return person.groups.filter(name__in=required).exists()
