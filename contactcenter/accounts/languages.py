"""The language of a person: kept with the login, else in the browser's cookie, else as the browser asks."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_POST
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language

from contactcenter.accounts.models import User


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Show the portal in another language from now on, to this browser and wherever this person logs in."""
    answer: HttpResponse = set_language(request)
    chosen = request.POST.get(LANGUAGE_QUERY_PARAMETER, "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return answer


class PersonsLanguage:
    """Middleware: pages are in the language that the person who is logged in has chosen."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and (language := getattr(request.user, "language", "")):
            translation.activate(language)
            request.LANGUAGE_CODE = language
        return self.get_response(request)
