"""`POST /api/v1/crm/<uuid>/events` on the portal: a CRM says that customers have changed."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.views import APIView

from contactcenter.foundation import limits
from contactcenter.foundation.logs import logger
from contactcenter.foundation.problems import Malformed, problem
from customers.models import CrmPush
from customers.push import receiving
from customers.push.schemes import Delivery

LARGEST_BODY = 1_048_576
JSON = "application/json"

log = logger(__name__)


class AcceptedSchema(serializers.Serializer[dict[str, Any]]):
    """How many events named a customer; a repetition counts, and is applied once."""

    accepted = serializers.IntegerField()


class CrmEventsView(APIView):
    """Verified on the raw bytes, put down, 202. The records are read again by a worker."""

    authentication_classes = ()
    permission_classes = ()

    def handle_exception(self, exc: Exception) -> Any:
        """A wrong method, or an event that is not well-formed, as a problem."""
        if isinstance(exc, MethodNotAllowed):
            return problem(405, "method_not_allowed", "This address takes POST.")
        if isinstance(exc, Malformed):
            return problem(exc.status, exc.code, exc.detail, exc.field)
        return super().handle_exception(exc)

    def post(self, request: Request, uuid: UUID) -> HttpResponse:
        now = timezone.now()
        delivery = _read(request._request)
        push = CrmPush.objects.select_related("connection").filter(uuid=uuid).first()
        if push is None or not _is_open(push) or not receiving.is_proven(push, delivery, now):
            log.info("crm_push_refused", push=str(push.pk) if push else "unknown")
            return problem(403, "refused", "The request is refused.")
        # Only what is proven counts: a stranger must not use up the CRM's share.
        if refused := limits.refusal(f"crm:{push.connection_id}"):
            return refused
        if request._request.content_type != JSON:
            return problem(415, "not_json", f"The content type is not {JSON}.")
        return JsonResponse({"accepted": receiving.put_down(push, delivery, now)}, status=202)


def _is_open(push: CrmPush) -> bool:
    return push.is_enabled and push.connection.is_enabled


def _read(http: HttpRequest) -> Delivery:
    """The request as it came. Raises Malformed before more than a megabyte of it has been read."""
    body = http.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise Malformed("too_large", f"The body is larger than {LARGEST_BODY} bytes.", status=413)
    headers = {name.lower(): value for name, value in http.headers.items()}
    return Delivery(http.build_absolute_uri(), body, headers)
