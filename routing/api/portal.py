"""What the portal answers to machines: one decision with its explanation."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.views import APIView

from contactcenter.foundation.logs import mask
from routing.models import Decision


class MaySeeDecisions(BasePermission):
    """People who may look at decisions in the admin may read them here."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user.is_active and request.user.is_staff and request.user.has_perm("routing.view_decision"))


class DecisionSchema(ModelSerializer[Decision]):
    """A decision as it was recorded; the caller's number is masked."""

    class Meta:
        model = Decision
        exclude = ("id", "account")

    def to_representation(self, instance: Decision) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        return shown | {"caller": mask(instance.caller)}


class DecisionView(APIView):
    """One decision with everything needed to explain it."""

    authentication_classes = (SessionAuthentication,)
    permission_classes = (MaySeeDecisions,)
    serializer_class = DecisionSchema

    def get(self, request: Request, decision_id: str) -> Response:
        decision = get_object_or_404(Decision, decision_id=decision_id)
        return Response(DecisionSchema(decision).data)
