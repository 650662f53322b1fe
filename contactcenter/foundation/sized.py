"""A page that takes a file looks at its size first, and says in words that it is too large."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

PIECE = 1024 * 1024


def sized(view: Any, too_large: Any, largest: Callable[[], int]) -> Any:
    """The view, protected as usual, once its request is known to be of a size that we read: `largest()` bytes."""

    def looked_at(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _is_too_large(request, largest()):
            while request.read(PIECE):  # a browser shows no answer before it has sent everything
                pass
            answer: HttpResponse = too_large(request, *args, **kwargs)
            return answer
        answered: HttpResponse = csrf_protect(view)(request, *args, **kwargs)
        return answered

    # Django would read the body before us to look for the token; csrf_protect looks for it after us.
    return csrf_exempt(looked_at)


def _is_too_large(request: HttpRequest, largest: int) -> bool:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length) > largest + PIECE:
        return True
    try:
        request.POST  # noqa: B018 - read here, where its size can be answered with words
    except RequestDataTooBig:
        return True
    return False
