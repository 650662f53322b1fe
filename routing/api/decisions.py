"""`POST /api/v1/decisions`: a provider asks, in our own JSON, where one contact goes."""

from time import perf_counter
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.views import APIView

from contactcenter.foundation.clients import client_address
from contactcenter.foundation.problems import Malformed, problem
from routing import metrics
from routing.access import Key
from routing.api import formats
from routing.api.intake import LARGEST_BODY, read_question
from routing.decide import decide
from routing.plane import plane
from routing.providers import deadline_s

_REFUSED = problem(401, "unauthorized", "The key is missing, unknown, expired or not allowed from here.")


class HotView(APIView):
    """A DRF view, for the schema's sake, without what the decide server has no use for.

    It goes straight to `post` with Django's own request: making DRF's costs 6 % of the throughput.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Malformed requests and wrong methods as problems; everything else is a fault and stays one."""
        if request.method != "POST":
            return problem(405, "method_not_allowed", "This address takes POST.")
        try:
            return self.post(request)
        except Malformed as error:
            return problem(error.status, error.code, error.detail, error.field)

    def post(self, http: HttpRequest) -> HttpResponse:
        """The finished answer. Raises Malformed."""
        raise NotImplementedError


class DecisionsView(HotView):
    """Where does this contact go? Always 200 with a target once the key is good and the JSON well-formed."""

    def post(self, http: HttpRequest) -> HttpResponse:
        """The decision, in the shape asked for."""
        began = perf_counter()
        key = bearer_key(http)
        if key is None or not key.may_decide:
            return refused()
        contact, warnings = read_question(read_body(http), key.account.uuid)
        answer = decide(contact, plane(), deadline_s(key.account.dialect))
        answer["warnings"] += warnings
        body, content_type = formats.render(answer, _shape(http))
        metrics.decided(answer, perf_counter() - began)
        return HttpResponse(body, content_type=content_type, headers={"Content-Length": str(len(body))})


def refused() -> HttpResponse:
    """One constant answer for every kind of wrong key."""
    return HttpResponse(
        _REFUSED.content,
        status=401,
        content_type="application/problem+json",
        headers={"Content-Length": str(len(_REFUSED.content)), "WWW-Authenticate": "Bearer"},
    )


def _shape(http: HttpRequest) -> str:
    # `http.headers` and `http.GET` would be built of everything that was sent, for each call.
    wanted = http.GET.get("format", "") if http.META.get("QUERY_STRING") else ""
    return formats.chosen(wanted, http.META.get("HTTP_ACCEPT", ""))


def bearer_key(http: HttpRequest) -> Key | None:
    """The key of an `Authorization: Bearer` header, if it counts from this address now."""
    scheme, _, bearer = http.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not bearer:
        return None
    here = plane()
    return here.live.held.access.key(bearer.strip(), peer_of(http), here.clock.now())


def peer_of(http: HttpRequest) -> str:
    """The client's address, through trusted proxies."""
    return client_address(
        http.META.get("REMOTE_ADDR", ""), http.META.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES
    )


def read_body(http: HttpRequest, largest: int = LARGEST_BODY) -> bytes:
    """The raw body, never more than a byte beyond the limit; also when it comes in chunks."""
    if http.META.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
        raw: bytes = http.META["wsgi.input"].read(largest + 1)
        return raw
    length = http.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit() or int(length) > largest:
        raise Malformed("too_large", f"The body is larger than {largest} bytes.", status=413)
    return http.read(int(length))
