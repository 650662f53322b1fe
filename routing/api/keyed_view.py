"""What the portal's addresses for machines have in common: a key instead of a login, and problems instead of pages."""

from typing import Any

import orjson
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.exceptions import ErrorDetail, MethodNotAllowed, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from contactcenter.foundation import limits
from contactcenter.foundation.clients import client_address
from contactcenter.foundation.problems import problem
from routing import access, broadcast
from routing.keys import fingerprint
from routing.models import ApiKey

Said = Serializer[dict[str, Any]]


class AnyJSON(BaseParser):
    """The body is JSON whatever its content type, read as on the decide server."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError from error


class Refused(Exception):
    """Nothing was done; `answer` says why."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


class KeyedView(APIView):
    """Takes JSON from who has a key with the right scope."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = (AnyJSON,)

    def handle_exception(self, exc: Exception) -> Any:
        """A body that is not JSON, a wrong method, or whatever else was refused, as a problem."""
        if isinstance(exc, Refused):
            return exc.answer
        if isinstance(exc, ParseError):
            return problem(400, "invalid_json", "The body is not JSON.")
        if isinstance(exc, MethodNotAllowed):
            taken = ", ".join(method for method in self.allowed_methods if method != "OPTIONS")
            return problem(405, "method_not_allowed", f"This address takes {taken}.")
        return super().handle_exception(exc)

    def check_key(self, request: Request, **scope: bool) -> None:
        """Raises Refused without a key of this scope (`may_report=True`), or when it has asked too often."""
        key = _key_that(request._request, **scope)
        if key is None:
            detail = "The key is missing, unknown, expired or not allowed from here."
            raise Refused(problem(401, "unauthorized", detail))
        if refusal := limits.refusal(f"key:{key.pk}"):
            raise Refused(refusal)

    def read(self, request: Request, schema: type[Said]) -> dict[str, Any]:
        """The body's values as `schema` has them. Raises Refused, which names the first field that is wrong."""
        if not isinstance(request.data, dict):
            raise Refused(problem(400, "invalid_json", "The body is not a JSON object."))
        said = schema(data=request.data)
        if said.is_valid():
            return dict(said.validated_data)
        field, reason = _first(said.errors)
        if reason.code in ("required", "blank"):
            raise Refused(problem(400, "missing_field", f"{field} is required.", field))
        raise Refused(problem(400, "invalid_field", str(reason), field))


def _first(errors: Any) -> tuple[str, ErrorDetail]:
    """The field that is wrong first, and why; of a field with parts the part's reason."""
    field, reasons = next(iter(errors.items()))
    while isinstance(reasons, dict):
        reasons = next(iter(reasons.values()))
    return field, reasons[0]


def _key_that(http: HttpRequest, **scope: bool) -> ApiKey | None:
    """The key that the request bears, if it has this scope (`may_report=True`), from here, now."""
    scheme, _, bearer = http.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    alive = Q(revoked_at__isnull=True, **scope)
    key = ApiKey.objects.filter(alive, sha256=fingerprint(bearer.strip())).select_related("account").first()
    if scheme.lower() != "bearer" or key is None:
        return None
    # The same rules as on the decide server, by the same code.
    name = f"account:{key.account.uuid}"
    known = access.compile_access({name: broadcast.access_documents([name])[name] or {}})
    peer = client_address(
        http.META.get("REMOTE_ADDR", ""), http.META.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES
    )
    return key if known.key(bearer.strip(), peer, timezone.now()) is not None else None
