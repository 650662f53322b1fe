"""`PUT /api/v1/queues/<slug>/stats` on the portal: a phone system says how its queue is doing."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from contactcenter.foundation.problems import problem
from queues import estimates
from queues.models import Queue, QueueState
from queues.priorities import FIRST_CLASS, LAST_CLASS
from routing.api.keyed_view import KeyedView
from routing.api.moments import Moment

MOST = 100_000
"""Callers or agents at once: more is a mistake."""

LONGEST_S = 7 * 24 * 3600
"""Nobody waits or talks for longer than a week."""

AHEAD = timedelta(seconds=60)
"""How far a phone system's clock may run ahead of ours."""


class Count(serializers.IntegerField):
    """How many callers, agents or seconds."""

    def __init__(self, *, most: int = MOST, **options: Any) -> None:
        super().__init__(min_value=0, max_value=most, **options)


class StatisticsSchema(serializers.Serializer[dict[str, Any]]):
    """What a phone system knows of one queue at one moment. What it does not know is left out."""

    as_of = Moment(help_text="When this was true, with a time zone.")
    waiting = Count(required=False)
    waiting_by_class = serializers.DictField(child=Count(), required=False)
    longest_wait_s = Count(most=LONGEST_S, required=False)
    estimated_wait_s = Count(most=LONGEST_S, required=False)
    agents_logged_in = Count(required=False)
    agents_idle = Count(required=False)
    aht_s = Count(most=LONGEST_S, required=False)
    agent_group = serializers.RegexField(r"^[A-Za-z0-9_.\- ]{1,50}\Z", required=False)

    def validate_as_of(self, value: Any) -> Any:
        if value > timezone.now() + AHEAD:
            raise serializers.ValidationError("This lies in the future.")
        return value

    def validate_waiting_by_class(self, value: dict[str, int]) -> dict[str, int]:
        if not value.keys() <= {str(each) for each in range(FIRST_CLASS, LAST_CLASS + 1)}:
            raise serializers.ValidationError(f"The classes are {FIRST_CLASS} to {LAST_CLASS}.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("agents_idle", 0) > attrs.get("agents_logged_in", MOST):
            raise serializers.ValidationError({"agents_idle": "There are more than are logged in."})
        return attrs


class TakenSchema(serializers.Serializer[dict[str, Any]]):
    """Whether this was taken: false when something newer is known already."""

    taken = serializers.BooleanField()


class QueueStatisticsView(KeyedView):
    """The newest statistics of a queue win, in whatever order they arrive; the same ones twice change nothing."""

    def put(self, request: Request, slug: str) -> HttpResponse:
        self.check_key(request, may_report=True)
        queue = Queue.objects.filter(slug=slug).first()
        if queue is None:
            return problem(404, "unknown_queue", "There is no queue of this short name.")
        return JsonResponse({"taken": keep_newest(queue, self.read(request, StatisticsSchema))})


def keep_newest(queue: Queue, numbers: dict[str, Any]) -> bool:
    """Store what was said unless something newer is stored; the couriers carry it to every decide host."""
    as_of = numbers.pop("as_of")
    with transaction.atomic():
        Queue.objects.select_for_update().get(pk=queue.pk)  # two reports of one queue, one after the other
        stored = QueueState.objects.filter(queue=queue).first() or QueueState(queue=queue, as_of=as_of)
        if stored.pk is not None and stored.as_of >= as_of:
            return False
        stored.statistics, stored.as_of = estimates.complete(queue, numbers, as_of), as_of
        stored.save()
    return True
