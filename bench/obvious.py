"""The version one would write first: a DRF serializer, ORM look-ups, conditions in a loop, an ORM insert.

It uses our own tables. What it may be given for nothing, it is given: no middleware, kept connections, and the
branches in memory.
"""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.urls import path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bench import contact_centre
from customers.models import Customer, Handle
from routing.models import ApiKey, Decision

RELEASE = contact_centre.document()
HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda seen, wanted: seen == wanted,
    "is_one_of": lambda seen, wanted: seen in wanted,
    "at_least": lambda seen, wanted: seen >= wanted,
}


class Asking:
    """Stands for DRF's user: whoever holds the key."""

    is_authenticated = True


class KeyAuthentication(BaseAuthentication):
    """A bearer key, found by its hash."""

    def authenticate(self, request: Request) -> tuple[Asking, ApiKey]:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        sha256 = hashlib.sha256(bearer.encode()).hexdigest()
        try:
            key = ApiKey.objects.select_related("account").get(sha256=sha256, revoked_at=None, may_decide=True)
        except ApiKey.DoesNotExist as error:
            raise AuthenticationFailed from error
        return Asking(), key


class QuestionSerializer(serializers.Serializer[dict[str, Any]]):
    """One contact that asks where it goes."""

    call_id = serializers.CharField(max_length=128)
    to = serializers.CharField(max_length=64)
    channel = serializers.ChoiceField(["voice", "sms", "whatsapp"], default="voice")
    attempt = serializers.IntegerField(min_value=0, max_value=99, default=0)

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of the language, `context` one of DRF's."""
        return super().get_fields() | {
            "from": serializers.CharField(max_length=64, allow_blank=True, default=""),
            "context": serializers.DictField(default=dict),
        }


class ObviousView(APIView):
    """Where does this contact go?"""

    authentication_classes = [KeyAuthentication]
    permission_classes = [IsAuthenticated]

    def post(self, request: Request) -> Response:
        serializer = QuestionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        flow = RELEASE["flows"][RELEASE["numbers"][f"{asked['channel']}:{asked['to']}"]["flow"]]
        variables = known_of(asked["from"])
        branch = next((each for each in flow["branches"] if takes(each["conditions"], variables)), None)
        queue = branch["queue"] if branch else flow["last_path"]
        answer = answer_of(asked, branch, queue, variables)
        key: Any = request.auth
        record(asked, answer, str(key.account.uuid), variables)
        return Response(answer)


def known_of(caller: str) -> dict[str, Any]:
    """The customer behind the caller's number as variables; nothing for a stranger."""
    handle = Handle.objects.select_related("customer__tier").filter(kind="phone", value=caller).first()
    return _variables(handle.customer) if handle else {}


def _variables(customer: Customer) -> dict[str, Any]:
    names = ("purchases", "order_volume", "lifetime_value", "plan", "category", "language", "account_manager")
    variables = {f"customer.{name}": getattr(customer, name) for name in names}
    variables |= {f"customer.{key}": value for key, value in customer.attributes.items()}
    return variables | {"customer.tier": customer.tier.slug if customer.tier else None}


def takes(groups: list[list[Mapping[str, Any]]], variables: Mapping[str, Any]) -> bool:
    """Whether any group of conditions holds in full."""
    for group in groups:
        for condition in group:
            seen = variables.get(condition["variable"])
            if seen is None or not HOLDS[condition["operator"]](seen, condition["value"]):
                break
        else:
            return True
    return False


def answer_of(
    asked: Mapping[str, Any], branch: Mapping[str, Any] | None, queue: str, variables: Mapping[str, Any]
) -> dict[str, Any]:
    """A short answer: the identifiers, the queue and how to dial it."""
    system = RELEASE["phone_systems"][RELEASE["queues"][queue]["phone_system"]]
    extension = RELEASE["queues"][queue]["voice_address"]
    return {
        "decision_id": uuid.uuid4().hex,
        "call_id": asked["call_id"],
        "flow": "main",
        "branch": branch["slug"] if branch else "",
        "queue": queue,
        "sip_uri": f"sip:{extension}@{system['hosts'][0]}",
        "tier": variables.get("customer.tier") or "",
        "reason": "branch" if branch else "last_path",
    }


def record(asked: Mapping[str, Any], answer: dict[str, Any], account: str, variables: Mapping[str, Any]) -> None:
    """The decision, for whoever asks later why."""
    Decision.objects.create(
        decision_id=answer["decision_id"],
        account=account,
        call_id=asked["call_id"],
        channel=asked["channel"],
        number=asked["to"],
        caller=asked["from"],
        attempt=asked["attempt"],
        release=1,
        flow=answer["flow"],
        branch=answer["branch"],
        queue=answer["queue"],
        tier=answer["tier"],
        reason=answer["reason"],
        decided_at=timezone.now(),
        document={"answer": answer, "variables": dict(variables)},
    )


urlpatterns = [path("api/v1/decisions", ObviousView.as_view())]
