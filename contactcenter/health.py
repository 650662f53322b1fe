"""`/livez`, `/readyz` and `/metrics` of the portal."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from contactcenter import portal_metrics

DATABASE_ANSWERS_WITHIN_S = 2.0
_asking = ThreadPoolExecutor(1, "readyz")
_question: Future[bool] | None = None


def livez(_request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is looked at."""
    return HttpResponse(b"ok", content_type="text/plain")


def readyz(_request: HttpRequest) -> HttpResponse:
    """200 while the database answers within two seconds."""
    if not database_answers():
        return JsonResponse({"ready": False, "database": "unreachable"}, status=503)
    return JsonResponse({"ready": True})


def database_answers() -> bool:
    """Whether the database says anything within two seconds."""
    global _question
    if _question is None or _question.done():
        _question = _asking.submit(_database_answers)
    # A frozen database keeps a connection open and says nothing: one thread waits for it, and no request does.
    try:
        return _question.result(DATABASE_ANSWERS_WITHIN_S)
    except TimeoutError:
        return False


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    finally:
        connection.close()  # this thread's own: the next question also tries to connect
    return True


_REGISTRY = portal_metrics.registry(database_answers)


def metrics(_request: HttpRequest) -> HttpResponse:
    """Prometheus text of this process, and of what the database knows."""
    return HttpResponse(generate_latest(_REGISTRY), content_type=CONTENT_TYPE_LATEST)


PAGES = {"/livez": livez, "/readyz": readyz, "/metrics": metrics}


def answered_first(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware before all others: proxies and Prometheus ask by address, over plain HTTP, whoever may be a host."""

    def answer(request: HttpRequest) -> HttpResponse:
        return PAGES.get(request.path_info, get_response)(request)

    return answer
