"""`PUT /api/v1/queues/<slug>/stats` on the portal: a phone system says how its queue is doing."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from contactcenter.foundation import limits
from contactcenter.foundation.problems import problem
from queues.models import Queue, QueueState
from routing.api.keyed_view import KeyedView, key_that

MOST = 1_000_000
AHEAD = timedelta(seconds=60)
"""How far a phone system's clock may run ahead of ours."""


class StatisticsSchema(serializers.Serializer[dict[str, Any]]):
    """What a phone system knows of one queue at one moment. What it does not know is left out."""

    as_of = serializers.DateTimeField(help_text="When this was true, with a time zone.")
    waiting = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    waiting_by_class = serializers.DictField(child=serializers.IntegerField(min_value=0), required=False)
    longest_wait_s = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    estimated_wait_s = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    agents_logged_in = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    agents_idle = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    aht_s = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    agent_group = serializers.CharField(max_length=50, required=False)

    def validate_as_of(self, value: Any) -> Any:
        if value > timezone.now() + AHEAD:
            raise serializers.ValidationError("This lies in the future.")
        return value


class TakenSchema(serializers.Serializer[dict[str, Any]]):
    """Whether this was taken: false when something newer is known already."""

    taken = serializers.BooleanField()


class QueueStatisticsView(KeyedView):
    """The newest statistics of a queue win, in whatever order they arrive; the same ones twice change nothing."""

    def put(self, request: Request, slug: str) -> HttpResponse:
        key = key_that(request._request, may_report=True)
        if key is None:
            return problem(401, "unauthorized", "The key is missing, unknown, expired or not allowed from here.")
        if refused := limits.refusal(f"key:{key.pk}"):
            return refused
        queue = Queue.objects.filter(slug=slug).first()
        if queue is None:
            return problem(404, "unknown_queue", "There is no queue of this short name.")
        said = StatisticsSchema(data=request.data)
        if not said.is_valid():
            field, (first, *_rest) = next(iter(said.errors.items()))
            return problem(400, "invalid_field", str(first), field)
        return JsonResponse({"taken": keep_newest(queue, dict(said.validated_data))})


def keep_newest(queue: Queue, numbers: dict[str, Any]) -> bool:
    """Store what was said unless something newer is stored; the couriers carry it to every decide host."""
    as_of = numbers.pop("as_of")
    with transaction.atomic():
        Queue.objects.select_for_update().get(pk=queue.pk)  # two reports of one queue, one after the other
        stored = QueueState.objects.filter(queue=queue).first() or QueueState(queue=queue, as_of=as_of)
        if stored.pk is not None and stored.as_of >= as_of:
            return False
        stored.statistics, stored.as_of = numbers, as_of
        stored.save()
    return True
