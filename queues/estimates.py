"""Estimated waits in the statistics of a queue, and how they compare with what callers waited in the end."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from queues import estimating
from queues.estimating import ESTIMATED, LATELY, REPORTED, Answered, Line, Quality
from queues.models import Queue, QueueState
from queues.models.estimates import ReportedWait, WaitEstimate

REMEMBERED = timedelta(hours=2)
"""Whoever waits longer is compared with nothing."""

HELD_FOR = timedelta(seconds=60)
"""So long after it was made an estimate is what a caller could have been told."""

LAST, FEWEST = 200, 10
"""Callers whose waits are kept of each queue, and without so many of whom nothing is said."""


@dataclass(frozen=True)
class Wait:
    """Somebody was answered in a queue at a moment, after so many seconds."""

    queue: str
    answered_at: datetime
    waited_s: float


def complete(queue: Queue, numbers: dict[str, Any], as_of: datetime) -> dict[str, Any]:
    """`numbers` of `queue` with `estimated_wait_s` and whose it is, `estimated_wait_origin`; remembered for comparison.

    The phone system's own figure stays. Nothing is added where too little is known.
    """
    seconds, origin = numbers.get("estimated_wait_s"), REPORTED
    if seconds is None:
        seconds, origin = _ours(queue, numbers, as_of), ESTIMATED
    if seconds is None:
        return numbers
    WaitEstimate.objects.filter(queue=queue.slug, at__lt=as_of - REMEMBERED).delete()
    WaitEstimate.objects.create(queue=queue.slug, at=as_of, seconds=seconds, origin=origin)
    return {**numbers, "estimated_wait_s": seconds, "estimated_wait_origin": origin}


def _ours(queue: Queue, numbers: dict[str, Any], as_of: datetime) -> int | None:
    own = Line(queue.slug, queue.priority_class, as_of, numbers)
    others = _same_agents(queue, numbers.get("agent_group"))
    classes = {line.queue: line.priority_class for line in (own, *others)}
    answered = ReportedWait.objects.filter(
        queue__in=classes, answered_at__gt=as_of - LATELY, answered_at__lte=as_of
    ).values_list("answered_at", "waited_s", "queue")
    return estimating.estimated_wait_s(own, others, [Answered(at, wait, classes[slug]) for at, wait, slug in answered])


def _same_agents(queue: Queue, group: str | None) -> list[Line]:
    """The other queues whose phone system names the same agents."""
    if not group:
        return []
    states = QueueState.objects.filter(statistics__agent_group=group).exclude(queue=queue).select_related("queue")
    return [Line(each.queue.slug, each.queue.priority_class, each.as_of, each.statistics) for each in states]


def note(waits: Iterable[Wait]) -> None:
    """Compare reported waits with what was estimated when those callers came in. The same one twice counts once.

    Those in queues that nobody knows are left aside.
    """
    by_queue: dict[str, list[Wait]] = defaultdict(list)
    for wait in waits:
        by_queue[wait.queue].append(wait)
    for queue in sorted(Queue.objects.filter(slug__in=by_queue).values_list("slug", flat=True)):
        found = by_queue[queue]
        ReportedWait.objects.bulk_create(_compared(queue, found), ignore_conflicts=True)
        _forget_all_but_the_last(queue)


def _compared(queue: str, waits: Sequence[Wait]) -> list[ReportedWait]:
    entered = [wait.answered_at - timedelta(seconds=wait.waited_s) for wait in waits]
    made = list(
        WaitEstimate.objects.filter(queue=queue, at__gte=min(entered) - HELD_FOR, at__lte=max(entered)).order_by("at")
    )
    moments = [each.at for each in made]
    rows = []
    for wait, moment in zip(waits, entered, strict=True):
        place = bisect_right(moments, moment) - 1
        told = made[place] if place >= 0 and moment - moments[place] <= HELD_FOR else None
        rows.append(
            ReportedWait(
                queue=queue,
                answered_at=wait.answered_at,
                waited_s=wait.waited_s,
                estimated_s=told.seconds if told else None,
                origin=told.origin if told else "",
            )
        )
    return rows


def _forget_all_but_the_last(queue: str) -> None:
    kept = ReportedWait.objects.filter(queue=queue).order_by("-answered_at")
    if oldest := kept.values_list("answered_at", flat=True)[LAST - 1 : LAST].first():
        ReportedWait.objects.filter(queue=queue, answered_at__lt=oldest).delete()


def words(queue: Queue) -> str:
    """How good the estimates for the last callers were, for people."""
    compared = ReportedWait.objects.filter(queue=queue.slug, estimated_s__isnull=False).order_by("-answered_at")
    pairs: dict[str, list[tuple[float, float]]] = {REPORTED: [], ESTIMATED: []}
    for origin, estimated_s, waited_s in compared.values_list("origin", "estimated_s", "waited_s")[:LAST]:
        pairs[origin].append((estimated_s or 0, waited_s))
    said = [
        _quality(origin, found)
        for origin, each in pairs.items()
        if len(each) >= FEWEST and (found := estimating.quality(each))
    ]
    return " ".join(said) or _("Not known yet: too few waits were reported that an estimate could be compared with.")


def _quality(origin: str, found: Quality) -> str:
    if origin == ESTIMATED:
        off = _("Our estimate was off by %(error)s s or less for half of the last %(count)s callers.")
    else:
        off = _(
            "The phone system's own estimate was off by %(error)s s or less for half of the last %(count)s callers."
        )
    figures = {
        "error": round(found.median_error_s),
        "count": found.count,
        "too_long": round(found.too_long * 100),
    }
    return " ".join((off, _("It was too long for %(too_long)s %% of them."))) % figures
