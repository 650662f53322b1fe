"""What the portal answers to machines: one decision with its explanation."""

from datetime import UTC
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import DateTimeField, ModelSerializer
from rest_framework.views import APIView

from contactcenter.foundation import limits
from contactcenter.foundation.problems import problem
from routing.masking import without
from routing.models import Decision


class MaySeeDecisions(BasePermission):
    """People who may look at decisions in the admin may read them here."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user.is_active and request.user.is_staff and request.user.has_perm("routing.view_decision"))


class DecisionSchema(ModelSerializer[Decision]):
    """A decision as it was recorded; every phone number but ours is masked."""

    class Meta:
        model = Decision
        exclude = ("id", "account")

    decided_at = DateTimeField(default_timezone=UTC)

    def to_representation(self, instance: Decision) -> dict[str, Any]:
        """The caller's number stands in several places, and is masked in each."""
        masked: dict[str, Any] = without(instance.caller, super().to_representation(instance))
        return masked | {"number": instance.number}


@method_decorator(never_cache, name="dispatch")
class DecisionView(APIView):
    """One decision with everything needed to explain it."""

    authentication_classes = (SessionAuthentication,)
    permission_classes = (MaySeeDecisions,)
    serializer_class = DecisionSchema

    def handle_exception(self, exc: Exception) -> Any:
        """Nobody is logged in, may not see decisions, or there is no such decision: as a problem."""
        match exc:
            case NotAuthenticated() | PermissionDenied():
                return problem(403, "not_permitted", "Log in to the portal as somebody who may view decisions.")
            case Http404():
                return problem(404, "unknown_decision", "There is no such decision, or it has not arrived yet.")
            case MethodNotAllowed():
                return problem(405, "method_not_allowed", "This address takes GET.")
        return super().handle_exception(exc)

    def get(self, request: Request, decision_id: str) -> HttpResponse:
        if refused := limits.refusal(f"user:{request.user.pk}"):
            return refused
        decision = get_object_or_404(Decision, decision_id=decision_id)
        return Response(DecisionSchema(decision).data)
