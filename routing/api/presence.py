"""`PUT /api/v1/managers/<slug>/presence` on the portal: whether an account manager can be rung."""

from datetime import UTC
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from contactcenter.foundation.problems import problem
from queues.models import AccountManager
from queues.presence import set_presence
from routing.api.keyed_view import KeyedView
from routing.api.moments import Moment

AVAILABLE, AWAY = "available", "away"


class PresenceSchema(serializers.Serializer[dict[str, Any]]):
    """Available or away; with `until` so long, then the other way round, else until it is changed."""

    presence = serializers.ChoiceField(
        choices=(AVAILABLE, AWAY), error_messages={"invalid_choice": f"This is neither {AVAILABLE} nor {AWAY}."}
    )
    until = Moment(required=False, help_text="Until when this holds, with a time zone.")

    def validate_until(self, value: Any) -> Any:
        if value <= timezone.now():
            raise serializers.ValidationError("This is over already.")
        return value


class PresenceView(KeyedView):
    """Says whether an account manager is there, in decisions within two seconds. Twice the same changes nothing."""

    def put(self, request: Request, slug: str) -> HttpResponse:
        self.check_key(request, may_set_presence=True)
        manager = AccountManager.objects.filter(slug=slug).first()
        if manager is None:
            return problem(404, "unknown_manager", "There is no account manager of this short name.")
        said = self.read(request, PresenceSchema)
        presence, until = said["presence"], said.get("until")
        set_presence(manager, presence == AVAILABLE, until, timezone.now())
        return JsonResponse({"presence": presence} | ({"until": until.astimezone(UTC).isoformat()} if until else {}))
