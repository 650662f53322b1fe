"""The one middleware of the servers that ours is measured against: without a length gunicorn answers in chunks."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def content_length(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Django's CommonMiddleware would say it too, and cost more."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Content-Length"] = str(len(response.content))
        return response

    return answer
